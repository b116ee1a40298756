#!/usr/bin/env bash
# Runs the tests in Python, all of them or those that the arguments name: tests/python.sh deployed -k failures
# Most of them need binaries: cargo build --release --bins -p fanout-{cli,planner,processor,reducer}
set -euo pipefail
cd "$(dirname "$0")/.."

tests/tools.sh tests
mkdir -p target/tmp
# Bytecode and temporary files go to target/ as well.
export PYTHONPYCACHEPREFIX=$PWD/target/pycache PYTEST_DEBUG_TEMPROOT=$PWD/target/tmp
cd tests/python
exec ../../target/tools/tests/bin/python -m pytest -o cache_dir="$PYTEST_DEBUG_TEMPROOT/pytest" "$@"
