//! Undoing an exchange that displaced what was not expected.

use std::io;
use std::path::{Path, PathBuf};

use super::outcome::{Displaced, Failure, Raced};
use super::reading::read_now;
use super::{ContentHash, Files};

/// Most times that an exchange is taken back while somebody keeps saving.
const ROUNDS_MAX: usize = 8;

impl Files {
    /// Undoes an exchange. `out` holds what somebody saved, and is put back; who saved once more
    /// meanwhile has the last word.
    pub(super) fn take_back(
        &self,
        target: &Path,
        out: PathBuf,
        ours: &ContentHash,
        found: Option<Vec<u8>>,
    ) -> Raced {
        let mut hash = found.as_deref().map(ContentHash::of);
        let mut texts: Vec<Vec<u8>> = found.into_iter().collect();
        for _ in 0..ROUNDS_MAX {
            // Where the file was removed meanwhile, it stays so; the text is in the answer.
            if self.exchange(&out, target).is_err() {
                break;
            }
            let next = read_now(&out).ok().flatten();
            hash = next.as_deref().map(ContentHash::of);
            let Some(next) = next else { continue };
            if hash.as_ref() == Some(ours) || texts.contains(&next) {
                break;
            }
            texts.push(next);
        }
        // Nothing depends on the names being on the disk now.
        self.settle(target).ok();
        Raced { texts, displaced: Some(Displaced { path: out, hash }) }
    }

    /// Undoes an exchange because something failed.
    pub(super) fn give_up(
        &self,
        target: &Path,
        out: PathBuf,
        ours: &ContentHash,
        error: io::Error,
    ) -> Failure {
        let raced = self.take_back(target, out, ours, None);
        match raced.displaced {
            Some(displaced) if raced.texts.is_empty() && displaced.hash.as_ref() == Some(ours) => {
                // Swept away at the next start.
                displaced.discard().ok();
                Failure::Io(error)
            }
            displaced => Failure::Raced(Raced { displaced, ..raced }),
        }
    }
}
