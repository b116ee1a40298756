#!/usr/bin/env bash
# The checks to run after every edit: format, lints, the crates without the AWS SDK and without DataFusion, whole runs in
# memory, the house.
# Needs Rust and Python 3.10 or newer. tests/all.sh runs everything.
set -euo pipefail
cd "$(dirname "$0")/.."

step() {
    echo "== $*"
    local from=$SECONDS
    "$@"
    echo "== done in $((SECONDS - from)) s"
}

pure=()
for crate in core outputs render; do
    [[ ! -d functions/$crate ]] || pure+=(-p "fanout-$crate")
done

step cargo fmt --all --check
# The functions have SQL, but for the libraries that the command line is made of.
step cargo clippy --workspace --exclude fanout-sql --exclude fanout-planner --exclude fanout-processor \
    --exclude fanout-reducer --all-targets --locked -- -D warnings
step cargo test --locked "${pure[@]}"
step cargo test --locked -p fanout-tests --test runs -- exactly_once:: json_lines:: repair::
step tests/python.sh house
