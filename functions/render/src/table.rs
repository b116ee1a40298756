//! Reports and plans as text for a terminal.

use comfy_table::presets::{NOTHING, UTF8_BORDERS_ONLY};
use comfy_table::{CellAlignment, Table};
use fanout_core::message::{Figure, Plan, Report};
use serde_json::Value;

use crate::detected::detected_line;
use crate::escape::{printable, shortened};
use crate::numbers::{bytes, count, short};

/// Characters of a cell.
const WIDE: usize = 16;

/// Characters of what was expected and found in an example of a refused record.
const EXAMPLE: usize = 48;

/// A report as a person reads it.
pub fn report_table(report: &Report) -> String {
    let object = &report.object;
    let seconds = report.elapsed_ms as f64 / 1e3;
    let rate = object.size as f64 / 1e6 / seconds.max(1e-3);
    let mut lines = vec![
        format!("{}  {}/{}  {}", report.status.as_str(), object.bucket, object.key, bytes(object.size)),
        format!(
            "{}, {}, {}, {seconds:.2} s ({rate:.0} MB/s)",
            counted(report.records, "record"),
            counted(report.rejects, "reject"),
            counted(report.chunks, "chunk"),
        ),
        coverage(report),
    ];
    lines.extend(report.not_split.clone());
    if !report.columns.is_empty() {
        lines.push(columns(report));
    }
    let mut outputs = table(&["output", "records", "parts", "bytes"], 1..4);
    for output in &report.outputs {
        outputs.add_row([output.name.clone(), count(output.records), count(output.parts), count(output.bytes)]);
    }
    lines.push(outputs.to_string());
    for output in &report.outputs {
        match &output.section {
            Some(section) if output.name == "rejects" => lines.extend(reject_groups(section)),
            Some(section) => lines.push(format!("{}: {}", output.name, printable(&section.to_string()))),
            None => {}
        }
    }
    lines.push(format!("results: {}", report.results));
    lines.join("\n")
}

fn coverage(report: &Report) -> String {
    let coverage = &report.coverage;
    if let Some(select) = report.select {
        return format!(
            "read by S3 Select: {} bytes scanned, {} returned; coverage not verified, as no offsets come back",
            count(select.bytes_scanned),
            count(select.bytes_returned)
        );
    }
    let what = if report.compression.is_some() { "bytes of its text" } else { "bytes" };
    format!(
        "coverage verified: {what} {} to {}, each record once; chunks repaired: {}",
        coverage.data_start, coverage.end, coverage.repaired
    )
}

/// Renders the records that a run would refuse, for a terminal.
pub fn check_table(report: &Report) -> String {
    let mut lines =
        vec![format!("{} would be accepted, {} refused", counted(report.records, "record"), count(report.rejects))];
    let section = report.outputs.iter().find_map(|output| output.section.as_ref());
    lines.extend(section.into_iter().flat_map(reject_groups));
    lines.join("\n")
}

/// The refused records of a report's section by their reasons, with examples.
fn reject_groups(section: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let text = |value: &Value, name: &str| shortened(value[name].as_str().unwrap_or_default(), EXAMPLE);
    for group in section["groups"].as_array().into_iter().flatten() {
        let column = group["column"].as_str().map_or_else(String::new, |name| format!(" in {}", shortened(name, WIDE)));
        let refused = count(group["count"].as_u64().unwrap_or_default());
        lines.push(format!("{}{column}: {refused}", text(group, "reason")));
        for example in group["examples"].as_array().into_iter().flatten() {
            let offset = count(example["offset"].as_u64().unwrap_or_default());
            let (expected, found) = (text(example, "expected"), text(example, "found"));
            lines.push(format!("  byte {offset}: expected {expected}, found {found}"));
        }
    }
    lines
}

fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

fn columns(report: &Report) -> String {
    let names = ["column", "type", "count", "nulls", "invalid", "min", "max", "sum", "mean", "stddev"];
    let mut columns = table(&names, 2..names.len());
    for column in &report.columns {
        let figure = |figure: &Option<Figure>| figure.as_ref().map_or_else(String::new, cell);
        let number = |number: Option<f64>| number.map_or_else(String::new, short);
        columns.add_row([
            shortened(&column.name, WIDE),
            column.column_type.to_string(),
            count(column.count),
            count(column.nulls),
            count(column.invalid),
            figure(&column.min),
            figure(&column.max),
            figure(&column.sum),
            number(column.mean),
            number(column.stddev),
        ]);
    }
    columns.to_string()
}

/// A plan as a person reads it.
pub fn plan_table(plan: &Plan) -> String {
    let object = &plan.object;
    let mut facts = Table::new();
    facts.load_style(NOTHING);
    let columns = plan.schema().columns.into_iter().map(|column| match column.column_type {
        Some(column_type) => format!("{} {column_type}", shortened(&column.name, WIDE)),
        None => shortened(&column.name, WIDE),
    });
    let columns = columns.collect::<Vec<_>>().join(", ");
    let format = match plan.compression {
        None => plan.format.to_string(),
        Some(compression) => format!("{} in {compression}", plan.format),
    };
    let cut =
        plan.not_split().unwrap_or_else(|| format!("{} of {} bytes", count(plan.chunk_count), count(plan.chunk_size)));
    let data = match plan.compression {
        None => format!("bytes {} to {}", plan.data_start, object.size),
        Some(_) => format!("from byte {} of its text on", plan.data_start),
    };
    let rows = [
        ("object", format!("{}/{}", object.bucket, object.key)),
        ("size", format!("{} bytes, ETag {}", count(object.size), object.etag)),
        ("header", format!("{} columns: {columns}", plan.header.len())),
        ("format", format),
        ("detected", detected_line(&plan.evidence).replacen("detected: ", "", 1)),
        ("data", data),
        ("reader", plan.reader.as_str().to_owned()),
        ("chunks", cut),
        ("outputs", plan.outputs.iter().map(|output| output.name.as_str()).collect::<Vec<_>>().join(", ")),
        ("on AWS", format!("about {:.0} s, {:.4} USD", plan.estimate.seconds, plan.estimate.usd)),
    ];
    for (name, fact) in rows {
        facts.add_row([name.to_owned(), fact]);
    }
    facts.trim_fmt()
}

fn table(header: &[&str], right: std::ops::Range<usize>) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_header(header.to_vec());
    for index in right {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn cell(figure: &Figure) -> String {
    match figure {
        Figure::Boolean(value) => value.to_string(),
        Figure::Integer(value) => value.to_string(),
        Figure::Float(value) => short(*value),
        Figure::Text(text) => shortened(text, WIDE),
    }
}
