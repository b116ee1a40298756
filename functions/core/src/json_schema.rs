//! JSON Schemas of what people write, for editors that complete it.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::message::{ColumnRule, Dataset, Job, OutputChoice};
use crate::{ColumnType, Encoding};

/// The schemas by the names of their files in `infra/schema`.
pub fn files() -> [(&'static str, Value); 2] {
    let schema = |generator: SchemaGenerator, schema: fn(SchemaGenerator) -> Schema| schema(generator).to_value();
    let generator = || SchemaSettings::draft07().into_generator();
    [
        ("dataset.json", schema(generator(), SchemaGenerator::into_root_schema_for::<Dataset>)),
        ("job.json", schema(generator(), SchemaGenerator::into_root_schema_for::<Job>)),
    ]
}

impl JsonSchema for ColumnType {
    fn schema_name() -> Cow<'static, str> {
        "ColumnType".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The type of a column; decimal(p,s) has at most p digits (1 to 38), s of them after the point.",
            "anyOf": [
                {"enum": ["int64", "float64", "boolean", "date", "timestamp", "string"]},
                {"type": "string", "pattern": r"^decimal\( *([1-9]|[12][0-9]|3[0-8]) *, *([0-9]|[12][0-9]|3[0-8]) *\)$"}
            ]
        })
    }
}

impl JsonSchema for Encoding {
    fn schema_name() -> Cow<'static, str> {
        "Encoding".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The encoding of the text, by a label of the Encoding Standard: utf-8, utf-16le, windows-1252, shift_jis, gb18030, ...",
            "type": "string"
        })
    }
}

/// One word, or several.
fn words(description: &str) -> Schema {
    let word = json_schema!({"type": "string"});
    json_schema!({"description": description, "anyOf": [word, {"type": "array", "items": word}]})
}

impl JsonSchema for ColumnRule {
    fn schema_name() -> Cow<'static, str> {
        "ColumnRule".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let column_type = generator.subschema_for::<ColumnType>();
        json_schema!({
            "description": "The type of a column, or the type and how its values are written.",
            "anyOf": [
                column_type,
                {
                    "type": "object",
                    "properties": {
                        "type": column_type,
                        "nullable": {"description": "Whether an empty field is a value (null).", "type": "boolean", "default": true},
                        "format": {"description": "The format of a date or a timestamp, in the directives of strftime.", "type": "string"},
                        "null": words("Words for null, exactly as they are written."),
                        "decimal": {"description": "The decimal separator.", "enum": [".", ","]},
                        "thousands": {"description": "The separator of groups of three digits.", "type": "string", "minLength": 1, "maxLength": 1},
                        "true": words("Words for true, in any case."),
                        "false": words("Words for false, in any case.")
                    },
                    "required": ["type"],
                    "additionalProperties": false
                }
            ]
        })
    }
}

impl JsonSchema for OutputChoice {
    fn schema_name() -> Cow<'static, str> {
        "OutputChoice".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An output by its name, or with options of its own.",
            "anyOf": [
                {"type": "string"},
                {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
            ]
        })
    }
}
