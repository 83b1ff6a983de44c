//! What a restore is going to do: which sessions, which files, and what is noted of documents.

use std::collections::HashSet;
use std::path::PathBuf;

use super::files::Planned;
use super::journal::Staging;
use super::snapshot::OpenSnapshot;
use super::{Inside, Restore, RestoreScope, home_of, relative};
use crate::backup::gather::is_never_packed;
use crate::backup::{DATABASE, ENDING, HOME, SESSION_ARCHIVES, archive};
use crate::domain::document::{Document, DocumentNote, DocumentState};
use crate::domain::id::SessionId;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::restore::MergeStrategy;
use crate::domain::session::SessionState;
use crate::domain::text::visible_line;
use crate::sync::layout;

/// What agents bring back of files: what is in the folders of sessions.
const OF_AGENTS: &str =
    "an agent brings back no roles, modes, templates and settings; a person does";

/// The plan.
pub(super) struct Plan {
    pub home: PathBuf,
    /// The database of the backup, where rows are wanted.
    pub snapshot: Option<OpenSnapshot>,
    /// Whether it is all that the backup holds.
    pub is_all: bool,
    /// The sessions that are brought back.
    pub sessions: Vec<SessionId>,
    pub files: Vec<Planned>,
    /// What the ledger shall say of documents once they are in place.
    pub ledger: Vec<DocumentNote>,
    pub notes: Vec<String>,
}

impl Plan {
    pub(super) fn of(
        restore: &Restore<'_>,
        staging: &Staging,
        inside: &Inside<'_>,
    ) -> Result<Self, Refusal> {
        let wanted = restore.wanted;
        let takes_rows = match wanted.scope {
            RestoreScope::Documents => false,
            RestoreScope::Full => inside.has_database,
            RestoreScope::Database | RestoreScope::Session if inside.has_database => true,
            RestoreScope::Database | RestoreScope::Session => return Err(no_database(inside)),
        };
        let open =
            inside.has_database.then(|| OpenSnapshot::open(&staging.unpacked().join(DATABASE)));
        let open = open.transpose()?;
        let names = inside.wanted(wanted);
        if wanted.scope == RestoreScope::Session && names.is_empty() {
            return Err(unnamed(open.as_ref()));
        }
        let sessions = match &open {
            Some(open) => open.named(&names)?,
            None => folders(inside, &names)?,
        };
        let stay = open.as_ref().map_or(0, |open| open.sessions().len());
        let stay = stay.saturating_sub(sessions.len());
        let mut plan = Self {
            home: home_of(restore.peer),
            snapshot: None,
            is_all: names.is_empty(),
            sessions,
            files: Vec::new(),
            ledger: Vec::new(),
            notes: Vec::new(),
        };
        if takes_rows && wanted.sessions.is_empty() && 0 < stay {
            plan.notes.push(format!(
                "the backup is of {}; {stay} other sessions in its database come back if they are named",
                names.join(", ")
            ));
        }
        plan.notes.extend(open.as_ref().filter(|_| takes_rows).and_then(OpenSnapshot::mended));
        plan.take_files(restore, inside);
        if let Some(open) = &open {
            plan.take_ledger(restore, open)?;
            if takes_rows && wanted.strategy == MergeStrategy::Replace {
                plan.take_ledger_of_packs(staging, open)?;
            }
        }
        plan.snapshot = open.filter(|_| takes_rows);
        Ok(plan)
    }

    fn take_files(&mut self, restore: &Restore<'_>, inside: &Inside<'_>) {
        let wanted = restore.wanted;
        if wanted.scope == RestoreScope::Database {
            return;
        }
        let mut is_left_out = false;
        let mut strays: Vec<&str> = Vec::new();
        for (path, hash) in &inside.files {
            let Some(inner) = relative(path) else { continue };
            // No backup holds that; who put it there wants more than to bring something back. Some
            // file systems take capital and small letters for the same.
            if is_never_packed(&inner.to_lowercase()) {
                strays.push(inner);
                continue;
            }
            let to = match session_of(inner) {
                Some((session, Within::Folder(rest))) if self.sessions.contains(&session) => {
                    let folder = layout::find_directory(&self.home, session);
                    folder.map_or_else(|| inner.to_owned(), |folder| format!("{folder}/{rest}"))
                }
                Some((session, Within::Pack)) if self.sessions.contains(&session) => {
                    inner.to_owned()
                }
                Some(_) => continue,
                None if wanted.scope != RestoreScope::Full || !wanted.sessions.is_empty() => {
                    continue;
                }
                None if wanted.actor.is_agent() => {
                    is_left_out = true;
                    continue;
                }
                None => inner.to_owned(),
            };
            self.files.push(Planned { from: path.clone(), to, hash: hash.clone(), over: None });
        }
        if let Some(first) = strays.first() {
            let count = strays.len();
            let first = visible_line(first);
            self.notes
                .push(format!("{count} files that no backup holds are left alone: {first}, …"));
        }
        if is_left_out {
            self.notes.push(OF_AGENTS.to_owned());
        }
    }

    /// What the backup knew of the documents that come back is true of them again. Without it they
    /// would be read as old texts; with it they are brought up to date from where they were.
    fn take_ledger(&mut self, restore: &Restore<'_>, open: &OpenSnapshot) -> Result<(), Refusal> {
        let replaces = restore.wanted.strategy == MergeStrategy::Replace;
        let planned: HashSet<&str> = self.files.iter().map(|file| file.to.as_str()).collect();
        let mut ledger = Vec::new();
        for session in &self.sessions {
            let folder = layout::find_directory(&self.home, *session);
            let settled = open.ledger(*session)?.into_iter().filter(is_settled);
            let placed = settled
                .filter_map(|row| at_home(&row.path, folder.as_deref()).map(|path| (row, path)));
            let coming = placed.filter(|(_, path)| {
                planned.contains(path.as_str()) && (replaces || !self.home.join(path).exists())
            });
            ledger.extend(coming.map(|(row, path)| written(row, path)));
        }
        self.ledger.extend(ledger);
        Ok(())
    }
}

impl Plan {
    /// The same of the documents in the packs of sessions that are archived again.
    fn take_ledger_of_packs(
        &mut self,
        staging: &Staging,
        open: &OpenSnapshot,
    ) -> Result<(), Refusal> {
        let archived = open.sessions().iter().filter(|one| one.state == SessionState::Archived);
        for session in archived.filter(|one| self.sessions.contains(&one.id)) {
            let is_pack = |file: &&Planned| {
                session_of(&file.to)
                    .is_some_and(|(id, within)| id == session.id && matches!(within, Within::Pack))
            };
            let Some(pack) = self.files.iter().find(is_pack) else { continue };
            // One that is damaged tells nothing, and is told of when it is to be unpacked.
            let Ok(manifest) = archive::manifest(&staging.unpacked().join(&pack.from)) else {
                continue;
            };
            let is_inside = |row: &Document| {
                let file = manifest.file(&format!("{HOME}/{}", row.path));
                file.is_some_and(|file| file.hash == row.agreed_hash)
            };
            let settled = open.ledger(session.id)?.into_iter().filter(is_settled);
            self.ledger.extend(settled.filter(is_inside).map(|row| {
                let path = row.path.clone();
                written(row, path)
            }));
        }
        Ok(())
    }
}

/// A path of the backup where its session has its folder here.
fn at_home(path: &str, folder: Option<&str>) -> Option<String> {
    let (_, Within::Folder(rest)) = session_of(path)? else { return None };
    Some(folder.map_or_else(|| path.to_owned(), |folder| format!("{folder}/{rest}")))
}

/// How a file belongs to a session.
enum Within<'a> {
    /// It lies in the folder, there.
    Folder(&'a str),
    /// It is what was packed of the archived session.
    Pack,
}

/// The session that a file belongs to.
fn session_of(path: &str) -> Option<(SessionId, Within<'_>)> {
    if let Some(inner) = path.strip_prefix(layout::SESSIONS).and_then(|end| end.strip_prefix('/')) {
        let (folder, rest) = inner.split_once('/')?;
        return Some((layout::session_of(folder)?, Within::Folder(rest)));
    }
    let name = path.strip_prefix(SESSION_ARCHIVES)?.strip_prefix('/')?.strip_suffix(ENDING)?;
    Some((layout::session_of(name).filter(|_| !name.contains('/'))?, Within::Pack))
}

/// Tells whether all is said about a document by the texts that both sides agreed on.
fn is_settled(row: &Document) -> bool {
    row.state == DocumentState::InStep && row.intent.is_none() && row.adopted.is_empty()
}

fn written(row: Document, path: String) -> DocumentNote {
    DocumentNote::Written {
        path,
        session_id: row.session_id,
        kind: row.kind,
        rendered: row.rendered,
        agreed: row.agreed,
        agreed_hash: row.agreed_hash,
        orders: row.orders,
    }
}

/// The sessions whose folders are in an archive without a database.
fn folders(inside: &Inside<'_>, names: &[String]) -> Result<Vec<SessionId>, Refusal> {
    let mut found: Vec<SessionId> = inside
        .files
        .iter()
        .filter_map(|(path, _)| session_of(relative(path)?).map(|(session, _)| session))
        .collect();
    found.sort();
    found.dedup();
    if names.is_empty() {
        return Ok(found);
    }
    let one = |name: &String| {
        let fits = |id: &&SessionId| id.to_string().starts_with(&name.trim().to_ascii_lowercase());
        found.iter().find(fits).copied().ok_or_else(|| {
            Refusal::new(Code::UnknownId, format!("the backup holds no session {name:?}"))
                .with("sessions", &found)
                .suggest("it holds documents only: name a session by its id")
        })
    };
    names.iter().map(one).collect()
}

pub(super) fn no_database(inside: &Inside<'_>) -> Refusal {
    Refusal::new(
        Code::InvalidValue,
        format!("backup {} holds documents, no database", inside.backup.id),
    )
    .suggest("restore it with restore_scope documents, or choose another backup")
}

fn unnamed(open: Option<&OpenSnapshot>) -> Refusal {
    let names: Vec<String> = open
        .map(OpenSnapshot::sessions)
        .into_iter()
        .flatten()
        .take(20)
        .map(|session| format!("{} {}", session.id, session.name))
        .collect();
    Refusal::new(Code::NothingToDo, "no session is named that is to be restored")
        .with("sessions", names)
        .suggest("name at least one of these")
}
