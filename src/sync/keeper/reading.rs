//! From the disk to the database: the edit that a document's bytes are, or what else they are.

use std::collections::BTreeSet;
use std::path::Path;

use super::Keeper;
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::document::{Document, DocumentKind, DocumentNote, DocumentState};
use crate::domain::draft::{Draft, RecordKind, Stamp};
use crate::domain::id::{GroupId, SessionId};
use crate::domain::record::RecordKey;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::SessionState;
use crate::door::Request;
use crate::query::documents;
use crate::sync::files::{ContentHash, Identity, ReadError};
use crate::sync::grammar;
use crate::sync::grammar::decode::decode;
use crate::sync::grammar::health::hold_reason;
use crate::sync::layout::{self, DocumentName};

/// An edit, ready to be merged.
pub(super) struct Edit {
    pub path: String,
    pub session_id: SessionId,
    pub kind: DocumentKind,
    pub text: String,
    pub hash: ContentHash,
    pub draft: Draft,
    pub agreed: Draft,
    pub ledger: Option<Document>,
}

/// What an edit says about records that are not in it.
#[derive(Default)]
pub(super) struct Asked {
    pub removed: Vec<String>,
    pub unasked: Vec<String>,
}

impl Keeper {
    /// Reads a file that has settled.
    pub(super) fn read(&mut self, file: &Path) {
        if let Some(edit) = self.look_into(file) {
            self.merge(edit, Asked::default());
        }
    }

    /// Reads a file that has settled; the edit that it is, where it is one to be merged.
    pub(super) fn look_into(&mut self, file: &Path) -> Option<Edit> {
        let path = self.relative(file);
        layout::place(&path)?;
        match self.files.read(file) {
            Ok(reading) => return self.edit_or_tell(&path, &reading.bytes),
            Err(ReadError::Missing { .. }) => self.gone(&path),
            Err(ReadError::Unstable { .. }) => self.again(file),
            Err(error) => self.hold(&path, &error.to_string()),
        }
        None
    }

    /// Looks at a file once more when it has settled.
    pub(super) fn again(&mut self, file: &Path) {
        self.scan.forget(file);
        let identity = std::fs::metadata(file).ok().map(|standing| Identity::of(&standing));
        self.settling.changed(file.to_owned(), identity, super::now());
    }

    /// Merges what a document said, whether it still stands there or not.
    pub(super) fn read_bytes(&mut self, path: &str, bytes: &[u8]) {
        if let Some(edit) = self.edit_or_tell(path, bytes) {
            self.merge(edit, Asked::default());
        }
    }

    fn edit_or_tell(&mut self, path: &str, bytes: &[u8]) -> Option<Edit> {
        self.edit(path, bytes).unwrap_or_else(|refusal| {
            self.unread(path, &refusal);
            None
        })
    }

    /// What could not be read or merged, on a full disk for one, is new at the next look.
    pub(super) fn unread(&mut self, path: &str, refusal: &Refusal) {
        self.look_again(path);
        self.refused(path, refusal);
    }

    /// What a file says is new at the next look, which comes soon.
    fn look_again(&mut self, path: &str) {
        let file = self.file(path);
        self.scan.forget(&file);
        self.retry.want();
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
        let agreed = agreed(ledger.as_ref(), kind, place.session);
        if let Some(reason) = hold_reason(&text, &draft, &agreed).filter(|_| !is_accepted) {
            self.hold(path, &reason);
            return Ok(None);
        }
        let (path, session_id) = (path.to_owned(), place.session);
        Ok(Some(Edit { path, session_id, kind, text, hash, draft, agreed, ledger }))
    }

    /// A file that the ledger knows is not there.
    fn gone(&mut self, path: &str) {
        let Ok(ledger) = self.peer.readers.read(|reader| documents::entry(reader, path)) else {
            return self.look_again(path);
        };
        let Some(known) = ledger.filter(|known| !known.agreed_hash.is_empty()) else { return };
        let is_put_away = matches!(
            self.session_state(known.session_id),
            Ok(Some(SessionState::Archived)) | Err(_)
        );
        if is_put_away || self.is_packed(known.session_id) {
            return;
        }
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
            self.look_again(path);
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
            return self.look_again(path);
        };
        self.quarantine.forget(path);
        let is_known = ledger.is_some_and(|known| {
            known.state == DocumentState::Held && known.reason.as_deref() == Some(reason)
        });
        if !is_known {
            let held = DocumentNote::Held { path: path.to_owned(), reason: reason.to_owned() };
            if !self.note(vec![held]) {
                self.look_again(path);
            }
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

pub(super) fn again_as_edit(path: &str, bytes: &[u8], ledger: Option<Document>) -> Option<Edit> {
    let place = layout::place(path)?;
    let known = ledger.as_ref()?;
    let (kind, session_id) = (known.kind, place.session);
    let text = decode(bytes).ok()?.text;
    let draft = grammar::draft(&text, kind, session_id);
    let agreed = agreed(ledger.as_ref(), kind, session_id);
    hold_reason(&text, &draft, &agreed).is_none().then_some(())?;
    let hash = ContentHash::of(bytes);
    let path = path.to_owned();
    Some(Edit { path, session_id, kind, text, hash, draft, agreed, ledger })
}

pub(super) fn is_in(ledger: Option<&Document>, state: DocumentState) -> bool {
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
                | RecordKey::Conflict(_)
                | RecordKey::Artifact(_) => None,
            }
        }
    }
}

/// What the text said that both agreed on last. Whose the items are that have no stamp of their own
/// yet, the ledger knows: so they are made once, however long they wait to be written.
fn agreed(ledger: Option<&Document>, kind: DocumentKind, session: SessionId) -> Draft {
    let Some(known) = ledger else { return Draft::default() };
    let mut draft = grammar::draft(&known.agreed, kind, session);
    for (at, record) in &known.adopted {
        if let Some(item) = draft.records.get_mut(*at) {
            item.stamp = Some(Stamp { record: record.clone(), mark: None });
        }
    }
    draft
}

/// The records that a draft has stamps of.
pub(super) fn keys(draft: &Draft) -> BTreeSet<String> {
    draft.records.iter().filter_map(|item| Some(item.stamp.as_ref()?.record.clone())).collect()
}
