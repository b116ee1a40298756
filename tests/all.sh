#!/usr/bin/env bash
# Everything that can be checked here, or the parts that the arguments name: tests/all.sh checks rust
#   checks   format, lints, documentation, the house, template, state machine, licences
#   rust     tests of the crates and of whole runs, a short run of the benchmark, instruction counts
#   runs     the functions as they are deployed, built with SAM, the sizes of their zips; these and the command line
#            tested from Python, in the emulator too
#   fuzz     the fuzz targets, a bounded number of inputs
# Needs Rust, a C++ compiler and Python 3.10 or newer; the rest goes into target/. The fast tier is tests/fast.sh.
set -euo pipefail
cd "$(dirname "$0")/.."

step() {
    echo "== $*"
    local from=$SECONDS
    "$@"
    echo "== done in $((SECONDS - from)) s"
}

# Cargo for an example, which is outside of the workspace. What was built for the workspace is used again.
example() {
    CARGO_TARGET_DIR=$PWD/target cargo "$2" --manifest-path "examples/$1/Cargo.toml" --locked "${@:3}"
}

# Debug builds are without SQL, and release builds with it: DataFusion, most of what is compiled, is compiled once.
plain=(--workspace --exclude fanout-sql --no-default-features
    --features fanout-planner/lambda,fanout-processor/lambda,fanout-reducer/lambda)

# The tests of SQL's crate, as it is packaged: of the crates that tests/build.sh compiled, optimisation included. With
# fanout-reducer, whose own tests run once more, for its features.
test_sql() {
    mkdir -p target/tmp
    PATH=$PWD/target/tools/build/bin:$PATH cargo lambda build --release --locked --tests \
        --package fanout-sql --package fanout-reducer --message-format json |
        sed -n 's/^{.*"profile":{[^}]*"test":true}.*"executable":"\([^"]*\)".*/\1/p' >target/tmp/tests-of-sql
    grep -q fanout_sql target/tmp/tests-of-sql
    while read -r program; do
        "$program"
    done <target/tmp/tests-of-sql
}

# The tests in Python of the packaged functions and of the command line beside them.
packaged() {
    FANOUT_BINARY=target/sam/fanout tests/python.sh --built target/sam --durations=10 "$@"
}

part() {
    case $1 in
        checks)
            # Downloaded while the compiler works.
            tests/tools.sh tests build policy &
            step cargo fmt --all --check
            step cargo clippy --workspace --all-targets --features fanout-cli/sql --locked -- -D warnings
            for name in own-output table-output; do
                step cargo fmt --manifest-path "examples/$name/Cargo.toml" --check
                step example "$name" clippy --all-targets -- -D warnings
            done
            RUSTDOCFLAGS="-D warnings" step cargo doc --workspace --no-deps --locked
            wait $!
            step tests/lint.sh
            step tests/python.sh house infra
            ;;
        rust)
            # Output of tests is shown: seeds, and how often guesses are right.
            step cargo test "${plain[@]}" --locked -- --show-output
            step example own-output test
            step example table-output test
            FANOUT_BENCH_MB=20 step cargo bench --locked -p fanout-outputs --bench throughput
            step tests/bench/instructions.py
            ;;
        runs)
            tests/tools.sh cli iam chromium &
            step tests/build.sh
            step test_sql
            wait $!
            step cargo test "${plain[@]}" --locked --no-run
            step example own-output build --all-targets
            step example table-output build --all-targets
            step packaged outputs s3 deployed
            # Side by side: neither looks at the time, and the emulator of policies works on one core.
            packaged iam >target/tmp/iam.log 2>&1 &
            step packaged data sql
            wait $! || (cat target/tmp/iam.log && false)
            tail -n 1 target/tmp/iam.log
            ;;
        fuzz) step tests/fuzz.sh ;;
        *)
            echo "no part of the tests: $1" >&2
            exit 2
            ;;
    esac
}

for name in "${@:-checks rust runs fuzz}"; do
    for each in $name; do
        part "$each"
    done
done
