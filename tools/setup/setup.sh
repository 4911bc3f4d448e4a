#!/usr/bin/env bash
# Installs what a fresh Debian 12 lacks: the packages of packages.txt, and nothing else.
# Quick when they are all there. Needs root (or sudo).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

missing=()
while read -r package; do
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
    missing+=("$package")
done < packages.txt
# npm brings buildifier. Debian's own drags in hundreds of packages, so any npm will do.
command -v npm > /dev/null || missing+=(npm)
if ((${#missing[@]} == 0)); then exit 0; fi

as_root=()
if ((EUID != 0)); then
  command -v sudo > /dev/null || {
    echo "setup: must install ${missing[*]}: run './run setup' as root, or install sudo" >&2
    exit 1
  }
  as_root=(sudo)
fi

log=$(mktemp -t joinery-setup.XXXXXX)
echo "setup: installing ${#missing[@]} Debian packages: ${missing[*]}"
if ! {
  "${as_root[@]}" apt-get update &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install --yes --no-install-recommends "${missing[@]}"
} > "$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "setup: apt-get failed; all of its output is in $log" >&2
  exit 1
fi
rm -f "$log"
