#!/usr/bin/env bash
# Install the Debian packages that are missing. Without arguments: what the whole test run needs.
# A package counts as present when its program is, wherever that came from.
set -euo pipefail

[ $# -gt 0 ] || set -- git chromium postgresql

present() {
  case "$1" in
  chromium) command -v chromium || command -v chromium-browser || command -v google-chrome ;;
  postgresql) command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' ;;
  python3-venv) python3 -c 'import ensurepip, venv' ;;
  *) command -v "$1" ;;
  esac >/dev/null 2>&1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

missing=()
for name in "$@"; do present "$name" || missing+=("$name"); done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "setup: install these by your system's package manager, then run this again: ${missing[*]}" >&2
  exit 1
fi
echo "setup: installing Debian packages: ${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Debian starts a database with the package; the tests want the programs and start their own.
no_cluster=/etc/postgresql-common/createcluster.d/50-none.conf
if [[ " ${missing[*]} " == *" postgresql "* ]]; then
  as_root mkdir -p "${no_cluster%/*}"
  echo 'create_main_cluster = false' | as_root tee "$no_cluster" >/dev/null
  trap 'rm -f "$log"; as_root rm -f "$no_cluster"' EXIT
fi
# A foreign source that does not answer must not stop what Debian's own can give.
as_root apt-get update >"$log" 2>&1 || echo "setup: not every package list could be read; going on" >&2
if ! as_root env DEBIAN_FRONTEND=noninteractive \
  apt-get install --yes --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  exit 1
fi
