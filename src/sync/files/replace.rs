//! Compare and swap: a file is replaced only if it says what is expected.

use std::fs;
use std::io;
use std::path::Path;

use super::outcome::{Displaced, Failure, ReplaceError, Replaced};
use super::reading::{read_now, read_stable};
use super::swap::is_unsupported;
use super::temp::{NewFile, sync_directory};
use super::{ContentHash, Files, ReadError, Step};
use crate::domain::document::DOCUMENT_MAX;

impl Files {
    /// Replaces a file that says what is expected; without an expectation there must be none, and
    /// it is made, with the directories to it.
    ///
    /// # Errors
    ///
    /// [`ReplaceError`]; what a person saved is lost in none of the cases.
    pub fn replace(
        &self,
        path: &Path,
        expected: Option<&ContentHash>,
        bytes: &[u8],
    ) -> Result<Replaced, ReplaceError> {
        let target = self.place(path)?;
        if DOCUMENT_MAX < bytes.len() {
            return Err(ReplaceError::TooLarge { path: target, size: bytes.len() });
        }
        match expected {
            Some(expected) => self.put(&target, expected, bytes),
            None => self.make(&target, bytes),
        }
        .map_err(|failure| failure.of(&target))
    }

    fn put(
        &self,
        target: &Path,
        expected: &ContentHash,
        bytes: &[u8],
    ) -> Result<Replaced, Failure> {
        let permissions = Some(self.check(target, expected)?);
        let hash = ContentHash::of(bytes);
        let temp = self.prepare(target, NewFile { bytes, hash: &hash, expected, permissions })?;
        let identity = temp.identity;
        match self.exchange(&temp.path, target) {
            Ok(()) => {}
            Err(error) if is_unsupported(&error) => {
                let displaced = self.rename_over(target, &temp, (expected, &hash))?;
                return Ok(Replaced { hash, identity, displaced });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Failure::raced_by(None));
            }
            Err(error) => return Err(error.into()),
        }
        let out = temp.give_away();
        let found = self.steps.at(Step::Swapped).and_then(|()| read_now(&out));
        match found {
            Ok(Some(found)) if ContentHash::of(&found) == *expected => {}
            Ok(found) => return Err(Failure::Raced(self.take_back(target, out, &hash, found))),
            Err(error) => return Err(self.give_up(target, out, &hash, error)),
        }
        let settled = self.steps.at(Step::Compared).and_then(|()| self.settle(target));
        if let Err(error) = settled {
            return Err(self.give_up(target, out, &hash, error));
        }
        let displaced = Displaced { path: out, hash: Some(expected.clone()) };
        Ok(Replaced { hash, identity, displaced: Some(displaced) })
    }

    /// The permissions of a file that says what is expected and may be written.
    pub(super) fn check(
        &self,
        target: &Path,
        expected: &ContentHash,
    ) -> Result<fs::Permissions, Failure> {
        let reading = match read_stable(target) {
            Ok(reading) => reading,
            Err(ReadError::Missing { .. }) => return Err(Failure::raced_by(None)),
            Err(error) => return Err(Failure::Read(error)),
        };
        if reading.hash != *expected {
            return Err(Failure::raced_by(Some(reading.bytes)));
        }
        let allowed = fs::metadata(target).and_then(|standing| {
            let permissions = standing.permissions();
            Ok((!permissions.readonly() && may_write(target)?).then_some(permissions))
        });
        let permissions = match allowed {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Failure::raced_by(None));
            }
            allowed => allowed?.ok_or(Failure::ReadOnly)?,
        };
        self.steps.at(Step::Checked)?;
        Ok(permissions)
    }

    pub(super) fn settle(&self, target: &Path) -> io::Result<()> {
        sync_directory(target.parent().unwrap_or(&self.root))?;
        self.steps.at(Step::DirectorySynced)
    }

    fn make(&self, target: &Path, bytes: &[u8]) -> Result<Replaced, Failure> {
        if target.symlink_metadata().is_ok() {
            return Err(Failure::raced_by(read_now(target)?));
        }
        self.steps.at(Step::Checked)?;
        make_directories(target.parent().unwrap_or(&self.root))?;
        let hash = ContentHash::of(bytes);
        let new = NewFile { bytes, hash: &hash, expected: &hash, permissions: None };
        let temp = self.prepare(target, new)?;
        let identity = temp.identity;
        match self.rename_fresh(&temp.path, target) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(Failure::raced_by(read_now(target)?));
            }
            Err(error) => return Err(error.into()),
        }
        self.steps.at(Step::Swapped)?;
        self.settle(target)?;
        Ok(Replaced { hash, identity, displaced: None })
    }
}

/// Makes the directories that are missing, each on the disk before the next.
fn make_directories(directory: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = directory.ancestors().take_while(|above| !above.is_dir()).collect();
    for next in missing.into_iter().rev() {
        match fs::create_dir(next) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            Ok(()) | Err(_) => next.parent().map_or(Ok(()), sync_directory)?,
        }
    }
    Ok(())
}

#[cfg(unix)]
fn may_write(path: &Path) -> io::Result<bool> {
    use rustix::io::Errno;
    match rustix::fs::access(path, rustix::fs::Access::WRITE_OK) {
        Ok(()) => Ok(true),
        Err(Errno::ACCESS | Errno::PERM | Errno::ROFS) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
fn may_write(_: &Path) -> io::Result<bool> {
    Ok(true)
}
