//! Progress bar. Without a terminal, nothing is shown.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::ui::Ui;

/// Progress bar on standard error.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Creates a bar of unknown length.
    pub(crate) fn new(ui: &Ui) -> Self {
        if ui.is_json() || !std::io::stderr().is_terminal() {
            return Self { bar: ProgressBar::hidden() };
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        bar.set_style(style("{spinner} {pos}"));
        Self { bar }
    }

    /// Shows `done` of `total` steps.
    pub(crate) fn set_position(&self, done: u64, total: u64) {
        if self.bar.length() != Some(total) {
            self.bar.set_length(total);
            self.bar.set_style(style("[{bar:40}] {pos}/{len}"));
        }
        self.bar.set_position(done);
    }

    /// Adds one step to a bar of unknown length.
    pub(crate) fn increment(&self) {
        self.bar.inc(1);
    }

    /// Shows that the command waits for an answer.
    pub(crate) fn show_waiting(&self) {
        if !self.bar.is_hidden() {
            self.bar.set_style(style("{spinner} {elapsed}"));
            self.bar.enable_steady_tick(Duration::from_millis(100));
        }
    }

    /// Hides the bar while `print` runs.
    pub(crate) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// Removes the bar.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}
