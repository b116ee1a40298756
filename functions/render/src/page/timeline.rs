//! The page's timeline: how many chunks were read and computed at each time of the run, whatever their number.

use fanout_core::message::{ChunkTime, Report};
use maud::{Markup, html};

use crate::numbers::{count, short};

/// Slices of the run's time.
const SLICES: usize = 240;

/// Height of the strip, in units of its own.
const HEIGHT: f64 = 48.0;

/// A chunk that took longer than this many times the median is a straggler.
const STRAGGLES: u64 = 2;

/// Stragglers that are named.
const NAMED: usize = 5;

/// The times of the chunks in a sentence, a strip where there are several, and the slowest ones.
pub(super) fn section(report: &Report) -> Markup {
    let times = &report.timeline;
    let mut took: Vec<u64> = times.iter().map(busy).collect();
    took.sort_unstable();
    let (Some(slowest), Some(end)) = (took.last(), times.iter().map(ChunkTime::end_ms).max()) else {
        return html! {};
    };
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize];
    let median = at(0.5);
    let mut stragglers: Vec<&ChunkTime> = times.iter().filter(|time| busy(time) > STRAGGLES * median).collect();
    stragglers.sort_by_key(|time| (std::cmp::Reverse(busy(time)), time.index));
    html! {
        section {
            h2 { "Timeline" }
            @if times.len() == 1 {
                p { "The only chunk took " (span(*slowest)) "." }
            } @else {
                p {
                    "A chunk took " (span(median)) " (median), " (span(at(0.95))) " (95 %), "
                    (span(*slowest)) " (slowest). "
                    @match stragglers.len() {
                        0 => { "None took more than twice the median." }
                        1 => { "One took more than twice the median." }
                        several => { (count(several as u64)) " took more than twice the median." }
                    }
                }
                (strip(times, end.max(1)))
                @if !stragglers.is_empty() {
                    p.quiet { "Slowest:" }
                    ul.stragglers { @for time in stragglers.iter().take(NAMED) { (straggler(time)) } }
                }
            }
        }
    }
}

fn straggler(time: &ChunkTime) -> Markup {
    html! {
        li {
            "chunk " (count(time.index)) ": " (span(busy(time)))
            span.quiet {
                " (read " (span(time.read_ms)) ", compute " (span(time.compute_ms)) "), from "
                (span(time.queue_ms)) " on"
            }
        }
    }
}

/// Chunks at work over time: those that waited for bytes above those that computed.
fn strip(times: &[ChunkTime], end: u64) -> Markup {
    let work = at_work(times, end);
    let most = work.iter().map(|(compute, read)| compute + read).fold(0.0, f64::max).max(1e-9);
    let height = |chunks: f64| chunks / most * HEIGHT;
    let shape = |from: &dyn Fn(&(f64, f64)) -> f64, to: &dyn Fn(&(f64, f64)) -> f64| {
        let steps = work.iter().enumerate().map(|(index, slice)| {
            let (low, high) = (HEIGHT - height(from(slice)), HEIGHT - height(to(slice)));
            format!("M{index} {low:.1}V{high:.1}h1V{low:.1}z")
        });
        steps.collect::<String>()
    };
    let compute = shape(&|_| 0.0, &|slice| slice.0);
    let read = shape(&|slice| slice.0, &|slice| slice.0 + slice.1);
    html! {
        figure.strip {
            figcaption.legend { span.compute { "compute" } " " span.read { "read" } }
            span.high { (format!("{most:.0}")) " at once" }
            svg viewBox=(format!("0 0 {SLICES} {HEIGHT}")) preserveAspectRatio="none" role="img"
                aria-label="Chunks at work over time" {
                path.compute d=(compute) {}
                path.read d=(read) {}
            }
            span.from { "0" }
            span.to { (span(end)) }
        }
    }
}

/// The mean number of chunks that computed, and of those that read, in each slice of the time from 0 to `end`. The
/// waits for bytes of a chunk are taken as spread over its time.
fn at_work(times: &[ChunkTime], end: u64) -> Vec<(f64, f64)> {
    let mut work = vec![(0.0, 0.0); SLICES];
    let slice = end as f64 / SLICES as f64;
    for time in times.iter().filter(|time| busy(time) > 0) {
        let (from, to) = (time.queue_ms as f64 / slice, time.end_ms() as f64 / slice);
        let reads = time.read_ms as f64 / busy(time) as f64;
        for (index, found) in work.iter_mut().enumerate().skip(from as usize).take((to - from) as usize + 2) {
            let share = (to.min(index as f64 + 1.0) - from.max(index as f64)).max(0.0);
            found.0 += share * (1.0 - reads);
            found.1 += share * reads;
        }
    }
    work
}

fn busy(time: &ChunkTime) -> u64 {
    time.read_ms + time.compute_ms
}

/// A time from milliseconds on.
fn span(ms: u64) -> String {
    if ms < 1000 { format!("{ms} ms") } else { format!("{} s", short((ms as f64 / 1e3 * 100.0).round() / 100.0)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_hold_all_work() {
        let time = |index: u64, queue_ms: u64, read_ms: u64, compute_ms: u64| ChunkTime {
            index,
            queue_ms,
            read_ms,
            compute_ms,
        };
        let tables: [&[ChunkTime]; 3] = [
            &[time(0, 0, 10, 90)],
            &[time(0, 0, 0, 100), time(1, 100, 100, 0), time(2, 37, 1, 1)],
            &[time(0, 0, 0, 0), time(1, 3, 999, 1234)],
        ];
        for times in tables {
            let end = times.iter().map(ChunkTime::end_ms).max().unwrap();
            let work = at_work(times, end);
            let slice = end as f64 / SLICES as f64;
            let sum = |part: &dyn Fn(&(f64, f64)) -> f64| work.iter().map(part).sum::<f64>() * slice;
            let expected = |part: &dyn Fn(&ChunkTime) -> u64| times.iter().map(part).sum::<u64>() as f64;
            assert!((sum(&|slice| slice.0) - expected(&|time| time.compute_ms)).abs() < 1e-6, "{times:?}");
            assert!((sum(&|slice| slice.1) - expected(&|time| time.read_ms)).abs() < 1e-6, "{times:?}");
        }
    }
}
