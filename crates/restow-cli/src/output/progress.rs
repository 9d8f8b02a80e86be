//! Progress bar. Without a terminal, nothing is shown.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::ui::Ui;

/// Progress bar on standard error.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Creates a bar of unknown length.
    pub(crate) fn new(ui: &Ui) -> Self {
        let visible = !ui.is_json() && std::io::stderr().is_terminal();
        let bar = visible.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            bar.set_style(style("{spinner} {pos}"));
            bar
        });
        Self { bar }
    }

    /// Shows `done` of `total` steps.
    pub(crate) fn set_position(&self, done: u64, total: u64) {
        if let Some(bar) = &self.bar {
            if bar.length() != Some(total) {
                bar.set_length(total);
                bar.set_style(style("[{bar:40}] {pos}/{len}"));
            }
            bar.set_position(done);
        }
    }

    /// Adds one step to a bar of unknown length.
    pub(crate) fn increment(&self) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    /// Shows that the command waits for an answer.
    pub(crate) fn show_waiting(&self) {
        if let Some(bar) = &self.bar {
            bar.set_style(style("{spinner} {elapsed}"));
            bar.enable_steady_tick(Duration::from_millis(100));
        }
    }

    /// Hides the bar while `print` runs.
    pub(crate) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Removes the bar.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}
