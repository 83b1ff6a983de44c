//! How the keeping of documents goes.

use std::error::Error;

use super::Keeper;
use crate::domain::actor::Actor;
use crate::domain::refusal::Refusal;

/// Failures that are remembered.
const FAILURES_MAX: usize = 20;

/// How it goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncStatus {
    /// This process keeps the documents; otherwise another does, or none.
    pub keeps: bool,
    /// Which other process keeps the documents; this one takes over when that ends.
    pub elsewhere: Option<String>,
    /// Why neither reading nor writing is done: git is in the middle of something.
    pub paused: Option<String>,
    /// Why changes on disk are found by looking now and then.
    pub polls: Option<String>,
    /// Something changed on one side and is not yet on the other.
    pub waiting: bool,
    /// Documents that changed on disk and are not read yet.
    pub to_read: usize,
    /// Documents of the session at work that are not written yet.
    pub to_write: usize,
    /// Templates that are not used, each with file, line and reason.
    pub templates: Vec<String>,
    /// What went wrong, by document, the newest last.
    pub failures: Vec<(String, String)>,
}

impl SyncStatus {
    /// Tells whether this went wrong already and is not well yet.
    fn knows(&self, path: &str, message: &str) -> bool {
        self.failures.iter().any(|(known, told)| known == path && told == message)
    }

    pub(super) fn failed(&mut self, path: &str, message: &str) {
        self.failures.retain(|(known, _)| known != path);
        self.failures.push((path.to_owned(), message.to_owned()));
        let surplus = self.failures.len().saturating_sub(FAILURES_MAX);
        self.failures.drain(..surplus);
    }

    pub(super) fn succeeded(&mut self, path: &str) {
        self.failures.retain(|(known, _)| known != path);
    }
}

impl Keeper {
    pub(super) fn fail(&mut self, path: &str, message: &str) {
        tracing::warn!(path, message, "documents");
        if !self.status.knows(path, message) {
            let file = Actor::File(path.to_owned());
            self.peer.telemetry.failed(file, "sync", ("store_failed", message));
        }
        self.status.failed(path, message);
    }

    pub(super) fn refused(&mut self, path: &str, refusal: &Refusal) {
        self.fail(path, &refusal.message);
    }

    pub(super) fn tell(&mut self) {
        self.status.to_read = self.settling.len();
        self.status.waiting = !self.settling.is_empty() || self.write_at.is_some();
        self.status.templates = self.renderer.problems().iter().map(ToString::to_string).collect();
        let status = self.status.clone();
        self.says.send_if_modified(|known| {
            let is_new = *known != status;
            *known = status;
            is_new
        });
    }
}

/// What went wrong, with what it came from.
pub(super) fn in_full(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(next) = source {
        text += ": ";
        text += &next.to_string();
        source = next.source();
    }
    text
}
