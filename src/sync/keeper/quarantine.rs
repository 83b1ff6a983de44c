//! Records that are gone from a document: cut here and pasted there is two saves, so they are asked
//! about only after a while.
//!
//! The ledger knows them, too, by the time when they were seen to be gone: here are the moments at which
//! this process asks.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// What is gone, by document and record, and when it is asked about.
#[derive(Debug, Clone)]
pub(super) struct Quarantine {
    lasts: Duration,
    gone: BTreeMap<String, BTreeMap<String, Instant>>,
}

impl Quarantine {
    pub(super) fn lasting(lasts: Duration) -> Self {
        Self { lasts, gone: BTreeMap::new() }
    }

    /// A record has been gone from a document for some time, as the ledger knows.
    pub(super) fn resume(&mut self, path: &str, record: String, gone_ms: i64, now: Instant) {
        // A clock that jumped makes nobody wait longer.
        let gone = Duration::from_millis(u64::try_from(gone_ms).unwrap_or(0));
        let at = now.checked_add(self.lasts.saturating_sub(gone)).unwrap_or(now);
        self.gone.entry(path.to_owned()).or_default().insert(record, at);
    }

    /// Records are gone from a document. Those that are back are forgotten.
    pub(super) fn set(
        &mut self,
        path: &str,
        gone: &BTreeSet<String>,
        present: &BTreeSet<String>,
        now: Instant,
    ) {
        let known = self.gone.entry(path.to_owned()).or_default();
        known.retain(|record, _| !present.contains(record));
        for record in gone {
            known
                .entry(record.clone())
                .or_insert_with(|| now.checked_add(self.lasts).unwrap_or(now));
        }
        if known.is_empty() {
            self.gone.remove(path);
        }
    }

    /// The records that are in quarantine for a document.
    pub(super) fn of(&self, path: &str) -> BTreeSet<String> {
        self.gone.get(path).map(|known| known.keys().cloned().collect()).unwrap_or_default()
    }

    /// The documents that something is to be asked about by now.
    pub(super) fn paths_due(&self, now: Instant) -> Vec<String> {
        let due = self.gone.iter().filter(|(_, known)| known.values().any(|at| *at <= now));
        due.map(|(path, _)| path.clone()).collect()
    }

    /// Takes out what is to be asked about by now.
    pub(super) fn due(&mut self, now: Instant) -> Vec<(String, Vec<String>)> {
        let mut due = Vec::new();
        for (path, known) in &mut self.gone {
            let over: Vec<String> =
                known.iter().filter(|(_, at)| **at <= now).map(|(it, _)| it.clone()).collect();
            known.retain(|_, at| now < *at);
            if !over.is_empty() {
                due.push((path.clone(), over));
            }
        }
        self.gone.retain(|_, known| !known.is_empty());
        due
    }

    /// When something is to be asked about next.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.gone.values().flat_map(BTreeMap::values).min().copied()
    }

    /// Waits for nothing of a document any more.
    pub(super) fn forget(&mut self, path: &str) {
        self.gone.remove(path);
    }
}
