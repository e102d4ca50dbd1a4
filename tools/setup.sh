#!/bin/sh
# Usage: setup.sh PYTHON VENV LOCK. Creates the environment and installs the locked packages.
# uv is used when it can be had (seconds instead of minutes); pip does the same otherwise.
set -eu
python=$1 venv=$2 lock=$3

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "preuve demande Python 3.11 ou plus récent : make run PYTHON=python3.12" >&2
    exit 1
}
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv" || {
    echo "Le module venv manque : installez-le (Debian : apt install python3-venv)." >&2
    exit 1
}
py="$venv/bin/python"
if "$py" -m uv --version >/dev/null 2>&1 ||
    "$py" -m pip install -q --disable-pip-version-check --require-hashes \
        -r requirements-bootstrap.lock; then
    "$py" -m uv pip install -q --python "$py" --require-hashes -r "$lock" ||
        "$py" -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
else
    "$py" -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
fi
# The project itself, in place; hatchling comes from the lock, so nothing unpinned is fetched.
"$py" -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
