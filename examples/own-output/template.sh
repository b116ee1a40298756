#!/usr/bin/env bash
# Prints fanout's template with the functions of this crate: everything else in it stays as it is.
# examples/own-output/template.sh > examples/own-output/template.yaml, then build and deploy that file with SAM.
set -euo pipefail
cd "$(dirname "$0")"

sed -e 's|^\( *\)CodeUri: functions/.*|\1CodeUri: .|' \
    -e 's|^\( *\)Binary: |\1Binary: own-|' \
    -e 's|^\( *\)DefinitionUri: |\1DefinitionUri: ../../|' \
    ../../template.yaml
