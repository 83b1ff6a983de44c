//! Whether git is in the middle of something in the project's tree.
//!
//! While it is, documents come and go by its hand, and reading and writing them pauses.

use std::path::{Path, PathBuf};
use std::{fmt, fs};

/// What git is in the middle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    Rebase,
    Merge,
    CherryPick,
    Revert,
    /// A command that changes the index is running, or died while it did.
    Index,
}

impl Operation {
    /// The files whose presence tells it, in git's directory.
    const SIGNS: [(&str, Self); 6] = [
        ("rebase-merge", Self::Rebase),
        ("rebase-apply", Self::Rebase),
        ("MERGE_HEAD", Self::Merge),
        ("CHERRY_PICK_HEAD", Self::CherryPick),
        ("REVERT_HEAD", Self::Revert),
        ("index.lock", Self::Index),
    ];
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Rebase => "a rebase",
            Self::Merge => "a merge",
            Self::CherryPick => "a cherry-pick",
            Self::Revert => "a revert",
            Self::Index => "a git command",
        })
    }
}

/// What git is in the middle of in the working tree that a directory belongs to.
pub fn in_progress(root: &Path) -> Option<Operation> {
    let directory = root.ancestors().find_map(git_directory)?;
    let (_, operation) = Operation::SIGNS
        .iter()
        .find(|(sign, _)| directory.join(sign).symlink_metadata().is_ok())?;
    Some(*operation)
}

/// The git directory of the working tree at a directory. A linked worktree and a submodule have a
/// file in its stead, which tells where theirs is.
fn git_directory(tree: &Path) -> Option<PathBuf> {
    let git = tree.join(".git");
    let standing = fs::metadata(&git).ok()?;
    if standing.is_dir() {
        return Some(git);
    }
    let text = fs::read_to_string(&git).ok()?;
    Some(tree.join(text.strip_prefix("gitdir:")?.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_is_seen_from_below_and_gone_when_git_is_done() {
        let directory = tempfile::tempdir().unwrap();
        let project = directory.path().join("inner/project");
        fs::create_dir_all(&project).unwrap();
        assert_eq!(in_progress(&project), None);
        let git = directory.path().join(".git");
        fs::create_dir(&git).unwrap();
        fs::write(git.join("BISECT_LOG"), "").unwrap();
        assert_eq!(in_progress(&project), None);
        for (sign, operation) in Operation::SIGNS {
            fs::write(git.join(sign), "").unwrap();
            assert_eq!(in_progress(&project), Some(operation));
            fs::remove_file(git.join(sign)).unwrap();
            assert_eq!(in_progress(&project), None);
        }
    }

    #[test]
    fn a_linked_worktree_has_operations_of_its_own() {
        let directory = tempfile::tempdir().unwrap();
        let linked = directory.path().join("main/.git/worktrees/side");
        let side = directory.path().join("side");
        fs::create_dir_all(&linked).unwrap();
        fs::create_dir_all(&side).unwrap();
        fs::write(side.join(".git"), "gitdir: ../main/.git/worktrees/side\n").unwrap();
        fs::write(directory.path().join("main/.git/MERGE_HEAD"), "").unwrap();
        assert_eq!(in_progress(&side), None);
        fs::create_dir(linked.join("rebase-merge")).unwrap();
        assert_eq!(in_progress(&side), Some(Operation::Rebase));
    }
}
