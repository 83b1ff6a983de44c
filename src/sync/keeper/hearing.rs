//! What the database says since: which sessions changed, and what people decided about documents.

use std::path::PathBuf;

use super::{GATHER, Keeper, now};
use crate::domain::document::DocumentState;
use crate::query::documents;

impl Keeper {
    /// Hears which sessions changed.
    pub(super) fn hear(&mut self) {
        let heard = self.heard;
        let read = self.peer.readers.read(|reader| documents::changed_since(reader, heard));
        match read {
            Ok((sessions, latest)) => {
                self.heard = latest;
                if !sessions.is_empty() {
                    self.dirty.extend(sessions);
                    self.write_at = self.write_at.or_else(|| now().checked_add(GATHER));
                }
            }
            Err(refusal) => self.fail("", &refusal.message),
        }
        self.heed();
    }

    /// Heeds what people decided about documents.
    pub(super) fn heed(&mut self) {
        let Ok(decided) = self.peer.readers.read(documents::decided) else { return };
        for (path, session, state) in decided {
            let file = self.file(&path);
            if state == DocumentState::Accepted && self.settling.is_waiting(&file) {
                // It is read when it has settled.
            } else if state == DocumentState::Accepted {
                self.read(&file);
            } else if self.dirty.insert(session) {
                self.write_at = self.write_at.or_else(|| now().checked_add(GATHER));
            }
        }
    }

    /// Looks which documents of the ledger are not there any more: a first look sees only files.
    pub(super) fn miss(&mut self) {
        for session in self.dirty.clone() {
            let known = self.peer.readers.read(|reader| documents::places(reader, session));
            let files = known.unwrap_or_default().into_iter().map(|(path, _)| self.file(&path));
            let gone: Vec<PathBuf> =
                files.filter(|file| file.symlink_metadata().is_err()).collect();
            for file in gone {
                self.settling.changed(file, None, now());
            }
        }
    }
}
