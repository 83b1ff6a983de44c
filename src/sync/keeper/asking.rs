//! What is asked about documents, and what is no question any more.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::Keeper;
use super::reading::{Asked, Edit, again_as_edit, keys};
use crate::domain::document::{Document, DocumentKind, DocumentNote};
use crate::domain::id::SessionId;
use crate::domain::record::same;
use crate::domain::refusal::Refusal;
use crate::query::documents;
use crate::sync::files::ContentHash;
use crate::sync::grammar;
use crate::sync::state::SessionDocumentState;

impl Keeper {
    /// Of the records that are gone from a document, those that it would show if it were written
    /// now. The others went from it by a change of the database.
    pub(super) fn still_shown(
        &mut self,
        session: SessionId,
        kind: DocumentKind,
        gone: &BTreeSet<String>,
    ) -> BTreeSet<String> {
        if gone.is_empty() {
            return BTreeSet::new();
        }
        self.states(&BTreeSet::from([session]))
            .get(&session)
            .map_or_else(BTreeSet::new, |state| self.shown_by(state, kind, gone))
    }

    /// What sessions say now; those that cannot be read are left out.
    pub(super) fn states(
        &self,
        sessions: &BTreeSet<SessionId>,
    ) -> BTreeMap<SessionId, SessionDocumentState> {
        let read = |session: &SessionId| {
            let state = self.peer.readers.read(|reader| crate::sync::state::read(reader, *session));
            Some((*session, state.ok()?))
        };
        sessions.iter().filter_map(read).collect()
    }

    pub(super) fn shown_by(
        &mut self,
        state: &SessionDocumentState,
        kind: DocumentKind,
        gone: &BTreeSet<String>,
    ) -> BTreeSet<String> {
        let session = state.session.id;
        let Some(rendered) = self.renderer.render_one(state, kind) else {
            return BTreeSet::new();
        };
        let shown = keys(&grammar::draft(&rendered.text, kind, session));
        gone.intersection(&shown).cloned().collect()
    }

    /// Asks about the records that have been gone from their documents for a while.
    pub(super) fn ask_about_removed(&mut self, moment: Instant) {
        for path in self.quarantine.paths_due(moment) {
            let file = self.file(&path);
            self.recheck_now(&file);
        }
        for (path, removed) in self.quarantine.due(moment) {
            let removed: BTreeSet<String> = removed.into_iter().collect();
            if !self.ask(&path, &removed) {
                // It cannot be asked now; it is not written back for that.
                self.quarantine.set(&path, &removed, &BTreeSet::new(), moment);
            }
        }
    }

    /// Asks about the records that are gone from one document; false where that cannot be done now.
    fn ask(&mut self, path: &str, removed: &BTreeSet<String>) -> bool {
        let file = self.file(path);
        let Ok(reading) = self.files.read(&file) else { return false };
        let Ok(ledger) = self.peer.readers.read(|reader| documents::entry(reader, path)) else {
            return false;
        };
        let absent = ledger.as_ref().map(|known| known.absent.clone()).unwrap_or_default();
        // The text was merged before; it is handed in again for the question alone.
        let Some(edit) = again_as_edit(path, &reading.bytes, ledger) else { return false };
        let present = keys(&edit.draft);
        let gone = removed.difference(&present).cloned().collect();
        // What went to another document meanwhile is no question.
        let asked = self.still_shown(edit.session_id, edit.kind, &gone);
        if asked.is_empty() {
            let (path, mut absent) = (path.to_owned(), absent);
            absent.retain(|(record, _)| !removed.contains(record));
            return self.note(vec![DocumentNote::Absent { path, absent }]);
        }
        let removed = asked.into_iter().collect();
        self.merge(edit, Asked { removed, unasked: Vec::new() })
    }

    /// Goes on waiting for what was gone from its document when another process kept it.
    pub(super) fn resume_quarantine(&mut self) {
        let known = match self.peer.readers.read(documents::quarantined) {
            Ok(known) => known,
            Err(refusal) => return self.fail("", &refusal.message),
        };
        let (clock, moment) = (self.peer.clock.now(), super::now());
        for (path, absent) in known {
            for (record, since) in absent {
                self.quarantine.resume(&path, record, clock.since_ms(since), moment);
            }
        }
    }

    /// Withdraws questions about records that a document would not show any more.
    pub(super) fn unask(&mut self, row: &Document, bytes: &[u8], unasked: Vec<String>) {
        let ledger = Some(row.clone());
        if let Some(edit) = again_as_edit(&row.path, bytes, ledger) {
            self.merge(edit, Asked { removed: Vec::new(), unasked });
        }
    }

    /// Shows open conflicts the values that the database has by now: what their documents said is
    /// merged once more.
    pub(super) fn refresh_conflicts(
        &mut self,
        session: SessionId,
        state: &SessionDocumentState,
    ) -> Result<(), Refusal> {
        let open =
            self.peer.readers.read(|reader| documents::open_field_conflicts(reader, session))?;
        let outdated: BTreeSet<String> = open
            .iter()
            .filter(|conflict| {
                let now = state.field(&conflict.record, &conflict.field);
                now.is_some_and(|now| !same(Some(&now), Some(&conflict.ours)))
            })
            .filter_map(|conflict| conflict.document().map(str::to_owned))
            .collect();
        for path in outdated {
            let ledger = self.peer.readers.read(|reader| documents::entry(reader, &path))?;
            let Some(known) = ledger.clone() else { continue };
            // The hash of the file stays: a byte order mark is in it, and not in the text.
            let hash = ContentHash::from_text(&known.agreed_hash);
            if let Some(edit) = again_as_edit(&path, known.agreed.as_bytes(), ledger) {
                self.merge(Edit { hash, ..edit }, Asked::default());
            }
        }
        Ok(())
    }
}
