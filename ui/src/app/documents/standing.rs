//! Whether documents and database are in step, in a word for the header.

use callboard_engine::domain::count::counted;
use callboard_engine::query::ledger::DocumentCounts;
use callboard_engine::sync::keeper::SyncStatus;

use crate::app::Model;
use crate::theme::Meaning;

/// Documents are pending for a moment with every change; only what lasts longer is told.
pub const PENDING_MS: i64 = 2_000;

/// Where so many documents wait, after a checkout for one, it is told how many are left.
const MANY: usize = 50;

/// Who keeps the documents, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Keeping {
    /// It has just begun.
    #[default]
    Unknown,
    /// No process does, and this one cannot.
    Nobody,
    /// This process does, or waits for its turn.
    Known(SyncStatus),
}

impl Keeping {
    /// What was told of a keeper, where there is one.
    fn status(&self) -> Option<&SyncStatus> {
        match self {
            Self::Known(status) => Some(status),
            Self::Unknown | Self::Nobody => None,
        }
    }

    /// What went wrong with a document when it was last read or written.
    pub fn failure(&self, path: &str) -> Option<&str> {
        let mut failures = self.status()?.failures.iter();
        failures.find(|(failed, _)| failed == path).map(|(_, message)| message.as_str())
    }
}

/// A word about the documents: at length, and where there is little room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub long: String,
    pub short: String,
    pub meaning: Meaning,
}

impl Standing {
    fn new(long: impl Into<String>, short: impl Into<String>, meaning: Meaning) -> Self {
        Self { long: long.into(), short: short.into(), meaning }
    }
}

/// The most important thing to know about the documents of the session; `None` where there are
/// none.
pub fn standing(model: &Model) -> Option<Standing> {
    let (keeping, counts) = (&model.documents.keeping, model.documents.counts);
    if *keeping == Keeping::Nobody {
        let long = "nobody keeps the documents";
        return Some(Standing::new(long, "docs not kept", Meaning::Bad));
    }
    let status = keeping.status();
    if let Some(operation) = status.and_then(|status| status.paused.as_ref()) {
        let long = format!("documents wait for {operation}");
        return Some(Standing::new(long, "docs paused", Meaning::Warn));
    }
    let failures = status.map_or(0, |status| status.failures.len());
    if 0 < failures {
        let [long, short] = ["document", "doc"].map(|noun| counted(failures, noun) + " failed");
        return Some(Standing::new(long, short, Meaning::Bad));
    }
    let left = status.map_or(0, |status| status.to_read.saturating_add(status.to_write));
    if MANY < left {
        let long = format!("{left} documents to go");
        return Some(Standing::new(long, format!("{left} docs to go"), Meaning::Accent));
    }
    if 0 < counts.held {
        let [long, short] = ["document", "doc"].map(|noun| counted(counts.held, noun) + " held");
        return Some(Standing::new(long, short, Meaning::Bad));
    }
    if is_pending(model, counts) {
        return Some(Standing::new("documents pending", "docs pending", Meaning::Warn));
    }
    if status.is_some_and(|status| status.polls.is_some()) {
        return Some(Standing::new("documents polled", "docs polled", Meaning::Warn));
    }
    (0 < counts.in_step).then(|| Standing::new("documents in step", "", Meaning::Dim))
}

fn is_pending(model: &Model, counts: DocumentCounts) -> bool {
    counts.pending_since.is_some_and(|since| PENDING_MS <= model.now.since_ms(since))
}
