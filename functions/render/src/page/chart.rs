//! The charts of a column: a histogram with its axes, and bars of the most frequent values.

use fanout_core::message::{Bin, Frequent};
use maud::{Markup, html};

use crate::escape::{printable, shortened};
use crate::numbers::{count, counted, figure, percent};

/// Width and height of a histogram, in units of its own.
const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 60.0;

/// Values that have a bar.
const BARS: usize = 6;

/// Characters of a value beside its bar.
const VALUE: usize = 24;

/// A histogram: the greatest count on the upright axis, bounds on the other one. Counts are estimates, but for those
/// of a single bin.
pub(super) fn histogram(bins: &[Bin]) -> Markup {
    let (Some(first), Some(last), Some(middle)) = (bins.first(), bins.last(), bins.get(bins.len() / 2)) else {
        return html! {};
    };
    let highest = bins.iter().map(|bin| bin.count).max().unwrap_or(0);
    let about = if bins.len() > 1 { "≈ " } else { "" };
    let width = WIDTH / bins.len() as f64;
    let label = format!("Histogram from {} to {}", figure(&first.from), figure(&last.to));
    html! {
        figure.histogram {
            span.high { (about) (counted(highest, "value")) }
            svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) preserveAspectRatio="none" role="img" aria-label=(label) {
                @for (index, bin) in bins.iter().enumerate() {
                    // A bin with anything in it is seen.
                    @let share = bin.count as f64 / highest.max(1) as f64;
                    @let height = if bin.count == 0 { 0.0 } else { (share * HEIGHT).max(1.0) };
                    rect x=(short(index as f64 * width)) y=(short(HEIGHT - height))
                        width=(short((width - 1.0).max(1.0))) height=(short(height)) {
                        title { (figure(&bin.from)) " to " (figure(&bin.to)) ": " (about) (count(bin.count)) }
                    }
                }
            }
            span.from { bdi { (figure(&first.from)) } }
            @if bins.len() > 2 { span.middle { bdi { (figure(&middle.from)) } } }
            span.to { bdi { (figure(&last.to)) } }
        }
    }
}

/// A length in few digits.
fn short(length: f64) -> String {
    let text = format!("{length:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// Bars of the most frequent of `values` values, and of all others together.
pub(super) fn bars(frequent: &[Frequent], values: u64) -> Markup {
    let share = |records: u64| records as f64 / values.max(1) as f64;
    let middle = |value: &Frequent| value.at_least + (value.at_most - value.at_least) / 2;
    let exact = frequent.iter().all(|value| value.at_least == value.at_most);
    let about = if exact { "" } else { "≈ " };
    let shown = &frequent[..frequent.len().min(BARS)];
    let others = values.saturating_sub(shown.iter().map(middle).sum());
    let bar = |share: f64| format!("width:{:.1}%", (share * 100.0).min(100.0));
    html! {
        div.bars {
            @for value in shown {
                @let title = format!("{}: {} of {}", printable(&value.value), times(value), count(values));
                div title=(title) {
                    span.value { (shown_value(&value.value)) }
                    span.track { span style=(bar(share(middle(value)))) {} }
                    span.share { (about) (percent(share(middle(value)))) }
                }
            }
            @if others > 0 {
                div.others {
                    span.value { "others" }
                    span.track { span style=(bar(share(others))) {} }
                    span.share { (about) (percent(share(others))) }
                }
            }
        }
    }
}

fn times(value: &Frequent) -> String {
    match value.at_least == value.at_most {
        true => count(value.at_least),
        false => format!("{} to {}", count(value.at_least), count(value.at_most)),
    }
}

fn shown_value(value: &str) -> Markup {
    html! {
        @if value.is_empty() { span.quiet { "empty text" } } @else { bdi { (shortened(value, VALUE)) } }
    }
}
