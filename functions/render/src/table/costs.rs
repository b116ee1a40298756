//! The predicted time and money of a plan, and of other sizes, in functions of some sizes of memory.

use fanout_core::message::{CostEstimate, Plan};
use fanout_core::{Prices, RunSize, Stack, chunk_size_for, estimate};

use super::grid::{Cell, Column, grid_lines, grid_width};
use crate::numbers::{count, duration};

/// Sizes of memory in MB, with their titles; the stack's default is among them.
const MEMORY: [(u64, &str); 4] = [(1769, "1,769 MB"), (512, "512 MB"), (1024, "1,024 MB"), (4096, "4,096 MB")];

/// Sizes of objects in bytes, with their names.
const SIZES: [(u64, &str); 4] =
    [(5_000_000, "5 MB"), (1_000_000_000, "1 GB"), (100_000_000_000, "100 GB"), (10_000_000_000_000, "10 TB")];

/// A sentence on the plan in the stack that its estimate is for.
pub(super) fn sentence(plan: &Plan, prices: &Prices) -> String {
    let CostEstimate { chunks, memory_mb, widened_usd, .. } = plan.estimate;
    let mut text = brief(&plan.estimate);
    if memory_mb > 0 {
        let chunks = if chunks == 1 { "1 chunk".to_owned() } else { format!("{} chunks", count(chunks)) };
        text += &format!(", {chunks} in functions of {} MB", count(memory_mb));
    }
    if widened_usd > 0.0 {
        text += &format!("; up to {} more if values widen a type", dollars(widened_usd));
    }
    text + &format!(" ({}, {})", prices.region, prices.date)
}

/// The same for objects of other sizes with such records, and for other sizes of memory, as far as columns fit.
pub(super) fn grid(plan: &Plan, prices: &Prices, width: usize) -> Vec<String> {
    let Some(work) = plan.estimate.work else { return Vec::new() };
    let own = plan.data().len();
    let name = if plan.object.location().is_file() { "this file" } else { "this object" };
    let sizes = || std::iter::once((own, name)).chain(SIZES);
    let text = |name: &str| Cell::Text(name.to_owned());
    let mut columns = vec![Column { title: "on AWS", cells: sizes().map(|(_, name)| text(name)).collect() }];
    for (memory_mb, title) in MEMORY {
        let stack = Stack { memory_mb, ..Stack::default() };
        let cell = |(bytes, _): (u64, &str)| {
            let chunk = match (plan.compression, bytes == own) {
                (Some(_), _) => bytes,
                // As asked for, or as the plan has it.
                (None, true) if memory_mb == plan.estimate.memory_mb => bytes.div_ceil(plan.estimate.chunks.max(1)),
                _ => chunk_size_for(bytes, stack.parallelism, work.longest_chunk(&stack)),
            };
            let size = RunSize::new(bytes, plan.compression, bytes.div_ceil(chunk.max(1)));
            brief(&estimate(prices, &stack, &work, &size, false))
        };
        columns.push(Column { title, cells: sizes().map(|size| Cell::Text(cell(size))).collect() });
        if grid_width(&columns) > width {
            columns.pop();
            break;
        }
    }
    // In the order of memory.
    columns[1..]
        .sort_by_key(|column| MEMORY.iter().find(|(_, title)| *title == column.title).map(|(memory, _)| *memory));
    grid_lines(&columns)
}

/// Time and money: `2 min, $0.05`.
fn brief(estimate: &CostEstimate) -> String {
    format!("{}, {}", time(estimate.seconds), dollars(estimate.usd))
}

/// An estimated time: whole seconds are enough.
fn time(seconds: f64) -> String {
    if seconds < 60.0 { format!("{seconds:.0} s") } else { duration((seconds * 1e3) as u64) }
}

/// An estimated sum in US dollars, with two digits or more.
fn dollars(usd: f64) -> String {
    match usd {
        0.995.. => format!("${usd:.2}"),
        0.01.. => format!("${usd:.3}"),
        _ => format!("${usd:.5}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_times() {
        assert_eq!(
            [0.000_123, 0.0123, 0.5, 1.0, 12.345].map(dollars),
            ["$0.00012", "$0.012", "$0.500", "$1.00", "$12.35"]
        );
        assert_eq!([0.4, 59.0, 61.0, 4000.0].map(time), ["0 s", "59 s", "1 min 01 s", "1 h 06 min"]);
    }
}
