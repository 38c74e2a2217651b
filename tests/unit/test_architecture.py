"""The house: floors, rooms, and what the lower floors may import."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "ecospatial"

METHOD_ROOMS = ("efficiency", "productivity", "clusters", "drivers", "heterogeneity", "planning")
TOP = ("tools", "frozen", "cli", "tool_command", "demo", "study", "__main__")
CORE = {"numpy", "scipy", "pandas", "shapely"}
OPTIONAL = {
    *("geopandas", "pyogrio", "pyarrow", "libpysal", "esda", "spreg", "pulp", "highspy"),
    *("matplotlib", "folium", "branca", "jinja2", "openpyxl", "docx"),
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def rank(module: str) -> tuple[int, int]:
    """Floor, and within floor 3 the place in the row."""
    room = module.split(".")[0]
    if room == "__init__":
        return (1, 0)  # the package itself knows names, and imports none of them on its own
    if room in TOP:
        return (5, 0)
    if room == "present":
        return (4, 0)
    if room in METHOD_ROOMS:
        return (3, METHOD_ROOMS.index(room))
    if room in ("geo", "kernels"):
        return (2, ("kernels", "geo").index(room))
    return (1, 0)


def imports(path: Path) -> Iterator[tuple[str, bool, int]]:
    """Every import, nested ones included: target, whether at module level, line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = {id(node) for node in tree.body}
    package = ["ecospatial", *path.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in top, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            target = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{target}.{alias.name}"
                yield inner if is_module(inner) else target, id(node) in top, node.lineno


def is_module(dotted: str) -> bool:
    if not dotted.startswith("ecospatial."):
        return False
    path = ROOT / Path(*dotted.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def own_edges(module_level: bool) -> dict[str, set[str]]:
    graph: dict[str, set[str]] = {}
    for path in modules():
        found = graph.setdefault(name_of(path), set())
        for target, top, _ in imports(path):
            if target.startswith("ecospatial.") and (top or not module_level):
                found.add(target.removeprefix("ecospatial."))
    return graph


def test_imports_go_down_only() -> None:
    wrong = [
        f"{module} -> {target}"
        for module, targets in own_edges(module_level=False).items()
        for target in targets
        if rank(target) > rank(module)
    ]
    assert wrong == []


def test_kernels_import_only_floor_one_and_kernels() -> None:
    allowed = {"errors", "progress", "parallel"}
    for module, targets in own_edges(module_level=False).items():
        if module.startswith("kernels"):
            assert {t for t in targets if not t.startswith("kernels") and t not in allowed} == set(), module


def test_there_is_no_circle() -> None:
    graph = own_edges(module_level=False)
    state: dict[str, int] = {}

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert state.get(module) != 1, f"circle: {' -> '.join((*trail, module))}"
        if state.get(module) == 2:
            return
        state[module] = 1
        for target in sorted(graph.get(module, ())):
            visit(target, (*trail, module))
        state[module] = 2

    for module in sorted(graph):
        visit(module, ())


def test_other_packages_are_on_the_allow_list() -> None:
    known = set(sys.stdlib_module_names) | CORE | {"ecospatial", "__future__"}
    for path in modules():
        for target, top, line in imports(path):
            root = target.split(".")[0]
            if root in known:
                continue
            assert root in OPTIONAL, f"{path}:{line} imports {root}, which is not on the allow-list"
            assert not top, f"{path}:{line} imports {root} at module level; import it where it is needed"


@pytest.mark.parametrize("fake", ["from .present import report", "from ..present.report import report"])
def test_an_upward_import_would_be_seen(tmp_path: Path, fake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "ecospatial"
    (package / "clusters").mkdir(parents=True)
    (package / "present").mkdir()
    (package / "present" / "__init__.py").write_text("")
    (package / "present" / "report.py").write_text("report = 1\n")
    room = package if fake.startswith("from .present") else package / "clusters"
    (room / "thing.py").write_text(f"def work():\n    {fake}\n")
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", package)
    with pytest.raises(AssertionError):
        test_imports_go_down_only()


def test_room_inits_are_empty() -> None:
    for init in PACKAGE.glob("*/__init__.py"):
        assert init.read_text(encoding="utf-8").strip() == "", init


def test_public_names_agree_with_the_stub() -> None:
    import ecospatial

    stub = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))
    stubbed = {f"{node.module}:{alias.name}" for node in stub.body if isinstance(node, ast.ImportFrom)
               for alias in node.names}  # fmt: skip
    assert stubbed == {f"{place}:{name}" for name, place in ecospatial._PLACES.items()}
    for name in ecospatial.__all__:
        assert getattr(ecospatial, name) is not None


def test_every_tool_is_public() -> None:
    import ecospatial
    from ecospatial import tools

    for place in tools.TOOLS:
        module, _, name = place.partition(":")
        assert ecospatial._PLACES[name] == module


LOWER_FLOORS = """
import importlib, sys
from importlib.abc import MetaPathFinder

CORE = {core!r}

class Guard(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"blocked: {{name}}", name=name)
        return None

sys.meta_path.insert(0, Guard())
import numpy as np, pandas as pd, shapely
import ecospatial as es

for module in {modules!r}:
    importlib.import_module("ecospatial." + module)

rng = np.random.default_rng(1)
n = 25
boxes = [shapely.box(i % 5, i // 5, i % 5 + 1, i // 5 + 1) for i in range(n)]
ids = [f"c{{i}}" for i in range(n)]
frame = pd.DataFrame({{"unit": ids * 2, "period": np.repeat([2000, 2001], n)}})
for name in ("labour", "capital", "value", "so2", "x"):
    frame[name] = rng.uniform(1, 10, 2 * n)
geo = es.join(es.Panel.from_frame(frame, unit="unit", period="period"), es.Boundaries.from_source(
    importlib.import_module("ecospatial.source").Source(pd.DataFrame({{"unit": ids}}), np.array(boxes))))
efficiency = es.sbm(geo, ["labour", "capital"], ["value"], ["so2"])
radial = es.radial(geo, ["labour", "capital"], ["value"])
geo = geo.assign(efficiency=efficiency.scores)
es.moran(geo, "efficiency", "queen")
clusters = es.lisa(geo, "efficiency", "rook")
last = geo.where_periods([2001])
ols = es.ols(last, "efficiency", ["x"])
es.spatial_tests(ols, "queen")
models = [es.spatial_panel(last, "efficiency", ["x"], "queen", model=model) for model in ("lag", "error")]
table = es.compare([ols, *models])
table.store(sys.argv[1])
es.Result.load(sys.argv[1]).summary()
clusters.save(sys.argv[2])
for name in list(sys.modules):
    assert name.split(".")[0] not in {blocked!r}, name
"""


def test_floors_one_to_three_need_only_the_core(tmp_path: Path) -> None:
    lower = [name_of(path) for path in modules() if rank(name_of(path))[0] <= 3 and name_of(path) != "__init__"]
    blocked = sorted(OPTIONAL | {"pyproj", "fiona", "numba", "sklearn", "statsmodels", "linearmodels", "PIL"})
    script = textwrap.dedent(LOWER_FLOORS).format(core=sorted(CORE), blocked=blocked, modules=lower)
    command = [sys.executable, "-c", script, str(tmp_path / "a.eco"), str(tmp_path / "a.csv")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").count("\n") == 51


def test_import_is_cheap() -> None:
    script = "import sys; before = set(sys.modules); import ecospatial; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert loaded.isdisjoint(CORE | OPTIONAL)
