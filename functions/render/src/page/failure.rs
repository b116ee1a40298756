//! The page of a run that failed: what, where, how far it had come, and what to do.

use fanout_core::message::FailureReport;
use maud::{Markup, html};

use super::facts::moment;
use super::frame;
use crate::escape::printable;
use crate::numbers::count;
use crate::object_url;

/// The page of a run that failed. Texts of errors are escaped as those from data are.
pub fn failure_page(failure: &FailureReport) -> String {
    let main = html! {
        section {
            h2 { "What" }
            p { strong { (printable(&failure.code)) } }
            p { bdi { (printable(&failure.message)) } }
        }
        section {
            h2 { "Where" }
            @match &failure.object {
                Some(object) => { p { bdi { (printable(&object_url(object))) } } }
                None => { p { "The object is not known." } }
            }
            @if !failure.place.is_unknown() { p { (failure.place.to_string()) } }
        }
        section {
            h2 { "What to do" }
            p { (failure.next_step) }
        }
        section {
            h2 { "So far" }
            (progress(failure))
        }
        @if !failure.failed_chunks.is_empty() { (chunks(failure)) }
    };
    let title = failure.object.as_ref().map_or(failure.run_id.as_str(), |object| object.key.as_str());
    frame(&printable(title), &header(failure, title), &main)
}

fn header(failure: &FailureReport, title: &str) -> Markup {
    html! {
        header {
            p.status.bad { "The run " (failure.status.sentence()) }
            h1 { bdi { (printable(title)) } }
            p.quiet {
                (moment(&failure.failed_at)) " · run " bdi { (printable(&failure.run_id)) }
                " · fanout " (printable(&failure.fanout))
            }
        }
    }
}

/// How far the run had come.
fn progress(failure: &FailureReport) -> Markup {
    html! {
        dl.tiles {
            @if let Some(chunks) = failure.chunks {
                div { dt { "Chunks done" } dd { (count(failure.chunks_done)) " " small { "of " (count(chunks)) } } }
            } @else {
                div { dt { "Chunks" } dd { "none planned" } }
            }
            div { dt { "Records" } dd { (count(failure.records)) } }
            div { dt { "Rejects" } dd { (count(failure.rejects)) } }
        }
        p.quiet { "What the run left is in " bdi.place { (printable(&failure.results.to_string())) } }
        @if !failure.reject_parts.is_empty() {
            p {
                "Refused records so far:"
                @for part in &failure.reject_parts { " " a href=(part) { (printable(part)) } }
            }
        }
        @if let Some(execution) = &failure.execution { p.quiet { "Execution " bdi { (printable(execution)) } } }
    }
}

/// The chunks that failed, each with its last error.
fn chunks(failure: &FailureReport) -> Markup {
    html! {
        section {
            h2 { "Chunks that failed" }
            div.scroll {
                table {
                    thead { tr { th.number { "Chunk" } th { "Code" } th { "Error" } } }
                    tbody {
                        @for one in &failure.failed_chunks {
                            tr {
                                td.number { (count(one.index)) }
                                td { (one.failure.code) }
                                td { bdi { (printable(&one.failure.message)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
