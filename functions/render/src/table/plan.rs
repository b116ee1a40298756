//! A plan for a terminal: a fact a line, and a table of predicted times and sums.

use fanout_core::Prices;
use fanout_core::message::Plan;

use super::costs::{grid, sentence};
use super::text::{fitted, wrapped};
use crate::detected::detected_line;
use crate::escape::printable;
use crate::numbers::{bytes, count, counted};

/// Columns of a terminal for the name of a fact.
const NAME: usize = 10;

/// Columns of a terminal for the name of a column.
const WIDE: usize = 32;

/// Renders a plan in so many columns of a terminal, with sums at these prices.
pub fn plan_table(plan: &Plan, prices: &Prices, width: usize) -> String {
    let object = &plan.object;
    let columns = plan.schema().columns.into_iter().map(|column| match column.column_type {
        Some(column_type) => format!("{} {column_type}", fitted(&column.name, WIDE)),
        None => fitted(&column.name, WIDE),
    });
    let columns = columns.collect::<Vec<_>>().join(", ");
    let format = match plan.compression {
        None => plan.format.to_string(),
        Some(compression) => format!("{} in {compression}", plan.format),
    };
    let cut = plan
        .not_split()
        .unwrap_or_else(|| format!("{} of {}", counted(plan.chunk_count, "chunk"), bytes(plan.chunk_size)));
    let data = match plan.compression {
        None => format!("bytes {} to {}", count(plan.data_start), count(object.size)),
        Some(_) => format!("from byte {} of its text on", count(plan.data_start)),
    };
    let local = object.location().is_file();
    let mut facts =
        vec![(if local { "file" } else { "object" }, printable(&object.to_string())), ("size", size(object.size))];
    if !local {
        facts.push(("ETag", printable(&object.etag)));
    }
    facts.extend([
        ("header", format!("{}: {columns}", counted(plan.header.len() as u64, "column"))),
        ("format", format),
        ("detected", detected_line(&plan.evidence).replacen("detected: ", "", 1)),
        ("data", data),
        ("reader", plan.reader.as_str().to_owned()),
        ("chunks", cut),
        ("outputs", plan.outputs.iter().map(|output| output.name.as_str()).collect::<Vec<_>>().join(", ")),
        ("on AWS", format!("about {}", sentence(plan, prices))),
    ]);
    let line =
        |(name, fact): (&str, String)| format!("{name:NAME$}{}", wrapped(&fact, width.saturating_sub(NAME), NAME));
    let facts = facts.into_iter().map(line);
    facts.chain([String::new()]).chain(grid(plan, prices, width)).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

/// A size in the unit that suits it, and in bytes.
fn size(size: u64) -> String {
    let exact = counted(size, "byte");
    if size < 1000 { exact } else { format!("{} ({exact})", bytes(size)) }
}
