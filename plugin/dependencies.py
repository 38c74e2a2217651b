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
    names = [name for name, _ in lacking]
    told = ", ".join(name if version is None else f"{name} (found {version})" for name, version in lacking)
    return f"ecospatial needs Python packages that this QGIS lacks: {told}. {remedy(names)}"


def remedy(names):
    """The command for this system."""
    if sys.platform.startswith("win"):
        packages = " ".join(f"python3-{name}" for name in names)
        return f"Open the OSGeo4W Setup, choose {packages}, and start QGIS again."
    if sys.platform == "darwin":
        python = Path(sys.prefix) / "bin" / "python3"
        return f'In a terminal: "{python}" -m pip install --no-deps --target "{own_folder()}" {" ".join(names)}'
    if "shapely" in names and debian_release() == "12":
        return (
            f"Debian 12's own Shapely is too old; in a terminal: python3 -m pip install --no-deps --target "
            f'"{own_folder()}" "shapely>=2,<2.1"' + distribution([name for name in names if name != "shapely"])
        )
    return "In a terminal: sudo apt install " + " ".join(f"python3-{name}" for name in names)


def distribution(names):
    """The rest of the sentence for packages that the distribution has."""
    return " && sudo apt install " + " ".join(f"python3-{name}" for name in names) if names else ""


def debian_release():
    """The release number of Debian, or an empty text elsewhere."""
    release = Path("/etc/os-release")
    lines = release.read_text(encoding="utf-8").splitlines() if release.exists() else []
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    return values.get("VERSION_ID", "").strip('"') if values.get("ID") == "debian" else ""
