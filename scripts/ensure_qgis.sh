#!/usr/bin/env bash
# QGIS with what its tools need, through apt where this machine allows it; one sentence where it does not.
set -euo pipefail

packages=(qgis python3-qgis qgis-providers python3-scipy python3-pandas)

if command -v qgis_process > /dev/null; then
    present=yes
    for package in python3-scipy python3-pandas; do
        dpkg-query -W -f='${Status}' "$package" 2> /dev/null | grep -q 'install ok installed' || present=no
    done
    [ "$present" = yes ] && exit 0
fi
if ! command -v apt-get > /dev/null || [ "$(id -u)" != 0 ]; then
    echo "The plugin's tests need QGIS: sudo apt install ${packages[*]}" >&2
    exit 1
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" > /dev/null
