//! The fuzz targets over their stored inputs, for machines without cargo-fuzz.
#![allow(clippy::unwrap_used, clippy::expect_used)] // Helpers of tests are tests.

#[path = "../../fuzz/src/lib.rs"]
mod targets;

#[test]
fn stored_inputs_break_nothing() {
    let table: [(&str, fn(&[u8])); 5] = [
        ("alignment", targets::alignment),
        ("detection", targets::detection),
        ("json_lines", targets::json_lines),
        ("messages", targets::messages),
        ("scanner", targets::scanner),
    ];
    for (name, target) in table {
        let folder = format!("{}/../fuzz/corpus/{name}", env!("CARGO_MANIFEST_DIR"));
        let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
        assert!(!files.is_empty(), "{name}");
        for file in files {
            println!("{}", file.display());
            target(&std::fs::read(file).unwrap());
        }
    }
}
