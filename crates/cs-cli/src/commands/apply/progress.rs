//! What `apply` shows while it works.

use cs_model::Plain;
use cs_tokens::{Event, Step};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::Output;

/// A bar on a terminal, a line for each step everywhere.
pub(super) struct Progress<'a> {
    output: &'a Output,
    bar: ProgressBar,
}

impl<'a> Progress<'a> {
    pub(super) fn new(output: &'a Output) -> Self {
        // Hides itself where standard error is no terminal. Of many stacks there is one bar already.
        let target =
            if output.is_of_many() { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        Self { output, bar }
    }

    /// Shows what happens.
    pub(super) fn hear(&mut self, event: &Event<'_>) {
        match event {
            Event::Started { step, number, total } => {
                self.bar.set_length(*total as u64);
                self.bar.set_position(*number as u64 - 1);
                self.bar.set_message(describe(step));
                self.bar.tick();
            }
            Event::Done { step, number, total } => {
                self.line(format!("[{number}/{total}] {}: done", describe(step)));
                self.bar.set_position(*number as u64);
            }
            Event::Failed { step, number, total, .. } => {
                self.line(format!("[{number}/{total}] {}: failed", describe(step)));
            }
            _ => {}
        }
    }

    fn line(&self, text: String) {
        self.bar.suspend(|| self.output.note(text));
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// `create delivery token `shop``
fn describe(step: &Step) -> String {
    format!("{} {} token `{}`", step.action.name().replace('_', " "), step.kind, Plain(&step.name))
}
