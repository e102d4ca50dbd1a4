#!/bin/sh
# Usage: lock.sh PYTHON. Writes the three lock files: pinned, hashed, naming no index.
set -eu
venv=$(mktemp -d)
trap 'rm -rf "$venv"' EXIT
"$1" -m venv "$venv"
"$venv/bin/python" -m pip install -q uv
compile() {
    "$venv/bin/python" -m uv pip compile -q --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate "$@"
}
compile pyproject.toml --group build -o requirements.lock
compile pyproject.toml --group build --group dev -c requirements.lock -o requirements-dev.lock
"$venv/bin/python" -m pip freeze -q | grep '^uv==' >"$venv/uv.in"
compile "$venv/uv.in" -o requirements-bootstrap.lock
