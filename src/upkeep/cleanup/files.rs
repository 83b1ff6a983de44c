//! Files that lie about. Only files of our own names, in our own folders, are ever removed; a link
//! is never followed.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use super::look::Look;
use super::{Act, ITEMS_MAX, Item, Sort};
use crate::backup::archive;
use crate::domain::count::{by_count, counted};
use crate::domain::id::SessionId;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::time::{Timestamp, age};
use crate::query::sessions;
use crate::sync::edits::{Edits, Retention};
use crate::sync::layout;
use crate::upkeep::finding::Fix;

/// How old a file must be that somebody may be writing.
pub(super) const RESTED_MS: i64 = 60 * 60 * 1000;
/// Levels of directories below the project's folder that are looked into.
const DEPTH_MAX: usize = 8;
/// Entries that are looked at.
const ENTRIES_MAX: usize = 200_000;
/// So many of the newest texts stay, however old they are.
const EDITS_NEWEST: usize = 200;

/// A file or directory in the project's folder.
pub(super) struct Entry {
    path: PathBuf,
    /// Relative to `.task_orchestrator/`, with `/`.
    name: String,
    metadata: Metadata,
}

impl Entry {
    fn at(path: PathBuf, home: &Path) -> Option<Self> {
        let metadata = fs::symlink_metadata(&path).ok()?;
        let name = path.strip_prefix(home).ok()?.to_string_lossy().replace('\\', "/");
        Some(Self { path, name, metadata })
    }

    fn file_name(&self) -> &str {
        self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }

    fn has_extension(&self, wanted: &str) -> bool {
        self.path.extension().is_some_and(|extension| extension == wanted)
    }
}

impl Look<'_> {
    /// Everything below a folder of the project's; links are not followed.
    fn below(&self, folder: &Path) -> Vec<Entry> {
        let home = self.peer.paths.task_orchestrator();
        let mut found = Vec::new();
        let mut open = vec![(folder.to_owned(), 0)];
        while let Some((directory, depth)) = open.pop() {
            let entries = fs::read_dir(directory).into_iter().flatten().flatten();
            for entry in entries.filter_map(|entry| Entry::at(entry.path(), &home)) {
                let is_inner = entry.metadata.is_dir() && depth < DEPTH_MAX;
                open.extend(is_inner.then(|| (entry.path.clone(), depth + 1)));
                found.push(entry);
            }
            if ENTRIES_MAX <= found.len() {
                break;
            }
        }
        found
    }

    fn removal(sort: Sort, entry: Entry, what: &str) -> Item {
        let ago = age(age_ms(&entry.metadata));
        let message = format!("{what}; it was changed {ago} ago");
        Item { sort, record: entry.name, message, act: Act::Remove(entry.path) }
    }
}

/// How long ago a file was changed.
pub(super) fn age_ms(metadata: &Metadata) -> i64 {
    let changed = metadata.modified().ok();
    let since = changed.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    let at = since.and_then(|since| i64::try_from(since.as_millis()).ok());
    // Files have the machine's time, whatever clock the board has.
    at.map_or(0, |at| crate::clock::Clock::system().now().since_ms(Timestamp(at)))
}

/// What processes that ended have left in `run/`.
pub(super) fn locks(look: &Look<'_>) -> Vec<Item> {
    let run = look.peer.paths.run();
    let is_left = |entry: &Entry| {
        entry.metadata.is_file()
            && entry.has_extension("new")
            && RESTED_MS <= age_ms(&entry.metadata)
    };
    let left = look.below(&run).into_iter().filter(is_left);
    let mut found: Vec<Item> = left
        .map(|entry| Look::removal(Sort::StaleLocks, entry, "nobody writes it any more"))
        .collect();
    found.extend(archive::leftovers(&run).into_iter().filter_map(|path| {
        let entry = Entry::at(path, &look.peer.paths.task_orchestrator())?;
        let message = "whoever packed or unpacked there is gone".to_owned();
        let act = Act::Sweep(run.clone());
        Some(Item { sort: Sort::StaleLocks, record: entry.name, message, act })
    }));
    found.truncate(ITEMS_MAX);
    found
}

/// Parts of files that were being written when a process ended. Whole ones beside documents may
/// hold what a person saved; the keeper of the documents looks at those.
pub(super) fn temporary(look: &Look<'_>) -> Vec<Item> {
    let home = look.peer.paths.task_orchestrator();
    let mut found = Vec::new();
    for entry in look.below(&home) {
        if !look.wants(&entry.name)
            || !entry.metadata.is_file()
            || !entry.has_extension("tmp")
            || age_ms(&entry.metadata) < RESTED_MS
        {
            continue;
        }
        let is_archive =
            entry.name.starts_with("backups/archives/") || entry.name.starts_with("archives/");
        let is_ours = entry.file_name().starts_with(".callboard-");
        if (is_archive && is_ours) || entry.file_name().starts_with(".callboard-part-") {
            found.push(Look::removal(Sort::TemporaryFiles, entry, "its writing was broken off"));
        } else if is_ours {
            let fix = Fix::shell("callboard sync");
            let message = "it may hold what somebody saved when a process ended".to_owned();
            let (sort, record) = (Sort::TemporaryFiles, entry.name);
            found.push(Item { sort, record, message, act: Act::Person(fix) });
        }
    }
    found.truncate(ITEMS_MAX);
    found
}

/// Directories of sessions that the database does not know. Empty ones go; what is in others is
/// brought back or removed by a person.
pub(super) fn documents(look: &Look<'_>) -> Result<Vec<Item>, Refusal> {
    let sort = Sort::OrphanedDocuments;
    let mut found = Vec::new();
    for entry in fs::read_dir(look.peer.paths.sessions()).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let Some(session) = layout::session_of(&name).filter(|_| is_directory) else { continue };
        let is_wanted = look.wanted.session.is_none_or(|only| only == session);
        if !is_wanted || look.knows(session)? {
            continue;
        }
        let has_files = look.below(&entry.path()).iter().any(|inner| !inner.metadata.is_dir());
        let record = format!("{}/{name}", layout::SESSIONS);
        let (message, act) = if has_files {
            let fix = Fix::shell("callboard sync --rebuild");
            (format!("the database does not know session {session}"), Act::Person(fix))
        } else {
            ("there is nothing in it".to_owned(), Act::Remove(entry.path()))
        };
        found.push(Item { sort, record, message, act });
    }
    Ok(found)
}

impl Look<'_> {
    /// Tells whether a file is wanted: it is no other session's.
    fn wants(&self, name: &str) -> bool {
        let inner = name.strip_prefix(layout::SESSIONS).and_then(|rest| rest.strip_prefix('/'));
        let directory = inner.and_then(|inner| inner.split('/').next());
        let of = directory.and_then(layout::session_of);
        match (self.wanted.session, of) {
            (Some(only), Some(session)) => only == session,
            (Some(_) | None, None) | (None, Some(_)) => true,
        }
    }

    fn knows(&self, session: SessionId) -> Result<bool, Refusal> {
        match self.read(|reader| sessions::get(reader, session)) {
            Ok(_) => Ok(true),
            Err(refusal) if refusal.code == Code::UnknownId => Ok(false),
            Err(refusal) => Err(refusal),
        }
    }
}

/// Texts of people that were replaced long ago.
pub(super) fn edits(look: &Look<'_>) -> Result<Vec<Item>, Refusal> {
    // They go by their age, whatever session they were of.
    if look.wanted.session.is_some() {
        return Ok(Vec::new());
    }
    let sort = Sort::OldEditBackups;
    let before = look.old(sort);
    let edits = Edits::in_directory(look.peer.paths.edit_backups());
    let all = edits.list().map_err(|error| unreadable("the edit backups", &error))?;
    let old = all.iter().skip(EDITS_NEWEST).filter(|edit| edit.at < before).count();
    let retention = Retention { age_max_ms: look.now.since_ms(before), newest: EDITS_NEWEST };
    let item = Item {
        sort,
        record: "backups/edits".to_owned(),
        message: format!(
            "{} that {} replaced long ago",
            counted(old, "text"),
            by_count(old, "was", "were")
        ),
        act: Act::Prune(retention),
    };
    Ok(if old == 0 { Vec::new() } else { vec![item] })
}

fn unreadable(what: &str, error: &std::io::Error) -> Refusal {
    Refusal::new(Code::StoreFailed, format!("{what} cannot be read"))
        .with("cause", error.to_string())
}

/// Private files and directories that others can enter or read.
#[cfg(unix)]
pub(super) fn permissions(look: &Look<'_>) -> Vec<Item> {
    use std::os::unix::fs::PermissionsExt as _;
    let paths = &look.peer.paths;
    let private = [paths.run(), paths.peers(), paths.token(), paths.edit_backups()];
    let others = |path: &PathBuf| {
        let mode = fs::symlink_metadata(path).ok()?.permissions().mode() & 0o777;
        (mode & 0o077 != 0).then_some(mode)
    };
    let one = |path: PathBuf| {
        let mode = others(&path)?;
        let inner = path.strip_prefix(paths.task_orchestrator()).ok()?.to_owned();
        Some(Item {
            sort: Sort::Permissions,
            record: inner.to_string_lossy().replace('\\', "/"),
            message: format!("others than its owner can use it (mode {mode:o})"),
            act: Act::Private(path),
        })
    };
    private.into_iter().filter_map(one).collect()
}

#[cfg(not(unix))]
pub(super) fn permissions(_: &Look<'_>) -> Vec<Item> {
    Vec::new()
}
