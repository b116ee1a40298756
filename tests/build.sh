#!/usr/bin/env bash
# Builds the functions as they are deployed, with SAM and cargo-lambda, into target/sam; prints the sizes of their zips,
# and fails over the budget of 40 MiB, most of it SQL. For this machine's instruction set, which needs no other toolchain.
# Beside them the command line with SQL: built by the same tool, it is made of the same compiled crates.
set -euo pipefail
cd "$(dirname "$0")/.."

tests/tools.sh build
export PATH=$PWD/target/tools/build/bin:$PATH
export SAM_CLI_TELEMETRY=0
export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-us-east-1} # sam build asks for one, whatever it is

case $(uname -m) in
    aarch64 | arm64) architecture=arm64 ;;
    *) architecture=x86_64 ;;
esac
sam build --build-dir target/sam --parameter-overrides "Architecture=$architecture"
cargo lambda build --release --locked --package fanout-cli --bin fanout --features fanout-cli/sql
cp target/lambda/fanout/bootstrap target/sam/fanout

python3 - <<'PYTHON'
import io, pathlib, sys, zipfile

over = False
for bootstrap in sorted(pathlib.Path("target/sam").glob("*/bootstrap")):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        target.write(bootstrap, "bootstrap")
    size = len(archive.getvalue())
    over |= size > 40 << 20
    print(f"{bootstrap.parent.name}.zip: {size / (1 << 20):.2f} MiB")
sys.exit("over the budget of 40 MiB" if over else 0)
PYTHON
