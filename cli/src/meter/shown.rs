//! The meter of a command: a thread of its own shows the counts, as the workers have every core.

use std::fmt::Write;
use std::io::{IsTerminal, stderr};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, park_timeout, spawn};
use std::time::{Duration, Instant};

use fanout_cli::Progress;
use fanout_cli::deployed::Followed;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::facts::Work;

/// Times between two pictures of a bar, and between two lines of a log.
const OF_BAR: Duration = Duration::from_millis(100);
const OF_LOG: Duration = Duration::from_secs(10);

/// Steps of a bar.
const STEPS: u64 = 10_000;

/// Characters of a file's name beside a bar.
const NAME: usize = 20;

/// The way in which progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// A bar.
    Bar,
    /// Lines.
    Log,
    /// Not at all.
    Nothing,
}

impl Shown {
    /// Shows progress on standard error, unless it is to be quiet.
    pub(crate) fn on_standard_error(quiet: bool) -> Self {
        match quiet {
            true => Shown::Nothing,
            false if stderr().is_terminal() => Shown::Bar,
            false => Shown::Log,
        }
    }
}

/// The progress of a command. It goes away when it is dropped.
pub(crate) struct Meter {
    name: String,
    state: Arc<State>,
    bar: ProgressBar,
    shows: Option<JoinHandle<()>>,
    shown: Shown,
}

struct State {
    work: Mutex<(Work, Instant)>,
    /// Bytes that were read, or rows that were written.
    counter: Arc<AtomicU64>,
    ended: AtomicBool,
}

impl State {
    fn lock(&self) -> MutexGuard<'_, (Work, Instant)> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The work, the counter and the time since the work began, as of now.
    fn now(&self) -> (Work, u64, Duration) {
        let (work, since) = &*self.lock();
        (work.clone(), self.counter.load(Relaxed), since.elapsed())
    }
}

impl Meter {
    /// The meter of a command that reads a file, whose samples come first.
    pub(crate) fn start(shown: Shown, input: &str) -> Self {
        Self::of(shown, input, Work::Doing("reading samples"))
    }

    /// The meter of a command that writes so many rows.
    pub(crate) fn rows(shown: Shown, output: &str, rows: u64) -> Self {
        Self::of(shown, output, Work::Rows(rows))
    }

    /// The meter of a command that asks AWS.
    pub(crate) fn asking(shown: Shown, name: &str) -> Self {
        Self::of(shown, name, Work::Doing("asking AWS"))
    }

    fn of(shown: Shown, path: &str, work: Work) -> Self {
        let name = Path::new(path).file_name().map_or(path.into(), |name| name.to_string_lossy());
        let name = if path == "-" { "standard input".into() } else { name };
        let name: String = name.chars().filter(|character| !character.is_control()).collect();
        let counter = Arc::new(AtomicU64::new(0));
        let state =
            Arc::new(State { work: Mutex::new((work, Instant::now())), counter, ended: AtomicBool::new(false) });
        let bar = ProgressBar::with_draw_target(Some(STEPS), ProgressDrawTarget::hidden());
        bar.set_prefix(name.chars().take(NAME).collect::<String>());
        let mut meter = Meter { name, state, bar, shows: None, shown };
        meter.style();
        if shown == Shown::Bar {
            meter.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        meter.shows = meter.spawn_thread();
        meter
    }

    /// Starts the thread that shows the counts.
    fn spawn_thread(&self) -> Option<JoinHandle<()>> {
        let (state, bar, name) = (self.state.clone(), self.bar.clone(), self.name.clone());
        match self.shown {
            Shown::Nothing => None,
            Shown::Bar => Some(spawn(move || {
                while !state.ended.load(Relaxed) {
                    draw(&state, &bar);
                    park_timeout(OF_BAR);
                }
            })),
            Shown::Log => Some(spawn(move || {
                let mut next = Instant::now() + OF_LOG;
                while !state.ended.load(Relaxed) {
                    park_timeout(next.saturating_duration_since(Instant::now()));
                    if Instant::now() >= next && !state.ended.load(Relaxed) {
                        let (work, counter, time) = state.now();
                        eprintln!("{}", work.line(&name, counter, time));
                        next += OF_LOG;
                    }
                }
            })),
        }
    }

    /// The counter of bytes that are read, or rows that are written.
    pub(crate) fn counter(&self) -> Arc<AtomicU64> {
        self.state.counter.clone()
    }

    /// Says what is done now.
    pub(crate) fn say(&self, what: &'static str) {
        self.set(Work::Doing(what));
    }

    fn set(&self, work: Work) {
        *self.state.lock() = (work, Instant::now());
        self.style();
    }

    /// Shows the progress of a run.
    pub(crate) fn show(&self, progress: Progress) {
        match progress {
            Progress::Round { round, chunks, bytes } => {
                let from = self.state.counter.load(Relaxed);
                self.set(Work::Chunks { round, chunks: (0, chunks), bytes: (0, bytes), records: 0, from });
            }
            Progress::Chunk { bytes: more, records: found } => {
                if let (Work::Chunks { chunks: (done, _), bytes: (bytes, _), records, .. }, _) = &mut *self.state.lock()
                {
                    *done += 1;
                    *bytes += more;
                    *records += found;
                }
            }
            Progress::Merge => {
                self.state.counter.store(0, Relaxed);
                self.say("merging the results");
            }
        }
    }

    /// Shows the progress of a run of the deployed stack.
    pub(crate) fn follow(&self, followed: Followed) {
        self.set(Work::Followed(followed));
    }

    /// Prints a line beside the progress, unless nothing is shown.
    pub(crate) fn note(&self, line: &str) {
        if self.shown != Shown::Nothing {
            self.aside(|| eprintln!("{line}"));
        }
    }

    /// Prints something beside the progress.
    pub(crate) fn aside(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    /// Takes the progress away.
    pub(crate) fn end(&mut self) {
        self.state.ended.store(true, Relaxed);
        if let Some(thread) = self.shows.take() {
            thread.thread().unpark();
            // It has nothing to say at its end.
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }

    /// Gives the bar the form of its work, and draws it.
    fn style(&self) {
        if self.shown != Shown::Bar {
            return;
        }
        let knows_end = self.state.now().0.share(0).is_some();
        let template = if knows_end { "{prefix} {wide_bar} {percent:>3} % {left}\n{msg}" } else { "{prefix}: {msg}" };
        let state = self.state.clone();
        let left = move |_: &ProgressState, out: &mut dyn Write| {
            let (work, counter, time) = state.now();
            // A bar that cannot be written is drawn again soon.
            let _ = out.write_str(&work.left(counter, time).unwrap_or_default());
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        self.bar.set_style(style.with_key("left", left));
        draw(&self.state, &self.bar);
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.end();
    }
}

/// Draws the counts of now.
fn draw(state: &State, bar: &ProgressBar) {
    let (work, counter, time) = state.now();
    bar.set_message(work.facts(counter, time));
    bar.set_position((work.share(counter).unwrap_or(0.0) * STEPS as f64) as u64);
}
