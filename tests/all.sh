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
step cargo build --release --locked --bins -p fanout-cli -p fanout-planner -p fanout-processor -p fanout-reducer
step tests/build.sh
step tests/lint.sh
step tests/python.sh --durations=20 house infra
step tests/python.sh --durations=20 data outputs s3
step tests/fuzz.sh
step tests/python.sh --durations=20 deployed
FANOUT_BENCH_MB=20 step cargo bench --locked -p fanout-outputs
