//! From the database to the disk: the documents of one session.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::orders::{in_short, not_shown, orders};
use super::reading::keys;
use super::{Deed, Keeper};
use crate::domain::conflict::Conflict;
use crate::domain::document::{Document, DocumentNote, DocumentState};
use crate::domain::draft::Draft;
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::query::documents;
use crate::sync::files::{ContentHash, Point, ReadError, Reading};
use crate::sync::grammar;
use crate::sync::grammar::decode::{Decoded, Endings, decode};
use crate::sync::layout;
use crate::sync::render::Rendered;
use crate::sync::splice::{Orders, Source, Sources, splice};
use crate::sync::state;

/// A document that is to be written.
pub(super) struct Job {
    pub rendered: Rendered,
    /// The hash of what is to be replaced; none for a new file.
    pub expected: Option<ContentHash>,
    /// What is to be replaced, if a person wrote in it since it was written last.
    pub edited: Option<Vec<u8>>,
    /// A person wants it as the database has it: that holds until it is written, whatever is in
    /// between.
    pub is_restored: bool,
    pub text: String,
    pub bytes: Vec<u8>,
    pub orders: String,
}

impl Keeper {
    /// Brings the documents of every session up to date that may be older than its records.
    pub(super) fn write_everything(&mut self) {
        for session in std::mem::take(&mut self.dirty) {
            self.write_one(session);
        }
    }

    pub(super) fn write_one(&mut self, session: SessionId) {
        if let Err(refusal) = self.write_session(session) {
            self.late.insert(session);
            self.refused(&session.to_string(), &refusal);
        }
        self.prune_edits();
    }

    fn write_session(&mut self, session: SessionId) -> Result<(), Refusal> {
        let Some(current) = self.session_state(session)? else { return Ok(()) };
        let is_put_away = current == crate::domain::session::SessionState::Archived;
        if is_put_away || self.is_packed(session) {
            return Ok(());
        }
        self.renderer.reload();
        let mut state = self.peer.readers.read(|reader| state::read(reader, session))?;
        let ledger = self.peer.readers.read(|reader| documents::ledger(reader, session))?;
        if ledger.is_empty()
            && let Some(directory) =
                layout::find_directory(&self.peer.paths.task_orchestrator(), session)
        {
            state.layout.directory = directory;
        }
        let mut known: BTreeMap<String, Document> =
            ledger.into_iter().map(|row| (row.path.clone(), row)).collect();
        self.refresh_conflicts(session, &state)?;
        let open =
            self.peer.readers.read(|reader| documents::open_conflicts_of(reader, session))?;
        let open = by_document(open);
        let rendered = self.renderer.render(&state);
        let mut jobs = Vec::new();
        let mut notes = Vec::new();
        for one in rendered {
            let row = known.remove(&one.path);
            let open = open.get(&one.path).map(Vec::as_slice).unwrap_or_default();
            match self.job(session, one, row.as_ref().map(|row| (row, open))) {
                Next::Write(job) => jobs.push(*job),
                Next::Note(note) => notes.push(note),
                Next::Nothing => {}
            }
        }
        self.note(notes);
        for row in known.into_values() {
            self.take_away(&row);
        }
        self.carry_out(session, jobs);
        Ok(())
    }

    /// What is to be done about one document.
    fn job(
        &mut self,
        session: SessionId,
        rendered: Rendered,
        known: Option<(&Document, &[Conflict])>,
    ) -> Next {
        let file = self.file(&rendered.path);
        let (row, open) = (known.map(|(row, _)| row), known.map(|(_, open)| open));
        let open = open.unwrap_or_default();
        let orders = row.map_or_else(Orders::default, |row| {
            let mut quarantined = self.quarantine.of(&row.path);
            if !quarantined.is_empty() {
                // What the document would not show is not left out of it.
                let shown = keys(&grammar::draft(&rendered.text, rendered.kind, session));
                quarantined.retain(|record| shown.contains(record));
            }
            orders(row, open, quarantined)
        });
        if row.is_some_and(|row| is_settled(row, &rendered, &orders)) {
            return Next::Nothing;
        }
        if row.is_some_and(|row| row.state == DocumentState::Held) {
            return Next::Nothing;
        }
        if self.settling.is_waiting(&file) {
            self.late.insert(session);
            return Next::Nothing;
        }
        let is_restored = row.is_some_and(Document::is_restored);
        let Some(found) = self.standing(session, &rendered.path, row) else {
            return Next::Nothing;
        };
        let Some(reading) = found else { return new_file(rendered, is_restored) };
        if let Some(row) = row.filter(|_| !is_restored)
            && self.unasks(row, &rendered, (open, &reading.bytes))
        {
            return Next::Nothing;
        }
        let decoded = decode(&reading.bytes);
        let plain = Decoded { text: String::new(), bom: false, endings: Endings::Lf };
        let text = match (&decoded, row) {
            (Ok(decoded), Some(row)) if !is_restored && rendered.kind.is_read() => {
                spliced(session, (&rendered, row), &decoded.text, &orders)
            }
            (Ok(_) | Err(_), _) => rendered.text.clone(),
        };
        let bytes = decoded.as_ref().unwrap_or(&plain).encode(&text);
        if bytes == reading.bytes {
            let agreed = (text, in_short(&orders));
            return Next::Note(written(session, &rendered, agreed, &reading.hash));
        }
        let is_pending = row.is_some_and(|row| row.state == DocumentState::Pending);
        // Where only stamps change, nothing that anybody wrote is replaced.
        let stays = decoded.is_ok_and(|old| grammar::differ_in_stamps_alone(&old.text, &text));
        let is_edited = is_restored || (is_pending && !stays);
        Next::Write(Box::new(Job {
            expected: Some(reading.hash),
            edited: is_edited.then_some(reading.bytes),
            is_restored,
            rendered,
            text,
            bytes,
            orders: in_short(&orders),
        }))
    }

    /// What stands in the place of a document; nothing where it is not to be written now.
    fn standing(
        &mut self,
        session: SessionId,
        path: &str,
        row: Option<&Document>,
    ) -> Option<Option<Reading>> {
        let file = self.file(path);
        let found = match self.files.read(&file) {
            Ok(reading) => Some(reading),
            Err(ReadError::Missing { .. }) => None,
            Err(error) => {
                self.fail(path, &error.to_string());
                self.late.insert(session);
                return None;
            }
        };
        let agreed = row.map(|row| row.agreed_hash.as_str()).filter(|hash| !hash.is_empty());
        let is_restored = row.is_some_and(Document::is_restored);
        let is_edited = match (&found, agreed) {
            (Some(reading), agreed) => !is_restored && agreed != Some(reading.hash.as_str()),
            (None, agreed) => agreed.is_some(),
        };
        if is_edited {
            // Somebody saved it just now, or removed it: that is read first.
            let identity = found.as_ref().map(|reading| reading.identity);
            self.settling.changed(file, identity, super::now());
            self.late.insert(session);
            return None;
        }
        Some(found)
    }

    /// Withdraws the questions about records that the document would not show any more; true where
    /// there were any.
    fn unasks(
        &mut self,
        row: &Document,
        rendered: &Rendered,
        (open, bytes): (&[Conflict], &[u8]),
    ) -> bool {
        let unasked = not_shown(row.session_id, rendered, open);
        let has_some = !unasked.is_empty();
        if has_some {
            self.unask(row, bytes, unasked);
        }
        has_some
    }

    /// Somebody saved at the very moment: each text is an edit of its own. The one that stands in
    /// the file is read when it has settled, as it may not be whole yet.
    pub(super) fn raced(&mut self, path: &str, raced: crate::sync::files::Raced) {
        let file = self.file(path);
        let standing = self.files.read(&file).ok().map(|reading| reading.bytes);
        for bytes in raced.texts {
            if standing.as_ref() != Some(&bytes)
                && self.keep(path, &bytes, "saved while it was being replaced")
            {
                self.read_elsewhere(path, &bytes);
            }
        }
        if let Some(displaced) = raced.displaced {
            self.displace(file.clone(), displaced);
        }
        self.scan.forget(&file);
        self.look(&[self.sessions()]);
    }

    /// Takes a document away that is no longer to be there, unless somebody wrote in it.
    fn take_away(&mut self, row: &Document) {
        let file = self.file(&row.path);
        let forgotten = DocumentNote::Forgotten { path: row.path.clone() };
        match self.files.read(&file) {
            Ok(reading) if reading.hash.as_str() == row.agreed_hash => {
                self.remove(row, &reading.hash, forgotten);
            }
            Ok(reading) => self.settling.changed(file, Some(reading.identity), super::now()),
            Err(ReadError::Missing { .. }) => {
                self.note(vec![forgotten]);
            }
            Err(error) => {
                self.late.insert(row.session_id);
                self.fail(&row.path, &error.to_string());
            }
        }
    }

    fn remove(&mut self, row: &Document, hash: &ContentHash, forgotten: DocumentNote) {
        let file = self.file(&row.path);
        match self.files.remove(&file, hash) {
            Ok(removed) => {
                self.files.reached(Point::Written);
                if let Some(displaced) = removed.displaced {
                    self.displace(file.clone(), displaced);
                }
                self.scan.forget(&file);
                self.did(&row.path, Deed::Removed);
                self.note(vec![forgotten]);
            }
            Err(error) => {
                self.late.insert(row.session_id);
                self.fail(&row.path, &error.to_string());
            }
        }
    }

    pub(super) fn file(&self, path: &str) -> PathBuf {
        self.peer.paths.task_orchestrator().join(path)
    }
}

fn by_document(open: Vec<Conflict>) -> BTreeMap<String, Vec<Conflict>> {
    let mut found: BTreeMap<String, Vec<Conflict>> = BTreeMap::new();
    for conflict in open {
        if let Some(path) = conflict.document().map(str::to_owned) {
            found.entry(path).or_default().push(conflict);
        }
    }
    found
}

/// What is to be done about a document.
enum Next {
    Nothing,
    /// The file says the right thing already.
    Note(DocumentNote),
    Write(Box<Job>),
}

pub(super) fn is_settled(row: &Document, rendered: &Rendered, orders: &Orders) -> bool {
    row.state == DocumentState::InStep
        && row.rendered == rendered.text
        && row.adopted.is_empty()
        && row.orders == in_short(orders)
}

fn new_file(rendered: Rendered, is_restored: bool) -> Next {
    let (text, bytes) = (rendered.text.clone(), rendered.text.clone().into_bytes());
    let orders = String::new();
    let (expected, edited) = (None, None);
    Next::Write(Box::new(Job { rendered, expected, edited, is_restored, text, bytes, orders }))
}

pub(super) fn written(
    session_id: SessionId,
    rendered: &Rendered,
    (agreed, orders): (String, String),
    hash: &ContentHash,
) -> DocumentNote {
    DocumentNote::Written {
        path: rendered.path.clone(),
        session_id,
        kind: rendered.kind,
        rendered: rendered.text.clone(),
        agreed,
        agreed_hash: hash.as_str().to_owned(),
        orders,
    }
}

/// The file as it stands, with what changed put into it.
fn spliced(
    session: SessionId,
    (rendered, row): (&Rendered, &Document),
    file: &str,
    orders: &Orders,
) -> String {
    // Nobody has touched it since, and nothing is left out: it becomes what the template gives.
    if file == row.rendered && orders.held.is_empty() && orders.absent.is_empty() {
        return rendered.text.clone();
    }
    let draft = |text: &str| grammar::draft(text, rendered.kind, session);
    // A document that was never written by this database: what the template gives counts as what it
    // gave.
    let last = if row.rendered.is_empty() { &rendered.text } else { &row.rendered };
    let drafts = (draft(last), draft(&rendered.text), draft(file));
    let sources = Sources {
        last: Source { text: last, draft: &drafts.0 },
        next: Source { text: &rendered.text, draft: &drafts.1 },
        file: Source { text: file, draft: &drafts.2 },
    };
    let spliced = splice(&sources, orders);
    if spliced == rendered.text || tells_the_same(&draft(&spliced), &drafts.1, orders) {
        return spliced;
    }
    // Something around a record makes it unreadable: their text is kept, and gives way.
    tracing::warn!(path = rendered.path, "what is around the records hides some of them");
    rendered.text.clone()
}

/// Tells whether a new document has the records that it should have, and no others.
fn tells_the_same(found: &Draft, next: &Draft, orders: &Orders) -> bool {
    let (found, next) = (keys(found), keys(next));
    let is_left_out = |record: &&String| orders.absent.contains(*record);
    let stays = |record: &&String| orders.held.contains_key(*record);
    next.difference(&found).all(|record| is_left_out(&record))
        && found.difference(&next).all(|record| stays(&record))
}
