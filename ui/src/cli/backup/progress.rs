//! How far a backup is, on standard error where that is a terminal.

use std::cell::Cell;
use std::io::{self, Write as _};
use std::ops::ControlFlow;

use callboard_engine::backup::Progress;

use crate::cli::environment::Environment;

/// Tells how far the work is on one line that is written again, and takes it away in the end.
pub(super) struct Told {
    shown: bool,
    last: Cell<Option<(&'static str, u64)>>,
}

impl Told {
    pub(super) fn new(environment: &Environment, is_json: bool) -> Self {
        Self { shown: environment.stderr_is_terminal && !is_json, last: Cell::new(None) }
    }

    pub(super) fn tell(&self, progress: Progress) -> ControlFlow<()> {
        let Progress { stage, done, total } = progress;
        let percent = done.saturating_mul(100).checked_div(total);
        let now = (stage.as_str(), percent.unwrap_or(done));
        if self.shown && self.last.replace(Some(now)) != Some(now) {
            let unit = if percent.is_some() { " %" } else { " files" };
            // Where standard error is closed, there is nobody to tell.
            write!(io::stderr(), "\r{stage} {}{unit}\x1b[K", now.1).ok();
        }
        ControlFlow::Continue(())
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        if self.last.get().is_some() {
            write!(io::stderr(), "\r\x1b[K").ok();
        }
    }
}
