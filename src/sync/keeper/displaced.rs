//! Files that were replaced while a program may have had them open: what is written to them later
//! is an edit that stands nowhere else. So may be a file that a death has left.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::reading::keys;
use super::{Keeper, SLICE};
use crate::domain::document::{Document, DocumentNote};
use crate::query::documents;
use crate::sync::files::{Displaced, Point};
use crate::sync::grammar;
use crate::sync::grammar::decode::decode;
use crate::sync::layout;

/// How long a displaced file may still be written to by a program that has it open.
const GRACE: Duration = Duration::from_secs(10);

impl Keeper {
    /// Texts that somebody saved at the moment of a crash, and that may stand nowhere else.
    pub(super) fn take_leftovers(&mut self) {
        let Ok(leftovers) = self.files.leftovers(Path::new(layout::SESSIONS)) else {
            return;
        };
        for leftover in leftovers {
            let document = leftover.document.clone().unwrap_or_else(|| leftover.path.clone());
            let path = self.relative(&document);
            if self.keep(&path, &leftover.bytes, "saved at the moment of a crash") {
                // What cannot be removed is found again at the next start.
                leftover.discard().ok();
            }
        }
    }

    /// A file was displaced; it is looked at once more after a while.
    pub(super) fn displace(&mut self, path: PathBuf, displaced: Displaced) {
        let at = super::now().checked_add(GRACE).unwrap_or_else(super::now);
        self.displaced.push((at, path, displaced));
    }

    /// Looks once more at what was displaced a while ago, a slice at a time.
    pub(super) fn recheck_displaced(&mut self, moment: Instant) {
        let is_due = |(at, _, _): &mut (Instant, PathBuf, Displaced)| *at <= moment;
        let due: Vec<_> = self.displaced.extract_if(.., is_due).take(SLICE).collect();
        for (_, path, displaced) in due {
            self.recheck(&path, displaced);
        }
    }

    /// Looks early at everything that was displaced from one place, before a person is asked why
    /// something is gone from it.
    pub(super) fn recheck_now(&mut self, path: &Path) {
        let (here, elsewhere) =
            std::mem::take(&mut self.displaced).into_iter().partition(|(_, of, _)| of == path);
        self.displaced = elsewhere;
        let here: Vec<(Instant, PathBuf, Displaced)> = here;
        for (at, path, displaced) in here {
            if matches!(displaced.recheck(), Ok(None)) {
                self.displaced.push((at, path, displaced));
            } else {
                self.recheck(&path, displaced);
            }
        }
    }

    fn recheck(&mut self, path: &Path, displaced: Displaced) {
        if let Ok(Some(bytes)) = displaced.recheck() {
            let name = self.relative(path);
            if !self.keep(&name, &bytes, "saved into a file that was just replaced") {
                self.displace(path.to_owned(), displaced);
                return;
            }
            self.read_elsewhere(&name, &bytes);
        }
        self.files.reached(Point::Rechecked);
        // Left behind, it is found at the next start.
        displaced.discard().ok();
    }

    /// Merges a text that stands in no file. What the file says, and what it lacks, stays as known
    /// otherwise.
    pub(super) fn read_elsewhere(&mut self, path: &str, bytes: &[u8]) {
        let before = self.peer.readers.read(|reader| documents::entry(reader, path)).ok().flatten();
        let quarantine = self.quarantine.clone();
        self.read_bytes(path, bytes);
        self.quarantine = quarantine;
        let Some(row) = before.filter(|row| !row.agreed_hash.is_empty()) else { return };
        let mut row = row;
        if let Ok(decoded) = decode(bytes) {
            let present = keys(&grammar::draft(&decoded.text, row.kind, row.session_id));
            self.quarantine.set(path, &BTreeSet::new(), &present, super::now());
            row.absent.retain(|(record, _)| !present.contains(record));
        }
        self.dirty.insert(row.session_id);
        self.write_at = Some(super::now());
        self.note(as_it_was(row));
    }
}

/// The row of a document whose file was not touched by what was just merged.
fn as_it_was(row: Document) -> Vec<DocumentNote> {
    let Document { path, session_id, kind, rendered, agreed, agreed_hash, orders, .. } = row;
    let (problems, held, absent) = (row.problems, row.held, row.absent);
    vec![
        DocumentNote::Written {
            path: path.clone(),
            session_id,
            kind,
            rendered,
            agreed,
            agreed_hash,
            orders,
        },
        DocumentNote::Problems { path: path.clone(), problems, held },
        DocumentNote::Absent { path, absent },
    ]
}
