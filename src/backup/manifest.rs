//! What an archive says of itself: its first entry, `manifest.json`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use crate::domain::actor::Actor;
use crate::domain::backup::{Reason, Scope, SessionInside};
use crate::domain::time::Timestamp;

/// The form of archives that this program writes, and the newest that it reads.
pub const FORMAT: u32 = 1;
/// Longest path of an entry, in bytes.
pub const PATH_MAX: usize = 4_096;
/// Longest name within a path, in bytes.
pub const NAME_MAX: usize = 255;

words! {
    /// What kind of thing was packed.
    Kind("kind") {
        /// A backup of the project.
        Backup = "backup",
        /// The folder of an archived session.
        Session = "session",
    }
}

/// The path of an entry: relative, clean, with `/`, and never out of the folder it is unpacked in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EntryPath(String);

/// A path that cannot be one of an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot be the path of an entry")]
pub struct PathError(pub String);

impl EntryPath {
    /// Takes a path as it is.
    ///
    /// # Errors
    ///
    /// [`PathError`] when it is absolute, empty, too long, or holds `..`, `.`, NUL or a backslash.
    pub fn new(text: impl Into<String>) -> Result<Self, PathError> {
        let text: String = text.into();
        let is_name = |name: &str| {
            !matches!(name, "" | "." | "..")
                && name.len() <= NAME_MAX
                && !name.contains(['\0', '\\'])
        };
        let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
        if text.len() <= PATH_MAX
            && text.split('/').all(is_name)
            && Path::new(&text).components().all(is_plain)
        {
            Ok(Self(text))
        } else {
            Err(PathError(text.chars().take(200).collect()))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for EntryPath {
    type Error = PathError;

    fn try_from(text: String) -> Result<Self, PathError> {
        Self::new(text)
    }
}

impl From<EntryPath> for String {
    fn from(path: EntryPath) -> Self {
        path.0
    }
}

impl fmt::Display for EntryPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What whoever packs says of the archive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Head {
    pub kind: Kind,
    /// The id of the backup, or of the session that is packed.
    pub id: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    pub actor: Actor,
    pub created_at: Timestamp,
    /// The version of the program that packed.
    pub program: String,
    /// The version of the database's schema.
    pub schema: i64,
    /// The newest change in it.
    pub seq: i64,
    /// The project's directory.
    pub project: String,
    #[serde(default)]
    pub sessions: Vec<SessionInside>,
    /// Rows of each table of the database.
    #[serde(default)]
    pub counts: BTreeMap<String, u64>,
    /// What is not in it although it lies where the scope looks, or is not as one would expect.
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
    /// What was wrong with the database when it was copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

impl Head {
    /// What is wrong with what was packed, in a sentence's end.
    pub fn problem(&self) -> Option<String> {
        self.fault.as_ref().map(|fault| format!("the database was damaged already: {fault}"))
    }
}

/// Something that was not packed, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    pub path: String,
    pub why: String,
}

/// One file of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    pub path: EntryPath,
    pub size: u64,
    /// BLAKE3, in hexadecimal.
    pub hash: String,
    /// When it was changed last.
    pub modified: Timestamp,
}

/// What an archive says of itself, with every file in the order in which they are in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    #[serde(flatten)]
    pub head: Head,
    pub files: Vec<FileEntry>,
}

impl Manifest {
    /// Bytes of all files together.
    pub fn unpacked(&self) -> u64 {
        self.files.iter().fold(0, |sum, file| sum.saturating_add(file.size))
    }

    /// The entry of a path.
    pub fn file(&self, path: &str) -> Option<&FileEntry> {
        self.files.iter().find(|file| file.path.as_str() == path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_would_leave_the_folder_is_no_path_of_an_entry() {
        let long_name = "x".repeat(NAME_MAX + 1);
        let long_path = "x/".repeat(PATH_MAX / 2) + "x";
        for text in [
            "",
            ".",
            "..",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a//b",
            "a/",
            "./a",
            "a/.",
            "a\0b",
            "a\\b",
            &long_name,
            &long_path,
        ] {
            assert_eq!(EntryPath::new(text).ok(), None, "{text:?}");
        }
    }

    #[test]
    fn odd_but_harmless_names_are_kept_as_they_are() {
        let longest = "x".repeat(NAME_MAX);
        for text in ["a", "-x", "a/b c", "…/é", "a\nb", "...", "..a/b", &longest] {
            assert_eq!(EntryPath::new(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_manifest_with_a_path_that_leaves_is_not_read() {
        let entry = r#"{"path":"../x","size":1,"hash":"","modified":0}"#;
        assert!(serde_json::from_str::<FileEntry>(entry).is_err());
    }
}
