//! The JSON Schemas in `infra/schema` are those of the types.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::fs;
use std::path::Path;

use fanout_core::json_schema::files;

/// `FANOUT_WRITE=1 cargo test -p fanout-tests --test runs json_schema` writes them anew.
#[test]
fn the_stored_schemas_are_those_of_the_types() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/schema");
    for (name, schema) in files() {
        let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        let path = folder.join(name);
        if std::env::var_os("FANOUT_WRITE").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &text).unwrap();
        }
        assert!(fs::read_to_string(&path).unwrap_or_default() == text, "{name} is not current: set FANOUT_WRITE=1");
    }
}

#[test]
fn the_schemas_know_every_field() {
    for (name, schema) in files() {
        assert_eq!(schema["additionalProperties"], false, "{name}: unknown fields are refused");
        for (field, found) in schema["properties"].as_object().unwrap() {
            assert!(found["description"].is_string() || found["allOf"].is_array(), "{name}: {field}: {found}");
        }
    }
}
