#!/usr/bin/env bash
# Builds for Linux on x86_64 and aarch64, or for the targets that the arguments name, into target/release-files:
# an archive of the command line with completions and manual pages, an archive of the functions with a template that
# deploys them without a build, the bill of materials, and SHA256SUMS of all.
# Needs Rust by rustup and Python 3.10 or newer; zig, which links for glibc 2.17 and newer, goes into target/tools.
set -euo pipefail
cd "$(dirname "$0")/.."

targets=("$@")
[[ $# -gt 0 ]] || targets=(x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu)
glibc=2.17
out=$PWD/target/release-files

tests/tools.sh release
export PATH=$PWD/target/tools/release/bin:$PATH
version=$(cargo metadata --no-deps --locked --format-version 1 |
    python3 -c 'import json, sys; print(next(p["version"] for p in json.load(sys.stdin)["packages"] if p["name"] == "fanout-cli"))')
commit=$(git rev-parse --short HEAD)
[[ -z $(git status --porcelain) ]] || commit+=", changed"

# The same pages for all targets, by the binary that this machine can run.
extras=$PWD/target/release-extras
rm -rf "$extras" && mkdir -p "$extras/completions" "$out"
cargo build --quiet --locked -p fanout-cli --features sql
target/debug/fanout man --out "$extras/man"
for shell in bash zsh fish; do
    target/debug/fanout completions "$shell" >"$extras/completions/fanout.$shell"
done

for target in "${targets[@]}"; do
    rustup target add "$target"
    FANOUT_VERSION="$version ($commit, $target)" \
        cargo zigbuild --release --locked --bins --target "$target.$glibc" \
        -p fanout-cli -p fanout-planner -p fanout-processor -p fanout-reducer \
        --features fanout-cli/sql
    name=fanout-$version-$target
    rm -rf "${out:?}/$name"
    cp -r "$extras" "$out/$name"
    cp "target/$target/release/fanout" LICENSE README.md "$out/$name"
    tar -C "$out" -czf "$out/$name.tar.gz" "$name"
    rm -rf "${out:?}/$name"
    case $target in aarch64-*) architecture=arm64 ;; *) architecture=x86_64 ;; esac
    name=fanout-$version-functions-$architecture
    rm -rf "${out:?}/$name"
    infra/package.py "target/$target/release" "$architecture" "$out/$name"
    tar -C "$out" -czf "$out/$name.tar.gz" "$name"
    rm -rf "${out:?}/$name"
done
infra/bom.py >"$out/fanout-$version.cdx.json"
(cd "$out" && sha256sum ./*.tar.gz ./*.json | tee SHA256SUMS)
