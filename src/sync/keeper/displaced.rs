//! Files out of place: displaced ones that a program may still write to, and those that a death has
//! left.

use std::path::Path;
use std::time::Instant;

use super::Keeper;
use crate::sync::files::Displaced;
use crate::sync::layout;

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

    pub(super) fn recheck_displaced(&mut self, moment: Instant) {
        let (due, later) =
            std::mem::take(&mut self.displaced).into_iter().partition(|(at, _, _)| *at <= moment);
        self.displaced = later;
        for (_, path, displaced) in due {
            self.recheck(&path, displaced);
        }
    }

    /// A program that had the old file open may have written to it after it was displaced.
    fn recheck(&mut self, path: &Path, displaced: Displaced) {
        if let Ok(Some(bytes)) = displaced.recheck() {
            let name = self.relative(path);
            self.keep(&name, &bytes, "saved into a file that was just replaced");
            self.read_bytes(&name, &bytes);
        }
        // Left behind, it is found at the next start.
        displaced.discard().ok();
    }
}
