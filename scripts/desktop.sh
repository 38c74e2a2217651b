#!/usr/bin/env bash
# Open the real QGIS desktop on a virtual screen with the built plugin, run the LISA dialog, save screenshots.
#
#     scripts/desktop.sh [FOLDER]        (default: build/desktop)
#
# Needs qgis, xvfb, matchbox-window-manager and imagemagick; `make desktop` builds the plugin first.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$(realpath -m "${1:-build/desktop}")
python=${PYTHON:-.venv-test/bin/python}
rm -rf "$target"
mkdir -p "$target/profile/profiles/default/python/plugins" "$target/runtime"
chmod 700 "$target/runtime"
export XDG_RUNTIME_DIR="$target/runtime" QGIS_CUSTOM_CONFIG_PATH="$target/profile" DISPLAY=:97
export ECOSPATIAL_DESKTOP="$target"
export LANG="${LANG:-C.UTF-8}"

zip=$("$python" scripts/build_plugin.py)
"$python" -m zipfile -e "$zip" "$target/profile/profiles/default/python/plugins"
version=$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if ! /usr/bin/python3 -c 'import shapely, sys; sys.exit(shapely.__version__ < "2")' 2>/dev/null; then
    "$python" -m pip install --quiet --no-deps --only-binary=:all: --python-version "$version" \
        --target "$target/profile/profiles/default/python/ecospatial_deps/py${version/./}" 'shapely>=2,<2.1'
fi
"$python" scripts/desktop_layer.py "$target/states.gpkg"
QT_QPA_PLATFORM=offscreen "$(command -v qgis_process.bin || command -v qgis_process)" plugins enable ecospatial_qgis > /dev/null
printf '[locale]\noverrideFlag=true\nuserLocale=%s\n' "${ECOSPATIAL_LOCALE:-en_US}" >> "$target/profile/profiles/default/QGIS/QGIS3.ini"

Xvfb :97 -screen 0 1600x1000x24 > "$target/xvfb.log" 2>&1 &
screen=$!
trap 'kill $screen 2>/dev/null || true' EXIT
sleep 2
matchbox-window-manager -use_titlebar yes > /dev/null 2>&1 &
timeout 180 qgis --nologo --noversioncheck --code scripts/desktop_check.py > "$target/qgis.log" 2>&1 || true
test ! -e "$target/failure.txt" && test -s "$target/done.txt" || { echo "the desktop run did not finish; see $target/qgis.log"; exit 1; }
ls "$target"/*.png
