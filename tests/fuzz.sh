#!/usr/bin/env bash
# Runs each fuzz target on the stored inputs and on a bounded number of others, the same every time. Installs the
# pinned cargo-fuzz into target/tools where it is missing; needs a C++ compiler for libFuzzer. A sanitizer would need a
# nightly Rust, and looks for what safe code can't do: without one a panic, a hang or too much memory is what is found.
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.13.2
seed=20261122
tools=$PWD/target/tools
clock=$SECONDS
if [[ $("$tools/bin/cargo-fuzz" --version 2>/dev/null) != "cargo-fuzz $version" ]]; then
    # Unoptimised: it only starts the compiler and the targets, and is built in a quarter of the time.
    CARGO_TARGET_DIR=$PWD/target/fuzz/install \
        cargo install --quiet --locked --debug --root "$tools" "cargo-fuzz@$version"
    echo "cargo-fuzz installed, $((SECONDS - clock)) s"
fi
export PATH=$tools/bin:$PATH
export CARGO_TARGET_DIR=$PWD/target/fuzz

fuzz() { # target, number of inputs, bytes of one at most
    local scratch=$PWD/target/fuzz/corpus/$1 log=$PWD/target/fuzz/$1.log
    clock=$SECONDS
    rm -rf "$scratch"
    mkdir -p "$scratch"
    # What it finds goes to the first folder, so that the stored inputs stay as they are.
    if ! cargo fuzz run --fuzz-dir tests/fuzz --sanitizer none "$1" "$scratch" "tests/fuzz/corpus/$1" -- \
        -seed="$seed" -runs="$2" -max_len="$3" -timeout=10 -rss_limit_mb=1024 >"$log" 2>&1; then
        tail -n 60 "$log"
        echo "fuzz target $1 failed: the input is in tests/fuzz/artifacts/$1"
        return 1
    fi
    echo "$1: $2 inputs of at most $3 bytes, seed $seed, $((SECONDS - clock)) s"
}

# The first one's seconds include the build of all that the targets use.
fuzz scanner 300000 200
fuzz detection 100000 200
fuzz alignment 300000 200
fuzz json_lines 300000 200
fuzz messages 300000 1000
