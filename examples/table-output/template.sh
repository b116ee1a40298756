#!/usr/bin/env bash
# Prints fanout's template with the functions of this crate, the table, and the right of the processor to write it.
# examples/table-output/template.sh > examples/table-output/template.yaml, then build and deploy that file with SAM.
set -euo pipefail
cd "$(dirname "$0")"

environment=$(
    cat <<'YAML'
      Environment:
        Variables:
          TABLE: !Ref Table
YAML
)

rights=$(
    cat <<'YAML'
              # The records of its chunk, and the deletion of those that only an earlier attempt wrote …
              - Sid: WriteTable
                Effect: Allow
                Action: dynamodb:BatchWriteItem
                Resource: !GetAtt Table.Arn
              # … which it looks up.
              - Sid: FindEarlierRecords
                Effect: Allow
                Action: dynamodb:Query
                Resource: !GetAtt Table.Arn
YAML
)

table=$(
    cat <<'YAML'
  # ---- Table: the records that the output "table" writes.

  Table:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: RetainExceptOnCreate
    UpdateReplacePolicy: Retain
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - AttributeName: fanout_chunk
          AttributeType: S
        - AttributeName: fanout_record
          AttributeType: S
      KeySchema:
        - AttributeName: fanout_chunk
          KeyType: HASH
        - AttributeName: fanout_record
          KeyType: RANGE
YAML
)

export environment rights table

sed -e 's|^\( *\)CodeUri: functions/.*|\1CodeUri: .|' \
    -e 's|^\( *\)Binary: |\1Binary: table-|' \
    -e 's|^\( *\)DefinitionUri: |\1DefinitionUri: ../../|' \
    ../../template.yaml |
    awk '
        /^Outputs:/ { print ENVIRON["table"] "\n" }
        { print }
        /Description: Processes one chunk of an object/ { print ENVIRON["environment"] }
        /PolicyName: processor/ { processor = 1 }
        processor && /Statement:/ { print ENVIRON["rights"]; processor = 0 }
    '
