//! From the disk to the database: one edit of one document.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use super::{Deed, Keeper};
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::document::{Document, DocumentKind, DocumentNote, DocumentState, ReadDocument};
use crate::domain::draft::{Draft, RecordKind};
use crate::domain::id::{GroupId, SessionId};
use crate::domain::record::{RecordKey, same};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::SessionState;
use crate::door::Request;
use crate::query::documents;
use crate::sync::files::{ContentHash, Identity, ReadError};
use crate::sync::grammar;
use crate::sync::grammar::decode::decode;
use crate::sync::grammar::health::hold_reason;
use crate::sync::layout::{self, DocumentName};
use crate::sync::state::SessionDocumentState;

/// An edit, ready to be merged.
struct Edit {
    path: String,
    session_id: SessionId,
    kind: DocumentKind,
    text: String,
    hash: ContentHash,
    draft: Draft,
    agreed: Draft,
    /// Records that were added since somebody opened the document.
    younger: BTreeSet<String>,
    ledger: Option<Document>,
}

impl Keeper {
    /// Reads a file that has settled.
    pub(super) fn read(&mut self, file: &Path) {
        let path = self.relative(file);
        if layout::place(&path).is_none() {
            return;
        }
        match self.files.read(file) {
            Ok(reading) => self.read_bytes(&path, &reading.bytes),
            Err(ReadError::Missing { .. }) => self.gone(&path),
            Err(ReadError::Unstable { .. }) => self.again(file),
            Err(error) => self.hold(&path, &error.to_string()),
        }
    }

    /// Looks at a file once more when it has settled.
    fn again(&mut self, file: &Path) {
        self.scan.forget(file);
        let identity = std::fs::metadata(file).ok().map(|standing| Identity::of(&standing));
        self.settling.changed(file.to_owned(), identity, super::now());
    }

    /// Merges what a document said, whether it still stands there or not.
    pub(super) fn read_bytes(&mut self, path: &str, bytes: &[u8]) {
        match self.edit(path, bytes) {
            Ok(Some(edit)) => self.merge(edit, Vec::new()),
            Ok(None) => {}
            Err(refusal) => self.unread(path, &refusal),
        }
    }

    /// What could not be read or merged, on a full disk for one, is new at the next look.
    fn unread(&mut self, path: &str, refusal: &Refusal) {
        let file = self.file(path);
        self.scan.forget(&file);
        self.refused(path, refusal);
    }

    /// The edit that a document's bytes are; `None` where there is none to be merged.
    fn edit(&mut self, path: &str, bytes: &[u8]) -> Result<Option<Edit>, Refusal> {
        let Some(place) = layout::place(path) else { return Ok(None) };
        let hash = ContentHash::of(bytes);
        let ledger = self.peer.readers.read(|reader| documents::entry(reader, path))?;
        let agreed_hash = ledger.as_ref().map(|known| known.agreed_hash.as_str());
        let is_accepted = is_in(ledger.as_ref(), DocumentState::Accepted);
        if agreed_hash == Some(hash.as_str()) && !is_accepted {
            if is_in(ledger.as_ref(), DocumentState::Held) {
                self.free(path, place.session);
            }
            return Ok(None);
        }
        if ledger.as_ref().is_some_and(Document::is_restored) {
            // It is about to be restored; what it says is set aside when it is written.
            return Ok(None);
        }
        let decoded = match decode(bytes) {
            Ok(decoded) => decoded,
            Err(error) => {
                self.hold(path, &error.to_string());
                return Ok(None);
            }
        };
        let Some(state) = self.session_state(place.session)? else {
            self.rebuild(place.session, path)?;
            return Ok(None);
        };
        if state == SessionState::Archived {
            return Ok(None);
        }
        let text = decoded.text;
        let Some(kind) = kind_of(&place.name, ledger.as_ref(), &text, place.session) else {
            return Ok(None);
        };
        if !kind.is_read() {
            self.set_aside(path, (place.session, kind), bytes, &text);
            return Ok(None);
        }
        let draft = grammar::draft(&text, kind, place.session);
        let agreed_text = ledger.as_ref().map_or("", |known| known.agreed.as_str());
        let agreed = grammar::draft(agreed_text, kind, place.session);
        // What was added after an editor opened the document is not gone from what it saved.
        let younger = self.earlier.younger_than(path, &text);
        let older = without(&agreed, &younger);
        if let Some(reason) = hold_reason(&text, &draft, &older).filter(|_| !is_accepted) {
            self.hold(path, &reason);
            return Ok(None);
        }
        let (path, session_id) = (path.to_owned(), place.session);
        Ok(Some(Edit { path, session_id, kind, text, hash, draft, agreed, younger, ledger }))
    }

    /// Hands an edit to the writer, and puts what is gone from the document into quarantine.
    fn merge(&mut self, edit: Edit, removed: Vec<String>) {
        let Edit { path, session_id, kind, text, hash, draft, agreed, younger, ledger } = edit;
        let was_ours =
            ledger.as_ref().is_some_and(|known| known.intent.as_deref() == Some(hash.as_str()));
        let present = keys(&draft);
        let mut gone: BTreeSet<String> = keys(&agreed).difference(&present).cloned().collect();
        gone.retain(|record| !younger.contains(record));
        if was_ours || gone.iter().all(|record| removed.contains(record)) {
            gone.clear();
        }
        if !gone.is_empty() {
            gone = self.still_shown(session_id, kind, &gone);
        }
        let read = ReadDocument {
            path: path.clone(),
            session_id,
            kind,
            text,
            hash: String::from(hash),
            draft,
            agreed_hash: ledger.map(|known| known.agreed_hash),
            agreed,
            removed,
            policies: self.policies,
        };
        let request =
            Request::new(Actor::File(path.clone()), Command::ReadDocument(Box::new(read)));
        match self.peer.door.submit_blocking(request) {
            Ok(_) => {
                self.quarantine.set(&path, &gone, &present, super::now());
                self.status.succeeded(&path);
                self.did(&path, Deed::Read);
                self.dirty.insert(session_id);
                self.write_at = Some(super::now());
            }
            Err(refusal) if refusal.code == Code::Busy => {
                let file = self.peer.paths.task_orchestrator().join(&path);
                self.again(&file);
            }
            Err(refusal) => self.unread(&path, &refusal),
        }
    }

    /// Of the records that are gone from a document, those that it would show if it were written
    /// now. The others went from it by a change of the database.
    fn still_shown(
        &mut self,
        session: SessionId,
        kind: DocumentKind,
        gone: &BTreeSet<String>,
    ) -> BTreeSet<String> {
        let state = self.peer.readers.read(|reader| crate::sync::state::read(reader, session));
        let Ok(state) = state else { return BTreeSet::new() };
        let Some(rendered) = self.renderer.render_one(&state, kind) else {
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
            let file = self.file(&path);
            let Ok(reading) = self.files.read(&file) else { continue };
            let Ok(ledger) = self.peer.readers.read(|reader| documents::entry(reader, &path))
            else {
                continue;
            };
            // The text was merged before; it is handed in again for the question alone.
            let Some(edit) = again_as_edit(&path, &reading.bytes, ledger) else { continue };
            let present = keys(&edit.draft);
            let removed = removed.into_iter().filter(|it| !present.contains(it)).collect();
            self.merge(edit, removed);
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
                self.merge(Edit { hash, ..edit }, Vec::new());
            }
        }
        Ok(())
    }

    /// A file that the ledger knows is not there.
    fn gone(&mut self, path: &str) {
        let Ok(ledger) = self.peer.readers.read(|reader| documents::entry(reader, path)) else {
            return;
        };
        let Some(known) = ledger.filter(|known| !known.agreed_hash.is_empty()) else { return };
        if !known.kind.is_read() {
            self.note(vec![DocumentNote::Restored { path: path.to_owned() }]);
            self.dirty.insert(known.session_id);
            self.write_at = Some(super::now());
            return;
        }
        self.hold(path, "The file is gone; restore it, or bring it back.");
    }

    /// Keeps what somebody wrote in a document that is only written, and writes it again.
    fn set_aside(
        &mut self,
        path: &str,
        (session_id, kind): (SessionId, DocumentKind),
        bytes: &[u8],
        text: &str,
    ) {
        if !self.keep(path, bytes, "this document is written by Callboard and not read") {
            return;
        }
        let hash = String::from(ContentHash::of(bytes));
        self.note(vec![DocumentNote::Written {
            path: path.to_owned(),
            session_id,
            kind,
            rendered: String::new(),
            agreed: text.to_owned(),
            agreed_hash: hash,
            orders: String::new(),
        }]);
        self.dirty.insert(session_id);
        self.write_at = Some(super::now());
    }

    fn free(&mut self, path: &str, session: SessionId) {
        self.note(vec![DocumentNote::Freed { path: path.to_owned() }]);
        self.dirty.insert(session);
        self.write_at = Some(super::now());
    }

    /// Holds a document back until a person has decided, or it is well again.
    pub(super) fn hold(&mut self, path: &str, reason: &str) {
        let Ok(ledger) = self.peer.readers.read(|reader| documents::entry(reader, path)) else {
            return;
        };
        self.quarantine.forget(path);
        let is_known = ledger.is_some_and(|known| {
            known.state == DocumentState::Held && known.reason.as_deref() == Some(reason)
        });
        if !is_known {
            let (path, reason) = (path.to_owned(), reason.to_owned());
            self.note(vec![DocumentNote::Held { path, reason }]);
        }
    }

    pub(super) fn note(&mut self, notes: Vec<DocumentNote>) -> bool {
        if notes.is_empty() {
            return true;
        }
        let request = Request::new(Actor::System, Command::NoteDocuments { notes });
        match self.peer.door.submit_blocking(request) {
            Ok(_) => true,
            Err(refusal) => {
                self.refused("", &refusal);
                false
            }
        }
    }

    pub(super) fn session_state(
        &self,
        session: SessionId,
    ) -> Result<Option<SessionState>, Refusal> {
        let found = self.peer.readers.read(|reader| crate::query::sessions::get(reader, session));
        match found {
            Ok(session) => Ok(Some(session.state)),
            Err(refusal) if refusal.code == Code::UnknownId => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }
}

fn again_as_edit(path: &str, bytes: &[u8], ledger: Option<Document>) -> Option<Edit> {
    let place = layout::place(path)?;
    let known = ledger.as_ref()?;
    let (kind, session_id) = (known.kind, place.session);
    let text = decode(bytes).ok()?.text;
    let draft = grammar::draft(&text, kind, session_id);
    let agreed = grammar::draft(&known.agreed, kind, session_id);
    hold_reason(&text, &draft, &agreed).is_none().then_some(())?;
    let hash = ContentHash::of(bytes);
    let (path, younger) = (path.to_owned(), BTreeSet::new());
    Some(Edit { path, session_id, kind, text, hash, draft, agreed, younger, ledger })
}

fn is_in(ledger: Option<&Document>, state: DocumentState) -> bool {
    ledger.is_some_and(|known| known.state == state)
}

/// What a document is; the file of a group that the ledger does not know says it itself.
pub(super) fn kind_of(
    name: &DocumentName,
    ledger: Option<&Document>,
    text: &str,
    session: SessionId,
) -> Option<DocumentKind> {
    match (name, ledger) {
        (DocumentName::Kind(kind), _) => Some(*kind),
        (DocumentName::Group(_), Some(known)) => Some(known.kind),
        (DocumentName::Group(_), None) => {
            let any = DocumentKind::Group(GroupId::from_random(0));
            let draft = grammar::draft(text, any, session);
            let title = draft.records.iter().find(|item| item.kind == RecordKind::Group)?;
            match title.stamp.as_ref()?.key()? {
                RecordKey::Group(id) => Some(DocumentKind::Group(id)),
                RecordKey::Session(_)
                | RecordKey::Task(_)
                | RecordKey::Dependency(..)
                | RecordKey::Context(..)
                | RecordKey::Conflict(_) => None,
            }
        }
    }
}

/// A draft without some records.
fn without(draft: &Draft, records: &BTreeSet<String>) -> Draft {
    let mut rest = draft.clone();
    rest.records
        .retain(|item| item.stamp.as_ref().is_none_or(|stamp| !records.contains(&stamp.record)));
    rest
}

/// The records that a draft has stamps of.
pub(super) fn keys(draft: &Draft) -> BTreeSet<String> {
    draft.records.iter().filter_map(|item| Some(item.stamp.as_ref()?.record.clone())).collect()
}
