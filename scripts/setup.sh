#!/usr/bin/env bash
# Make what a target needs, once: setup.sh demo|dev|console|node|identity|langchain|servers|clients
# A stamp named by the digest of its inputs says that a part stands; nothing is asked of the network then.
set -euo pipefail
cd "$(dirname "$0")/.."

stamps=.cache/stamps
mkdir -p "$stamps"
exec 9>.cache/setup.lock
flock 9

say() { echo "setup: $*" >&2; }

digest() { cat "$@" | sha256sum | cut -c1-16; }

# Run the last arguments unless PRESENT exists and was made from the same inputs.
once() { # PART DIGEST PRESENT COMMAND...
  local part=$1 stamp="$stamps/$1-$2" present=$3
  shift 3
  if [ -e "$stamp" ] && [ -e "$present" ]; then return; fi
  "$@"
  rm -f "$stamps/$part"-????????????????
  touch "$stamp"
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  local name
  for name in python3.11 python3 python3.12 python3.13; do
    if new_enough "$name"; then
      command -v "$name"
      return
    fi
  done
  return 1
}

python_with_venv() {
  local python
  python=$(find_python) || { scripts/setup-system.sh python3 python3-venv && python=$(find_python); } || {
    say "no Python 3.11 or newer was found: install python3.11"
    return 1
  }
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    scripts/setup-system.sh python3-venv
  fi
  echo "$python"
}

install_pins() { # VENV NAME
  local venv=$1 pins="requirements/$2.txt" python
  if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    python=$(python_with_venv)
    say "making $venv with $("$python" --version)"
    "$python" -m venv "$venv"
  fi
  say "installing $pins into $venv"
  "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r "$pins"
}

install_project() { # VENV NAME
  install_pins "$1" "$2"
  "$1/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
}

install_node() {
  say "installing tests/node (pyright, MCP servers)"
  (cd tests/node && npm ci --silent --no-audit --no-fund)
}

# The page works without it, in the system's own font; so a machine without npm is told and goes on.
install_font() {
  local here=src/sallyport/doors/console/assets
  if ! command -v npm >/dev/null; then
    say "no npm here: the console uses the system's own font"
    return
  fi
  say "making the console's font"
  (cd "$here" && npm ci --silent --no-audit --no-fund)
  .venv/bin/python scripts/font.py
}

install_identity() {
  say "installing tests/identity (an OpenID provider)"
  (cd tests/identity && npm ci --silent --no-audit --no-fund)
}

install_inspector() {
  say "installing tests/clients (MCP Inspector)"
  (cd tests/clients && npm ci --silent --no-audit --no-fund)
}

case "${1:-}" in
demo | dev)
  # Whoever has the developers' environment has the demo's.
  if [ "$1" = demo ] && [ -e "$stamps/dev-$(digest requirements/dev.txt pyproject.toml)" ]; then set -- dev; fi
  once "$1" "$(digest "requirements/$1.txt" pyproject.toml)" .venv/bin/sallyport install_project .venv "$1"
  ;;
console)
  PATH="$PWD/.venv/bin:$PATH"
  font=src/sallyport/doors/console/static/inter.woff2
  once console "$(digest src/sallyport/doors/console/assets/package-lock.json scripts/font.py)" "$font" install_font
  ;;
node)
  PATH="$PWD/.venv/bin:$PATH"
  once node "$(digest tests/node/package-lock.json)" tests/node/node_modules/.bin/pyright install_node
  ;;
identity)
  PATH="$PWD/.venv/bin:$PATH"
  modules=tests/identity/node_modules/oidc-provider
  once identity "$(digest tests/identity/package-lock.json)" "$modules" install_identity
  ;;
langchain | servers)
  venv=".venv-$1"
  once "$1" "$(digest "requirements/$1.txt")" "$venv/bin/python" install_pins "$venv" "$1"
  ;;
clients)
  for sdk in clients-sdk1 clients-sdk2; do
    once "$sdk" "$(digest "requirements/$sdk.txt")" ".venv-$sdk/bin/python" install_pins ".venv-$sdk" "$sdk"
  done
  PATH="$PWD/.venv/bin:$PATH"
  once inspector "$(digest tests/clients/package-lock.json)" tests/clients/node_modules/.bin/mcp-inspector install_inspector
  ;;
*)
  say "which part? demo, dev, console, node, identity, langchain, servers or clients"
  exit 2
  ;;
esac
