//! What a live scan is doing, on one line of the terminal that is gone at the end.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How often the spinner turns.
const TICK: Duration = Duration::from_millis(120);

/// The progress of a scan.
pub(super) struct Progress {
    bar: ProgressBar,
    found: AtomicUsize,
    read: AtomicUsize,
    step: Mutex<String>,
}

impl Progress {
    /// Shown on standard error, if asked for.
    pub(super) fn new(shown: bool) -> Self {
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
            bar.set_style(style);
        }
        if shown {
            bar.enable_steady_tick(TICK);
        }
        Self { bar, found: AtomicUsize::new(0), read: AtomicUsize::new(0), step: Mutex::default() }
    }

    /// A region has so many clusters.
    pub(super) fn found(&self, region: &str, clusters: usize) {
        self.found.fetch_add(clusters, Ordering::Relaxed);
        self.step(region, "clusters");
    }

    /// One cluster more was read.
    pub(super) fn read_cluster(&self) {
        self.read.fetch_add(1, Ordering::Relaxed);
        self.show();
    }

    /// What a region is being asked for.
    pub(super) fn step(&self, region: &str, what: &str) {
        if let Ok(mut step) = self.step.lock() {
            *step = format!("{region}: reading {what}");
        }
        self.show();
    }

    fn show(&self) {
        let (found, read) = (self.found.load(Ordering::Relaxed), self.read.load(Ordering::Relaxed));
        let count = if found > 0 { format!(" ({read} of {found} clusters)") } else { String::new() };
        let step = self.step.lock().map(|step| step.clone()).unwrap_or_default();
        self.bar.set_message(format!("{step}{count}"));
    }

    /// How many clusters there are in the regions so far.
    pub(super) fn found_clusters(&self) -> usize {
        self.found.load(Ordering::Relaxed)
    }

    /// Removes the line.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
