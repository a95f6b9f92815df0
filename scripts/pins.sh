#!/usr/bin/env bash
# Resolve the pinned requirement files anew. They hold names, versions and hashes, and no address.
# One resolution serves every extra: the smaller files are held to the largest (`dev`).
set -euo pipefail
cd "$(dirname "$0")/.."

uv=$(command -v uv || true)
if [ -z "$uv" ]; then
  [ -x .cache/uv/bin/uv ] || { python3 -m venv .cache/uv && .cache/uv/bin/pip install --quiet uv; }
  uv=.cache/uv/bin/uv
fi

pin() { # NAME INPUT...
  pin_file "requirements/$1.txt" "${@:2}"
}

pin_file() { # FILE INPUT...
  local file=$1
  shift
  echo "pins: $file"
  "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
    --output-file "$file" "$@"
  # Resolved for Linux alone; the marker would make an install elsewhere succeed with nothing in it.
  sed -i "s/ and sys_platform == 'linux'//; s/ ; sys_platform == 'linux'//" "$file"
}

upgrade=()
[ "${1:-}" = --upgrade ] && upgrade=(--upgrade)
pin dev pyproject.toml --extra demo --extra prove --group dev "${upgrade[@]}"
pin demo pyproject.toml --extra demo --group build --constraint requirements/dev.txt
pin base pyproject.toml --constraint requirements/dev.txt
pin langchain requirements/langchain.in "${upgrade[@]}"
pin servers requirements/servers.in "${upgrade[@]}"
pin clients-sdk1 requirements/clients-sdk1.in "${upgrade[@]}"
pin clients-sdk2 requirements/clients-sdk2.in "${upgrade[@]}"
# The race's competitors, each in an environment of its own.
for p in contextforge ctrlrun fastmcp; do
  pin_file "bench/peers/$p.txt" "bench/peers/$p.in" "${upgrade[@]}"
done
