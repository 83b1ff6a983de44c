//! Removing a file only if it says what is expected.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::outcome::{Displaced, Failure, Raced, Removed, ReplaceError};
use super::reading::read_now;
use super::temp::TempName;
use super::{ContentHash, Files, Step};

impl Files {
    /// Removes a file that says what is expected.
    ///
    /// # Errors
    ///
    /// [`ReplaceError`]; what a person saved is lost in none of the cases.
    pub fn remove(&self, path: &Path, expected: &ContentHash) -> Result<Removed, ReplaceError> {
        let target = self.place(path)?;
        self.take_away(&target, expected).map_err(|failure| failure.of(&target))
    }

    fn take_away(&self, target: &Path, expected: &ContentHash) -> Result<Removed, Failure> {
        if target.symlink_metadata().is_err() {
            return Ok(Removed { displaced: None });
        }
        self.check(target, expected)?;
        let directory = target.parent().unwrap_or(&self.root);
        let out = TempName::new(target, expected, expected).in_directory(directory);
        match fs::rename(target, &out) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Removed { displaced: None });
            }
            answer => answer?,
        }
        let found = self.steps.at(Step::Swapped).and_then(|()| read_now(&out));
        let (text, failed) = match found {
            Ok(Some(found)) if ContentHash::of(&found) == *expected => {
                match self.steps.at(Step::Compared).and_then(|()| self.settle(target)) {
                    Ok(()) => {
                        let displaced = Displaced { path: out, hash: Some(expected.clone()) };
                        return Ok(Removed { displaced: Some(displaced) });
                    }
                    Err(error) => (None, Some(error)),
                }
            }
            Ok(found) => (found, None),
            Err(error) => (None, Some(error)),
        };
        Err(self.put_back(target, out, text, failed))
    }

    /// Undoes a removal, unless somebody has saved the file anew.
    fn put_back(
        &self,
        target: &Path,
        out: PathBuf,
        text: Option<Vec<u8>>,
        failed: Option<io::Error>,
    ) -> Failure {
        let hash = text.as_deref().map(ContentHash::of);
        let back = self.rename_fresh(&out, target);
        match (back, failed) {
            (Ok(()), Some(error)) => Failure::Io(error),
            (Ok(()), None) => Failure::raced_by(text),
            (Err(_), _) => Failure::Raced(Raced {
                texts: text.into_iter().collect(),
                displaced: Some(Displaced { path: out, hash }),
            }),
        }
    }
}
