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

# Debian starts a service when its package comes, and at each boot. Tests start their own, in
# network namespaces; on the machine itself none of these is wanted. Status 101 forbids the start:
# invoke-rc.d(8).
declare -A services=([nginx-light]=nginx [prometheus]=prometheus)
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" install -m 755 /dev/stdin "$policy"
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
for package in "${missing[@]}"; do
  service=${services[$package]:-}
  if [[ -n $service ]]; then "${as_root[@]}" update-rc.d "$service" disable > /dev/null; fi
done
