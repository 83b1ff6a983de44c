//! From what somebody hands over to the command that records it.

use super::containment::{self, ContainmentError};
use super::keep::{self, Kept};
use super::measure::{Measure, Measured, Watch, measure, unwatched};
use super::{WORK_PRODUCTS, check};
use crate::domain::actor::Actor;
use crate::domain::artifact::{
    Artifact, ArtifactState, KIND_DEFAULT, REFERENCED_MAX, RecordArtifact, STORED_MAX, Storage,
    TEXT_MAX, kind,
};
use crate::domain::command::Command;
use crate::domain::id::{ArtifactId, SessionId, TaskId};
use crate::domain::outcome::{Answer, Outcome};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::text::{REMARK_MAX, TITLE_MAX, beginning, many_lines, one_line};
use crate::door::Request;
use crate::paths::{FOLDER, ProjectPaths};
use crate::peer::Peer;
use crate::query::{artifacts, documents, sessions};
use crate::rules::plan_is_open;
use crate::store::Reader;
use crate::sync::layout;

/// Characters of a file name's extension that is taken over from a title.
const EXTENSION_MAX: usize = 8;
/// Kinds that are no markdown, whatever their comments look like.
const NO_MARKDOWN: [&str; 2] = ["code", "config"];
/// Lines of a text that are looked at to tell what it is.
const MARKDOWN_LINES: usize = 1_000;

/// What is handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handed {
    /// A text, to be stored with the session.
    Text(String),
    /// The path of a file of the project, to be referenced.
    File(String),
}

/// Something that the work produced, before it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArtifact {
    pub session: SessionId,
    pub task: Option<TaskId>,
    /// [`KIND_DEFAULT`] when absent.
    pub kind: Option<String>,
    pub title: String,
    pub summary: String,
    pub handed: Handed,
}

/// A command whose file is on the disk.
#[derive(Debug)]
#[must_use = "a file whose record was refused is to be removed"]
pub struct Prepared {
    pub record: RecordArtifact,
    id: ArtifactId,
    kept: Option<Kept>,
}

/// Measures a file of the project, or keeps a text; a large file takes a moment.
///
/// # Errors
///
/// What is wrong with a text or a path, that the file cannot be written, or that whoever watches
/// ended it; nothing is left behind.
pub fn prepare(peer: &Peer, new: &NewArtifact, watch: Watch<'_>) -> Result<Prepared, Refusal> {
    let paths = &peer.paths;
    let id = ArtifactId::from_random(crate::peer::random());
    let title = one_line("title", &new.title, TITLE_MAX)?;
    let summary = many_lines("summary", &new.summary, REMARK_MAX)?;
    let word = kind(new.kind.as_deref().unwrap_or(KIND_DEFAULT))?;
    let (storage, path, found, kept, lost) = match &new.handed {
        Handed::File(path) => {
            let (path, found) = reference(paths, path, watch)?;
            (Storage::Referenced, path, found, None, None)
        }
        Handed::Text(text) => {
            let (directory, lost) = peer.readers.read(|reader| {
                let directory = directory(paths, reader, new.session)?;
                Ok((directory, lost(paths, reader, (new.session, &title), text)?))
            })?;
            let name = file_name(&title, (&word, text), id);
            let path = format!("{FOLDER}/{directory}/{WORK_PRODUCTS}/{name}");
            let (found, kept) = store(paths, (&directory, &name), text)?;
            (Storage::Stored, path, found, Some(kept), lost)
        }
    };
    let record = RecordArtifact {
        id: Some(id),
        session_id: new.session,
        task_id: new.task,
        kind: word,
        title,
        summary,
        storage,
        path,
        size: found.size,
        hash: found.hash,
        lost,
        text: match &new.handed {
            Handed::File(_) => String::new(),
            Handed::Text(text) => beginning(text, TEXT_MAX).to_owned(),
        },
    };
    Ok(Prepared { record, id, kept })
}

impl Prepared {
    /// The command that records it.
    pub fn command(&self) -> Command {
        Command::RecordArtifact(self.record.clone())
    }

    /// Keeps the file if what was carried out names it, and removes it otherwise.
    pub fn settle(self, outcome: &Result<Outcome, Refusal>) {
        let is_named = outcome.as_ref().is_ok_and(|outcome| names(&outcome.answer, self.id));
        if let Some(kept) = self.kept.filter(|_| !is_named) {
            kept.remove();
        }
    }
}

fn names(answer: &Answer, id: ArtifactId) -> bool {
    if let Answer::Batch(answers) = answer {
        return answers.iter().any(|answer| names(answer, id));
    }
    matches!(answer, Answer::Artifact { artifact, .. } if artifact.id == id)
}

/// Records something whole, and waits: the artifact, the edition before it, and what else there is
/// to say.
///
/// # Errors
///
/// As [`prepare`], or the refusal of the command.
pub fn record(
    peer: &Peer,
    actor: Actor,
    new: &NewArtifact,
) -> Result<(Artifact, Option<ArtifactId>, Vec<String>), Refusal> {
    let prepared = prepare(peer, new, &unwatched)?;
    let outcome = peer.door.submit_blocking(Request::new(actor, prepared.command()));
    prepared.settle(&outcome);
    let outcome = outcome?;
    let Answer::Artifact { artifact, replaces } = outcome.answer else {
        return Err(Refusal::new(Code::StoreFailed, "the answer is of another kind"));
    };
    Ok((*artifact, replaces, outcome.notes))
}

fn reference(
    paths: &ProjectPaths,
    path: &str,
    watch: Watch<'_>,
) -> Result<(String, Measure), Refusal> {
    let mut opened = containment::open(&paths.root, path)?;
    let measured = measure(&mut opened.file, REFERENCED_MAX, watch).map_err(|source| {
        Refusal::from(ContainmentError::Io { path: opened.path.clone(), source })
    })?;
    let path = opened.path;
    match measured {
        Measured::Whole(found) => Ok((path, found)),
        Measured::TooLarge => {
            let message = format!("{path:?} has more than {REFERENCED_MAX} bytes, the limit");
            Err(Refusal::new(Code::TooMuch, message).suggest("record what describes it instead"))
        }
        Measured::Stopped => {
            let message = format!("it was broken off while {path:?} was read; nothing was changed");
            Err(Refusal::new(Code::Busy, message))
        }
    }
}

/// The newest edition of a title, if a text is what it says and its file does not hold it any more.
fn lost(
    paths: &ProjectPaths,
    reader: &Reader,
    (session, title): (SessionId, &str),
    text: &str,
) -> Result<Option<ArtifactId>, Refusal> {
    let newest = artifacts::editions(reader, session, title)?.into_iter().next();
    let says_it = |newest: &Artifact| newest.hash == Measure::of(text.as_bytes()).hash;
    let is_lost = |newest: &Artifact| check::look(paths, newest).state != ArtifactState::Present;
    Ok(newest.filter(says_it).filter(is_lost).map(|newest| newest.id))
}

fn store(
    paths: &ProjectPaths,
    place: (&str, &str),
    text: &str,
) -> Result<(Measure, Kept), Refusal> {
    if STORED_MAX < text.len() {
        let message = format!("the text has {} bytes; the limit is {STORED_MAX}", text.len());
        return Err(Refusal::new(Code::InvalidText, message)
            .suggest("write it to a file of the project and record its path"));
    }
    let kept = keep::keep(&paths.task_orchestrator(), place, text.as_bytes()).map_err(|error| {
        Refusal::new(Code::StoreFailed, "the text cannot be stored; nothing was changed")
            .with("cause", error.to_string())
    })?;
    Ok((Measure::of(text.as_bytes()), kept))
}

/// The directory of a session that is open, relative to `.task_orchestrator`: where its documents
/// are, or would be.
fn directory(paths: &ProjectPaths, reader: &Reader, id: SessionId) -> Result<String, Refusal> {
    let session = sessions::get(reader, id)?;
    // Before anything is written: the folder of an archived one was packed away.
    plan_is_open(&session)?;
    let first = documents::places(reader, id)?.into_iter().next();
    let known = first.and_then(|(path, _)| {
        let end = path.match_indices('/').nth(1).map(|(at, _)| at)?;
        path.get(..end).map(str::to_owned)
    });
    Ok(known
        .or_else(|| layout::find_directory(&paths.task_orchestrator(), id))
        .unwrap_or_else(|| layout::new_directory(&session.name, id)))
}

/// A name by which a person knows the file, which no other has. A title without an ending gets one
/// by what it is.
fn file_name(title: &str, (kind, text): (&str, &str), id: ArtifactId) -> String {
    let is_plain = |extension: &&str| {
        (1..=EXTENSION_MAX).contains(&extension.len())
            && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && extension.bytes().any(|byte| byte.is_ascii_alphabetic())
    };
    let parts = title.rsplit_once('.').filter(|(name, end)| !name.is_empty() && is_plain(end));
    let is_markdown = !NO_MARKDOWN.contains(&kind) && is_markdown(text);
    let (name, extension) = parts.unwrap_or((title, if is_markdown { "md" } else { "txt" }));
    format!("{}-{id}.{}", layout::slug(name, "artifact"), extension.to_ascii_lowercase())
}

/// Tells whether a text is laid out as markdown: as such, the lines of any other would run together.
fn is_markdown(text: &str) -> bool {
    let mut lines = text.lines().take(MARKDOWN_LINES);
    lines.any(|line| {
        let line = line.trim_start();
        let heads = line.trim_start_matches('#');
        let is_heading = heads.len() < line.len() && heads.starts_with(' ');
        let is_item = ["- ", "* ", "> ", "1. "].iter().any(|mark| line.starts_with(mark));
        let is_fence = line.starts_with("```") || line.starts_with("~~~");
        let is_strong = 1 < line.matches("**").count();
        let is_table = line.starts_with('|') && line.trim_end().ends_with('|');
        is_heading || is_item || is_fence || is_table || is_strong || line.contains("](")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_files_have_names_that_say_what_they_are() {
        let id = ArtifactId::from_random(1);
        for (title, kind, text, name) in [
            ("Design of the store", "design", "# Store\n", "design-of-the-store-a-00000001.md"),
            ("Plan", "general", "First:\n\n- [ ] one\n", "plan-a-00000001.md"),
            ("Values", "general", "one 1\ntwo 2\n", "values-a-00000001.txt"),
            ("Log", "test", "#1 begun\n-v was given\n", "log-a-00000001.txt"),
            ("Deploy", "code", "# Everything\nmake\n", "deploy-a-00000001.txt"),
            ("main.rs", "code", "- x", "main-a-00000001.rs"),
            ("../../etc/passwd", "general", "", "etc-passwd-a-00000001.txt"),
            ("Release 1.2", "general", "**bold**", "release-1-2-a-00000001.md"),
            (".gitignore", "general", "target\n", "gitignore-a-00000001.txt"),
            ("…", "general", "x", "artifact-a-00000001.txt"),
        ] {
            assert_eq!(file_name(title, (kind, text), id), name, "{title}");
        }
    }
}
