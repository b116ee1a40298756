#!/usr/bin/env bash
# Looks for known weaknesses of the locked dependencies, for unsound, withdrawn and, of those that are named here,
# unmaintained ones. Fetches the RustSec advisory database by git, from a host that no other check needs: so it is apart.
set -euo pipefail
cd "$(dirname "$0")/.."

tests/tools.sh deny
for manifest in Cargo.toml examples/*/Cargo.toml; do
    echo "+ cargo-deny check advisories: $manifest"
    target/tools/deny/bin/cargo-deny --config deny.toml --manifest-path "$manifest" --locked check \
        --hide-inclusion-graph advisories
done
