#!/usr/bin/env bash
# Deploys the stack into an emulator and runs it for real: the template, the state machine, the functions as built.
# Needs no account. Build first: tests/build.sh, and cargo build --release for the command line.
# Further arguments go to pytest: tests/deployed.sh -k failures
set -euo pipefail
cd "$(dirname "$0")/.."

tests/tools.sh
# No bytecode and no cache beside the sources.
exec env PYTHONDONTWRITEBYTECODE=1 target/tools/emulator/bin/python -m pytest -p no:cacheprovider tests/deployed "$@"
