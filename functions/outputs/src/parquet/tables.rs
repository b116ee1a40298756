//! The statements that make a run's parts a table of a query engine.

use std::collections::HashSet;
use std::fmt::Write;

use fanout_core::{ColumnType, Schema};

use crate::RunContext;

/// The table of a run in Athena (Glue's catalogue); `None` where the results are not in S3.
///
/// Columns are taken by their places, as names in Athena have other rules than those of a header: letters of lower
/// case, digits and underscores (AWS: "Name databases, tables, and columns"; "Handle schema updates").
pub(super) fn athena(run: &RunContext) -> Option<String> {
    in_s3(run).then_some(())?;
    let mut sql = format!("-- The records of run {} as a table of Amazon Athena.\n", run.run_id);
    if run.outputs.iter().any(|output| output == "jsonl") {
        sql += "-- The folder also has the parts of the output jsonl, which are no Parquet: remove them, or leave that\n\
                -- output out.\n";
    }
    let names = names(&run.schema);
    let columns: Vec<String> = names
        .iter()
        .zip(&run.schema.columns)
        .map(|(name, column)| format!("  `{name}` {}", athena_type(column.column_type)))
        .collect();
    // Writing to a String never fails.
    let _ = write!(
        sql,
        "CREATE EXTERNAL TABLE `{}` (\n{}\n)\n\
         ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'\n\
         WITH SERDEPROPERTIES ('parquet.column.index.access' = 'true')\n\
         STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'\n\
         OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'\n\
         LOCATION 's3://{}/{}data/';\n",
        identifier(&format!("run_{}", run.run_id)),
        columns.join(",\n"),
        run.results.bucket,
        run.results.key.replace('\'', "\\'"),
    );
    Some(sql)
}

/// The view of a run in DuckDB.
pub(super) fn duckdb(run: &RunContext) -> String {
    let scheme = if in_s3(run) { "s3://" } else { "" };
    let parts = format!("{scheme}{}/{}data/*.parquet", run.results.bucket, run.results.key).replace('\'', "''");
    format!(
        "-- The records of run {0} as a view of DuckDB.\nCREATE VIEW \"{0}\" AS SELECT * FROM read_parquet('{parts}');\n",
        run.run_id
    )
}

/// Tells whether the results are in a bucket, whose names have these characters alone (AWS: "Bucket naming rules").
fn in_s3(run: &RunContext) -> bool {
    run.results.bucket.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte))
}

fn athena_type(column_type: Option<ColumnType>) -> String {
    match column_type {
        None | Some(ColumnType::String) => "string".to_owned(),
        Some(ColumnType::Int64) => "bigint".to_owned(),
        Some(ColumnType::Float64) => "double".to_owned(),
        // The names of the others are the same.
        Some(other) => other.to_string(),
    }
}

/// A name of Athena for each column, none twice.
fn names(schema: &Schema) -> Vec<String> {
    let mut taken = HashSet::new();
    let columns = schema.columns.iter().enumerate();
    columns
        .map(|(index, column)| {
            let name = identifier(&column.name);
            let name =
                if name.chars().all(|character| character == '_') { format!("column_{}", index + 1) } else { name };
            let mut unique = name.clone();
            let mut count = 1;
            while !taken.insert(unique.clone()) {
                count += 1;
                unique = format!("{name}_{count}");
            }
            unique
        })
        .collect()
}

fn identifier(text: &str) -> String {
    let plain = |character: char| if character.is_ascii_alphanumeric() { character.to_ascii_lowercase() } else { '_' };
    text.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use fanout_core::message::ColumnRule;
    use fanout_core::{Location, SchemaColumn};

    use super::*;

    fn run(bucket: &str, names: &[&str]) -> RunContext {
        let mut columns: Vec<SchemaColumn> = names.iter().map(|name| SchemaColumn::text(name)).collect();
        columns.push(SchemaColumn::declared("pay", ColumnRule::of(ColumnType::Decimal { precision: 9, scale: 2 })));
        columns.push(SchemaColumn::declared("n", ColumnRule::of(ColumnType::Int64)));
        RunContext {
            schema: Arc::new(Schema { columns }),
            options: Default::default(),
            run_id: "people-1".to_owned(),
            results: Location::new(bucket, "runs/people-1/"),
            outputs: vec!["parquet".to_owned()],
        }
    }

    #[test]
    fn statements() {
        let run = run("results", &["Id", "id", "Größe (m)", "", "a b"]);
        let expected = "CREATE EXTERNAL TABLE `run_people_1` (\n  `id` string,\n  `id_2` string,\n  `gr__e__m_` string,\n  \
                        `column_4` string,\n  `a_b` string,\n  `pay` decimal(9,2),\n  `n` bigint\n)\n";
        let sql = athena(&run).unwrap();
        assert!(sql.contains(expected), "{sql}");
        assert!(sql.ends_with("LOCATION 's3://results/runs/people-1/data/';\n"), "{sql}");
        assert!(duckdb(&run).contains("read_parquet('s3://results/runs/people-1/data/*.parquet')"));
    }

    #[test]
    fn a_folder_is_no_bucket() {
        let run = run("/home/o'neil/runs", &["id"]);
        assert_eq!(athena(&run), None);
        assert!(duckdb(&run).contains("read_parquet('/home/o''neil/runs/runs/people-1/data/*.parquet')"));
    }
}
