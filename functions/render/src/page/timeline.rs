//! The page's timeline of chunks. Where there are very many, the slowest are drawn.

use fanout_core::message::{ChunkTime, Report};
use maud::{Markup, html};

use crate::numbers::{count, short};

/// Chunks that are drawn; the slowest, where there are more.
const DRAWN: usize = 100;

/// A chunk that took longer than this many times the median is a straggler.
const STRAGGLES: u64 = 2;

/// A lane for each chunk: the times in which it waited, read and computed.
pub(super) fn timeline(report: &Report) -> Markup {
    let times = &report.timeline;
    let mut took: Vec<u64> = times.iter().map(busy).collect();
    took.sort_unstable();
    let (Some(slowest), Some(end)) = (took.last(), times.iter().map(ChunkTime::end_ms).max()) else {
        return html! {};
    };
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize];
    let (median, end) = (at(0.5), end.max(1));
    let mut drawn: Vec<&ChunkTime> = times.iter().collect();
    drawn.sort_by_key(|time| std::cmp::Reverse(busy(time)));
    drawn.truncate(DRAWN);
    drawn.sort_by_key(|time| (time.queue_ms, time.index));
    let stragglers = took.iter().filter(|took| **took > STRAGGLES * median).count();
    html! {
        section {
            h2 { "Timeline" }
            p {
                "A chunk took " (seconds(median)) " (median), " (seconds(at(0.95))) " (95 %), "
                (seconds(*slowest)) " (slowest). "
                @match stragglers {
                    0 => { "None took more than twice the median." }
                    1 => { "One took more than twice the median." }
                    _ => { (count(stragglers as u64)) " took more than twice the median." }
                }
            }
            p.legend {
                span.queue { "queue" } " " span.read { "read" } " " span.compute { "compute" }
                span.quiet { " from 0 to " (seconds(end)) }
            }
            @if times.len() > DRAWN {
                p.quiet { "The " (DRAWN) " slowest of " (count(times.len() as u64)) " chunks:" }
            }
            div.lanes {
                @for time in &drawn { (lane(time, end, busy(time) > STRAGGLES * median)) }
            }
        }
    }
}

fn lane(time: &ChunkTime, end: u64, straggles: bool) -> Markup {
    let share = |ms: u64| ms as f64 / end as f64 * 100.0;
    let width = |ms: u64| format!("width:{:.3}%", share(ms));
    let title = format!(
        "chunk {}: queue {}, read {}, compute {}",
        time.index,
        seconds(time.queue_ms),
        seconds(time.read_ms),
        seconds(time.compute_ms)
    );
    html! {
        div.lane.straggler[straggles] title=(title) {
            span.label { (time.index) }
            span.bar {
                span.queue style=(width(time.queue_ms)) {}
                span.read style=(width(time.read_ms)) {}
                span.compute style=(width(time.compute_ms)) {}
            }
            span.took { (seconds(busy(time))) }
        }
    }
}

fn busy(time: &ChunkTime) -> u64 {
    time.read_ms + time.compute_ms
}

fn seconds(ms: u64) -> String {
    if ms < 1000 { format!("{ms} ms") } else { format!("{} s", short((ms as f64 / 1e3 * 100.0).round() / 100.0)) }
}
