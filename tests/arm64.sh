#!/usr/bin/env bash
# Builds functions for arm64 across instruction sets, as `sam build` does, and starts each under qemu until its first
# request for an event: the planner, or those that the arguments name. Without SQL, which compiles for minutes more.
# Apart from tests/all.sh, as it compiles every crate once more, into target/arm; remove that folder when done.
# Skips, and says so, where rustup has no target of arm64, or where apt has no qemu.
set -euo pipefail
cd "$(dirname "$0")/.."

skip() {
    echo "SKIPPED: nothing was tried on arm64: $*" >&2
    exit 0
}

rustup target add aarch64-unknown-linux-gnu || skip "rustup has no target aarch64-unknown-linux-gnu"
(tests/tools.sh arm) || skip "apt has no qemu-user-static"
tests/tools.sh build
export PATH=$PWD/target/tools/build/bin:$PATH

packages=()
for function in "${@:-planner}"; do
    packages+=(--package "fanout-$function")
done
CARGO_TARGET_DIR=$PWD/target/arm cargo lambda build --release --arm64 --locked --no-default-features --features lambda \
    "${packages[@]}"
export QEMU_LD_PREFIX=$PWD/target/tools/arm/aarch64-linux-gnu
tests/bench/start.py target/arm/lambda --under target/tools/arm/qemu-aarch64-static --times 1
