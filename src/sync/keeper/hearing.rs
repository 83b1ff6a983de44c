//! What the keeper knows at its beginning, and what it hears of afterwards.

use std::path::Path;

use super::{GATHER, Keeper};
use crate::domain::document::DocumentState;

impl Keeper {
    /// Looks at everything once, and at what a death has left.
    pub(super) fn begin(&mut self) {
        self.take_leftovers();
        self.heard = 0;
        match self.peer.readers.read(crate::query::documents::kept_sessions) {
            Ok(sessions) => self.dirty.extend(sessions),
            Err(refusal) => self.fail("", &refusal.message),
        }
        match self.peer.readers.read(crate::query::changes::latest) {
            Ok(seq) => self.heard = seq,
            Err(refusal) => self.fail("", &refusal.message),
        }
        self.look(&[self.sessions()]);
        self.miss();
        self.heed();
        self.write_at = Some(super::now());
    }

    /// Looks which documents of the ledger are not there any more: a first look sees only files.
    fn miss(&mut self) {
        for session in self.dirty.clone() {
            let known =
                self.peer.readers.read(|reader| crate::query::documents::places(reader, session));
            for (path, _) in known.unwrap_or_default() {
                let file = self.file(&path);
                if file.symlink_metadata().is_err() {
                    self.settling.changed(file, None, super::now());
                }
            }
        }
    }

    /// Texts that somebody saved at the moment of a crash, and that may stand nowhere else.
    fn take_leftovers(&mut self) {
        let Ok(leftovers) = self.files.leftovers(Path::new(crate::sync::layout::SESSIONS)) else {
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

    /// Hears which sessions changed.
    pub(super) fn hear(&mut self) {
        let heard = self.heard;
        let read =
            self.peer.readers.read(|reader| crate::query::documents::changed_since(reader, heard));
        match read {
            Ok((sessions, latest)) => {
                self.heard = latest;
                if !sessions.is_empty() {
                    self.dirty.extend(sessions);
                    self.write_at = self.write_at.or_else(|| super::now().checked_add(GATHER));
                }
            }
            Err(refusal) => self.fail("", &refusal.message),
        }
        self.heed();
    }

    /// Heeds what people decided about documents.
    fn heed(&mut self) {
        let Ok(decided) = self.peer.readers.read(crate::query::documents::decided) else { return };
        for (path, session, state) in decided {
            if state == DocumentState::Accepted {
                let file = self.file(&path);
                if !self.settling.is_waiting(&file) {
                    self.read(&file);
                }
            } else if self.dirty.insert(session) {
                self.write_at = self.write_at.or_else(|| super::now().checked_add(GATHER));
            }
        }
    }
}
