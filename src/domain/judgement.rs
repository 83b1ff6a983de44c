//! What a command comes to, before the store has kept it.

use super::backup::BackupNote;
use super::change::Verb;
use super::document::DocumentNote;
use super::id::{ArtifactId, SessionId};
use super::mode::LoadedMode;
use super::outcome::Answer;
use super::record::Record;
use super::restore::Snapshot;

/// One record to be written: new (`before` absent), changed, or gone (`after` absent).
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    pub verb: Verb,
    pub before: Option<Record>,
    pub after: Option<Record>,
    pub reason: Option<String>,
}

/// A message from a person to an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub session_id: SessionId,
    pub to: String,
    pub text: String,
}

/// What a command comes to: everything to be written, in order, and the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    pub writes: Vec<Write>,
    pub answer: Answer,
    pub notes: Vec<String>,
    pub message: Option<Message>,
    /// What is noted in the ledger of documents, which has no entries in the feed.
    pub documents: Vec<DocumentNote>,
    /// What is noted of backups, which has no entries in the feed either.
    pub backups: Vec<BackupNote>,
    /// Modes whose contents are kept with what is written.
    pub modes: Vec<LoadedMode>,
    /// What artifacts say at their beginnings, for search, with the hashes of their files.
    pub texts: Vec<(String, String)>,
    /// Commands whose changes leave the feed.
    pub forgets: Vec<i64>,
    /// Artifacts whose files were looked at and stand as before, which is no change.
    pub checked: Vec<ArtifactId>,
    /// The command that this one takes back.
    pub undoes: Option<i64>,
    /// A whole database that is copied into this one, which holds nothing.
    pub copies: Option<Snapshot>,
}
