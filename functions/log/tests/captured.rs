//! The captured log, alone in its process: another subscriber would hide what is tested.
#![allow(clippy::unwrap_used)]

use fanout_log::Captured;
use tracing_subscriber::filter::LevelFilter;

fn emit() {
    tracing::info!(target: "fanout", "emitted");
}

#[test]
fn an_event_that_a_thread_without_a_log_emitted_first() {
    let log = Captured::default();
    let _guard = tracing::dispatcher::set_default(&log.subscriber(LevelFilter::INFO));
    std::thread::spawn(emit).join().unwrap();
    emit();
    assert_eq!(log.events("emitted").len(), 1);
}
