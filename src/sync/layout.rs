//! Where each document of a session stands.
//!
//! All paths are relative to the project's `.task_orchestrator` and written with `/`. A session's
//! directory and a group's file keep the names they were made with: names of sessions and groups
//! change, links and git histories should not.

mod slug;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::domain::document::DocumentKind;
use crate::domain::id::{GroupId, SessionId};

pub use slug::slug;

/// The folder of all sessions.
pub const SESSIONS: &str = "sessions";
/// The folder of a session's group files.
pub const GROUPS: &str = "tasks/task_groups";
/// Longest slug, in bytes.
pub const SLUG_MAX: usize = 48;

/// The documents of which a session has one, and their places in its directory.
const FIXED: [(DocumentKind, &str); 7] = [
    (DocumentKind::Session, "session.md"),
    (DocumentKind::ActiveTasks, "tasks/active_tasks.md"),
    (DocumentKind::CompletedTasks, "tasks/completed_tasks.md"),
    (DocumentKind::Activity, "activity.md"),
    (DocumentKind::Assignments, "specialists/assignments.md"),
    (DocumentKind::Performance, "specialists/performance.md"),
    (DocumentKind::Artifacts, "artifacts/session_artifacts.md"),
];

/// What a path says of the document that stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub session: SessionId,
    pub name: DocumentName,
}

/// What a document is, as far as its path tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentName {
    /// One of those of which a session has one.
    Kind(DocumentKind),
    /// The file of a group, by its slug; which group it is stands in the file.
    Group(String),
}

/// Where the documents of one session stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// `sessions/<slug>-<id>`.
    pub directory: String,
    /// The slug of each group's file.
    groups: BTreeMap<GroupId, String>,
}

impl Layout {
    /// A layout in a directory. Groups whose slug is known keep it; the others get one of their
    /// path, with their id where another group has it already.
    pub fn new(
        directory: String,
        known: &BTreeMap<GroupId, String>,
        groups: &[(GroupId, String)],
    ) -> Self {
        let mut chosen: BTreeMap<GroupId, String> =
            groups.iter().filter_map(|(id, _)| Some((*id, known.get(id)?.clone()))).collect();
        let mut others: Vec<&(GroupId, String)> =
            groups.iter().filter(|(id, _)| !chosen.contains_key(id)).collect();
        // By id, so that two clones of a project choose alike.
        others.sort_by_key(|(id, _)| *id);
        let mut taken: std::collections::BTreeSet<String> = chosen.values().cloned().collect();
        for (id, path) in others {
            let plain = slug(path, "group");
            let name =
                if taken.contains(&plain) { with_id(&plain, &id.to_string()) } else { plain };
            taken.insert(name.clone());
            chosen.insert(*id, name);
        }
        Self { directory, groups: chosen }
    }

    /// The path of a document; `None` for a group that this layout does not know.
    pub fn path(&self, kind: DocumentKind) -> Option<String> {
        let name = match kind {
            DocumentKind::Group(id) => format!("{GROUPS}/{}.md", self.groups.get(&id)?),
            DocumentKind::Session
            | DocumentKind::ActiveTasks
            | DocumentKind::CompletedTasks
            | DocumentKind::Activity
            | DocumentKind::Assignments
            | DocumentKind::Performance
            | DocumentKind::Artifacts => {
                let (_, name) = FIXED.iter().find(|(known, _)| *known == kind)?;
                (*name).to_owned()
            }
        };
        Some(format!("{}/{name}", self.directory))
    }

    /// The document at a path; `None` where none of this session's stands.
    pub fn kind(&self, path: &str) -> Option<DocumentKind> {
        if !path.strip_prefix(self.directory.as_str())?.starts_with('/') {
            return None;
        }
        match place(path)?.name {
            DocumentName::Kind(kind) => Some(kind),
            DocumentName::Group(name) => self
                .groups
                .iter()
                .find(|(_, known)| **known == name)
                .map(|(id, _)| DocumentKind::Group(*id)),
        }
    }

    /// The slug of a group's file.
    pub fn group_slug(&self, id: GroupId) -> Option<&str> {
        self.groups.get(&id).map(String::as_str)
    }
}

/// The directory of a session that has none yet, after its present name.
pub fn new_directory(name: &str, session: SessionId) -> String {
    format!("{SESSIONS}/{}", with_id(&slug(name, "session"), &session.to_string()))
}

/// The directory of a session among those on disk, found by the id at its end, the first by name
/// where there are several.
pub fn find_directory(task_orchestrator: &Path, session: SessionId) -> Option<String> {
    let suffix = format!("-{session}");
    let entries = fs::read_dir(task_orchestrator.join(SESSIONS)).ok()?;
    entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(&suffix))
        .min()
        .map(|name| format!("{SESSIONS}/{name}"))
}

/// What a path says of the document that stands there; `None` where none can stand.
pub fn place(path: &str) -> Option<Place> {
    let (directory, name) = path.strip_prefix(SESSIONS)?.strip_prefix('/')?.split_once('/')?;
    let session = session_of(directory)?;
    if let Some((kind, _)) = FIXED.iter().find(|(_, known)| *known == name) {
        return Some(Place { session, name: DocumentName::Kind(*kind) });
    }
    let group = name.strip_prefix(GROUPS)?.strip_prefix('/')?.strip_suffix(".md")?;
    let is_file_name = !group.is_empty() && !group.contains('/') && !group.starts_with('.');
    is_file_name.then(|| Place { session, name: DocumentName::Group(group.to_owned()) })
}

/// The session whose directory a name is.
pub fn session_of(directory: &str) -> Option<SessionId> {
    let (rest, id) = directory.rsplit_once('-')?;
    let (slug, letter) = rest.rsplit_once('-')?;
    (!slug.is_empty() && letter == "s").then(|| format!("s-{id}").parse().ok())?
}

/// How a document links to another of the same session.
pub fn link(from: &str, to: &str) -> String {
    let common = from
        .split('/')
        .zip(to.split('/'))
        .take_while(|(left, right)| left == right)
        .map(|(part, _)| part.len() + 1)
        .sum::<usize>();
    let up = from.get(common..).map_or(0, |rest| rest.matches('/').count());
    format!("{}{}", "../".repeat(up), to.get(common..).unwrap_or(to))
}

fn with_id(slug: &str, id: &str) -> String {
    format!("{slug}-{id}")
}

#[cfg(test)]
mod tests;
