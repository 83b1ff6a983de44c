//! Artifacts: what the work produced, one file each.
//!
//! A text that is handed over is *stored* with its session; a file of the project is *referenced*
//! where it is. What is recorded under a title that was there before is its next *edition*; older
//! ones stay.

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::id::{ArtifactId, SessionId, TaskId};
use super::refusal::{Code, Refusal};
use super::text::{WORD_MAX, one_line};
use super::time::Timestamp;

/// Largest text that is stored, in bytes.
pub const STORED_MAX: usize = 5 * 1024 * 1024;
/// Bytes of a stored file by which it is found: its beginning.
pub const TEXT_MAX: usize = 16 * 1024;
/// Largest file that is referenced, in bytes: what is hashed while somebody waits.
pub const REFERENCED_MAX: u64 = 1024 * 1024 * 1024;
/// Longest path, in characters.
pub const PATH_MAX: usize = 1_024;
/// Digits of a hash: 256 bits.
pub const HASH_DIGITS: usize = 64;
/// The kind of an artifact that was given none.
pub const KIND_DEFAULT: &str = "general";
/// The kinds that are offered. Others will do: a gate may demand any.
pub const KINDS: [&str; 7] =
    ["code", "documentation", "analysis", "design", "test", "config", KIND_DEFAULT];

words! {
    /// Where an artifact's file is kept.
    Storage("storage") {
        /// With the session: its text was handed over.
        Stored = "stored",
        /// Where it was in the project.
        Referenced = "referenced",
    }
}

words! {
    /// How an artifact's file stood when it was looked at last.
    ArtifactState("state") {
        /// As it was recorded.
        Present = "present",
        /// There, with another content.
        Changed = "changed",
        /// Not there, or nothing that can be read.
        Missing = "missing",
    }
}

/// Something that the work produced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    pub id: ArtifactId,
    pub session_id: SessionId,
    /// The task it came of; the task may be gone since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
    /// One of [`KINDS`], or another word.
    pub kind: String,
    pub title: String,
    pub summary: String,
    pub storage: Storage,
    /// Relative to the project's directory, with `/`.
    pub path: String,
    /// Of the file as it was recorded, in bytes.
    pub size: u64,
    /// BLAKE3 of the file as it was recorded, in hexadecimal digits.
    pub hash: String,
    /// Counts what was recorded under the same title in the session, from 1.
    pub edition: u32,
    pub state: ArtifactState,
    /// When the file was looked at last.
    pub checked_at: Timestamp,
    pub actor: Actor,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Counts the changes of this record, from 1.
    pub version: i64,
}

impl Artifact {
    /// The edition as it is shown: `v2`.
    pub fn edition_shown(&self) -> String {
        format!("v{}", self.edition)
    }
}

/// Parameters of `Command::RecordArtifact`: the file is there already, and was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordArtifact {
    /// The id of the new artifact, drawn by who sends the command; drawn here when absent.
    #[serde(default)]
    pub id: Option<ArtifactId>,
    pub session_id: SessionId,
    #[serde(default)]
    pub task_id: Option<TaskId>,
    pub kind: String,
    pub title: String,
    #[serde(default)]
    pub summary: String,
    pub storage: Storage,
    pub path: String,
    pub size: u64,
    pub hash: String,
    /// The edition before it, where its file was looked at and does not hold any more what was
    /// recorded: what it says is recorded anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<ArtifactId>,
    /// What a stored file says at its beginning: it is found by that.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// What a look at an artifact's file found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactCheck {
    pub id: ArtifactId,
    pub state: ArtifactState,
}

/// Takes the kind of an artifact: a short word, like those of [`KINDS`].
///
/// # Errors
///
/// [`Code::InvalidText`], and [`Code::InvalidValue`] that names the kinds that are offered.
pub fn kind(text: &str) -> Result<String, Refusal> {
    let word = one_line("kind", text, WORD_MAX)?;
    if is_kind(&word) {
        return Ok(word);
    }
    let offered = KINDS.join(", ");
    let message =
        format!("kind cannot be {word:?}; it is a word of letters, digits, \"_\" and \"-\"");
    let refusal = Refusal::new(Code::InvalidValue, message).with("field", "kind");
    let advice = format!("use one of {offered}, or another such word");
    Err(refusal.with("offered", KINDS).suggest(advice))
}

/// Tells whether a text is a kind that an artifact can have.
pub fn is_kind(text: &str) -> bool {
    text.starts_with(char::is_alphanumeric)
        && text.chars().count() <= WORD_MAX
        && text.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-'))
}

/// Takes a path within the project by its text alone: relative, with `/`, naming neither what is
/// above the project nor its secrets. What lies there is not looked at.
///
/// # Errors
///
/// [`Code::InvalidText`] or [`Code::InvalidValue`], naming what is wrong with the path.
pub fn path(field: &str, text: &str) -> Result<String, Refusal> {
    let text = one_line(field, text, PATH_MAX)?.replace('\\', "/");
    let drive = text.chars().nth(1) == Some(':');
    if text.starts_with('/') || drive {
        return Err(refuse(field, &text, "is absolute"));
    }
    let steps: Vec<&str> = text.split('/').filter(|step| !matches!(*step, "" | ".")).collect();
    for step in &steps {
        if *step == ".." {
            return Err(refuse(field, &text, "leads out of a directory with \"..\""));
        }
        if step.starts_with('-') {
            return Err(refuse(field, &text, "has a name that begins with \"-\""));
        }
        if 255 < step.len() {
            return Err(refuse(field, &text, "has a name of more than 255 bytes"));
        }
    }
    if steps.is_empty() {
        return Err(refuse(field, &text, "names no file"));
    }
    if is_secret(&steps) {
        return Err(refuse(field, &text, "is private"));
    }
    Ok(steps.join("/"))
}

/// What nobody hands around: git's own files, and what a process keeps for itself.
fn is_secret(steps: &[&str]) -> bool {
    let is = |step: &str, name: &str| step.eq_ignore_ascii_case(name);
    if steps.iter().any(|step| is(step, ".git")) {
        return true;
    }
    match steps {
        [first, second, ..] if is(first, ".task_orchestrator") => {
            let second = second.to_ascii_lowercase();
            matches!(second.as_str(), "run" | "backups") || second.starts_with("callboard.")
        }
        _ => false,
    }
}

fn refuse(field: &str, path: &str, problem: &str) -> Refusal {
    let shown: String = path.chars().take(200).collect();
    let message = format!("{field} {shown:?} is not a file within the project: it {problem}");
    Refusal::new(Code::InvalidValue, message)
        .with("field", field)
        .suggest("name a file relative to the project's directory, such as src/main.rs")
}

/// Tells whether a text is a hash as it is kept.
pub fn is_hash(text: &str) -> bool {
    text.len() == HASH_DIGITS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_one_plain_word() {
        for given in ["code", "test-report", "release_notes", "Entwürfe", "v2"] {
            assert_eq!(kind(given).as_deref(), Ok(given));
        }
        let long = "x".repeat(WORD_MAX + 1);
        for given in ["../../../tmp/zz", "a b", "a.b", "-rf", "_", "", "a\u{1b}[31m", "#x", &long] {
            assert!(kind(given).is_err() && !is_kind(given), "{given:?}");
        }
        let refusal = kind("a/b").unwrap_err();
        assert_eq!(refusal.code, Code::InvalidValue);
        assert!(refusal.suggested_action.unwrap().contains("code, documentation, analysis"));
    }

    #[test]
    fn paths_within_are_kept_relative() {
        for (given, kept) in [
            ("src/a.rs", "src/a.rs"),
            ("./src//new/b.rs", "src/new/b.rs"),
            ("src\\c.rs", "src/c.rs"),
            (" a b/ü.md ", "a b/ü.md"),
            ("...", "..."),
            ("a/..b", "a/..b"),
            (".task_orchestrator/sessions/x/notes.md", ".task_orchestrator/sessions/x/notes.md"),
        ] {
            assert_eq!(path("path", given).as_deref(), Ok(kept), "{given}");
        }
    }

    #[test]
    fn hostile_paths_are_refused() {
        let long = "x/".repeat(600);
        let wide = "x".repeat(256);
        for given in [
            "",
            " ",
            ".",
            "/",
            "./",
            "//",
            "/etc/passwd",
            "//host/share",
            "..",
            "../a",
            "a/../../b",
            "a/..",
            "..\\a",
            "C:\\a",
            "c:a",
            "\\\\host\\a",
            "-rf",
            "a/-o",
            "--help",
            "a\nb",
            "a\0b",
            "a\u{1b}[31m",
            ".git/config",
            "sub/.GIT/hooks/x",
            ".task_orchestrator/run/token",
            ".Task_Orchestrator/RUN/token",
            ".task_orchestrator/callboard.db",
            ".task_orchestrator/callboard.db-wal",
            ".task_orchestrator/backups/edits/x",
            &long,
            &wide,
        ] {
            assert!(path("path", given).is_err(), "{given:?}");
        }
    }
}
