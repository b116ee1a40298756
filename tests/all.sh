#!/usr/bin/env bash
# Everything that can be checked here. Needs Rust, a C++ compiler and Python 3.10 or newer; the rest goes into target/.
set -euo pipefail
cd "$(dirname "$0")/.."

step() {
    echo "== $*"
    local from=$SECONDS
    "$@"
    echo "== done in $((SECONDS - from)) s"
}

step cargo fmt --all --check
step cargo clippy --workspace --all-targets --locked -- -D warnings
# What tests print is shown: seeds, and how often guesses are right.
step cargo test --workspace --locked -- --show-output
RUSTDOCFLAGS="-D warnings" step cargo doc --workspace --no-deps --locked
step cargo build --release --locked
step tests/build.sh
step tests/lint.sh
step target/tools/venv/bin/python tests/real_data.py target/release/fanout
step target/tools/venv/bin/python tests/odd_csv.py target/release/fanout
step target/tools/venv/bin/python tests/other_s3.py target/release/fanout
step target/tools/venv/bin/python tests/parquet.py target/release/fanout
step target/tools/venv/bin/python tests/sketches.py target/release/fanout
step target/tools/venv/bin/python tests/page.py target/release/fanout
step target/tools/venv/bin/python tests/own_outputs.py
step tests/fuzz.sh
step tests/deployed.sh
FANOUT_BENCH_MB=20 step cargo bench --locked -p fanout-outputs
