"""What to install where, in one sentence; nothing is ever installed by itself."""

import sys
from pathlib import Path

from qgis.core import QgsApplication


def own_folder():
    """A folder of the profile for packages that QGIS lacks; it is looked into last, so it shadows nothing."""
    tag = "py{}{}".format(*sys.version_info[:2])
    return Path(QgsApplication.qgisSettingsDirPath()) / "python" / "ecospatial_deps" / tag


def add_own_folder():
    """Append the folder to the path of this Python."""
    folder = str(own_folder())
    if Path(folder).is_dir() and folder not in sys.path:
        sys.path.append(folder)


def sentence(lacking):
    """Say what is missing and the one command that brings it.

    ``lacking`` is a list of (package, version found or None).
    """
    told = ", ".join(name if version is None else f"{name} (found {version})" for name, version in lacking)
    return f"ecospatial needs Python packages that this QGIS lacks: {told}. {remedy(lacking)}"


def remedy(lacking):
    """What to do on this system."""
    absent = [name for name, version in lacking if version is None]
    old = [name for name, version in lacking if version is not None]
    if sys.platform.startswith("win"):
        packages = " ".join(f"python3-{name}" for name in [*absent, *old])
        return f"Open the OSGeo4W Setup, choose the newest {packages}, and start QGIS again."
    if old:
        return (
            f"The system's own {' and '.join(old)} comes first and is too old: in a terminal, "
            f"sudo apt remove {debian_names(old)}, then start QGIS again; or use a newer QGIS."
        )
    if sys.platform == "darwin":
        python = Path(sys.prefix) / "bin" / "python3"
        return f'In a terminal: "{python}" -m pip install --no-deps --target "{own_folder()}" {" ".join(absent)}'
    release = system_release()
    if release.get("ID") == "debian" and release.get("VERSION_ID") == "12" and "shapely" in absent:
        absent.remove("shapely")
        first = f"sudo apt install {debian_names([*absent, 'pip'])}"
        own = f'python3 -m pip install --no-deps --target "{own_folder()}" "shapely>=2,<2.1"'
        return f"Debian 12's own Shapely is too old; in a terminal: {first} && {own}"
    if {"debian", "ubuntu"} & {release.get("ID"), *release.get("ID_LIKE", "").split()}:
        return f"In a terminal: sudo apt install {debian_names(absent)}"
    return f"Install these with the package manager of your system (in a terminal): {' '.join(absent)}."


def debian_names(names):
    """Names of Debian's packages."""
    return " ".join(f"python3-{name}" for name in names)


def system_release():
    """What /etc/os-release says."""
    release = Path("/etc/os-release")
    lines = release.read_text(encoding="utf-8").splitlines() if release.exists() else []
    return {key: value.strip('"') for key, _, value in (line.partition("=") for line in lines)}
