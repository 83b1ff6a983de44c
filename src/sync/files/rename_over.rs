//! Replacing a file where exchange does not exist: a check, a second name for the old file, a
//! rename.
//!
//! The second name is how an edit is found that was written to the old file at the last moment. A
//! whole new file that somebody renames into the place between check and rename is lost; only
//! exchange prevents that.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::outcome::{Displaced, Failure, Raced};
use super::reading::read_now;
use super::temp::{Prepared, TempName};
use super::{ContentHash, Files, Identity, Step};

impl Files {
    /// Gives the old file back, under its second name.
    pub(super) fn rename_over(
        &self,
        target: &Path,
        temp: &Prepared,
        (expected, ours): (&ContentHash, &ContentHash),
    ) -> Result<Option<Displaced>, Failure> {
        let directory = target.parent().unwrap_or(&self.root);
        let kept = TempName::new(target, expected, ours).in_directory(directory);
        // Where there are no links either, nothing is kept.
        let kept = fs::hard_link(target, &kept).map(|()| kept).ok();
        if let Err(failure) = self.rename_checked(target, temp, (expected, kept.as_deref())) {
            if let Some(kept) = kept {
                // Its other name stands; this one is swept away at the next start.
                fs::remove_file(kept).ok();
            }
            return Err(failure);
        }
        let Some(kept) = kept else {
            self.settle(target)?;
            return Ok(None);
        };
        let found = self.steps.at(Step::Swapped).and_then(|()| read_now(&kept));
        let hash = found.as_ref().ok().and_then(Option::as_deref).map(ContentHash::of);
        let settled = match found {
            Ok(text) if hash.as_ref() != Some(expected) => {
                return Err(written_to(text, kept, hash));
            }
            Ok(_) => self.steps.at(Step::Compared).and_then(|()| self.settle(target)),
            Err(error) => Err(error),
        };
        match settled {
            Ok(()) => Ok(Some(Displaced { path: kept, hash })),
            // Back under its name, as it was.
            Err(error) => Err(fs::rename(&kept, target).err().unwrap_or(error).into()),
        }
    }

    fn rename_checked(
        &self,
        target: &Path,
        temp: &Prepared,
        (expected, kept): (&ContentHash, Option<&Path>),
    ) -> Result<(), Failure> {
        self.steps.at(Step::Linked)?;
        let found = match read_now(target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            answer => answer?,
        };
        let is_expected = found.as_deref().map(ContentHash::of).as_ref() == Some(expected);
        if !is_expected || kept.is_some_and(|kept| !is_same(kept, target)) {
            return Err(Failure::raced_by(found));
        }
        Ok(fs::rename(&temp.path, target)?)
    }
}

fn written_to(text: Option<Vec<u8>>, kept: PathBuf, hash: Option<ContentHash>) -> Failure {
    let displaced = Some(Displaced { path: kept, hash });
    Failure::Raced(Raced { texts: text.into_iter().collect(), displaced })
}

fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::symlink_metadata(one), fs::symlink_metadata(other)) {
        (Ok(one), Ok(other)) => Identity::of(&one) == Identity::of(&other),
        (Err(_), _) | (_, Err(_)) => false,
    }
}
