//! What an event of the system is a sign of.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RemoveKind};
use notify::{Event, EventKind};

/// Tells by its name whether a file counts.
pub(crate) type Counts = fn(&OsStr) -> bool;

/// What is to be done about an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sign {
    /// Look at a directory and all below it.
    Look(PathBuf),
    /// The same, and once more a little later: a directory in it is new.
    Appeared(PathBuf),
    /// The watched directory came or went.
    Moved,
    /// Events were lost.
    Rescan,
}

/// The signs in an event, for somebody who watches a directory or waits for it to come.
pub(super) fn signs(watched: &Path, event: &Event, counts: Counts) -> Vec<Sign> {
    if event.need_rescan() {
        return vec![Sign::Rescan];
    }
    // Looking at files makes events too, and would go on forever.
    if !is_change(event.kind) {
        return Vec::new();
    }
    event.paths.iter().filter_map(|path| sign((watched, path), event.kind, counts)).collect()
}

fn sign((watched, path): (&Path, &Path), kind: EventKind, counts: Counts) -> Option<Sign> {
    let comes_or_goes = matches!(
        kind,
        EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))
    );
    if watched.starts_with(path) {
        return comes_or_goes.then_some(Sign::Moved);
    }
    if !path.starts_with(watched) {
        return None;
    }
    let parent = path.parent()?.to_owned();
    let name = path.file_name()?;
    if counts(name) {
        return Some(Sign::Look(parent));
    }
    match kind {
        EventKind::Create(CreateKind::Folder) => Some(Sign::Appeared(parent)),
        EventKind::Remove(RemoveKind::Folder) => Some(Sign::Look(parent)),
        // Directories too are renamed; what is gone cannot be asked, but files have extensions.
        EventKind::Create(CreateKind::Any) | EventKind::Modify(ModifyKind::Name(_))
            if path.is_dir() =>
        {
            Some(Sign::Appeared(parent))
        }
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))
            if path.extension().is_none() =>
        {
            Some(Sign::Look(parent))
        }
        EventKind::Any
        | EventKind::Access(_)
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => None,
    }
}

fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{DataChange, Flag, RenameMode};

    use super::*;
    use crate::sync::scan::is_document;

    const WATCHED: &str = "/p/.task_orchestrator/sessions";

    fn check(kind: EventKind, path: &str, expected: Option<Sign>) {
        let path = Path::new(WATCHED).join(path);
        let event = Event::new(kind).add_path(path);
        let found = signs(Path::new(WATCHED), &event, is_document);
        assert_eq!(found, Vec::from_iter(expected), "{event:?}");
    }

    #[test]
    fn events_are_signs_of_where_to_look() {
        let look = |place: &str| Some(Sign::Look(Path::new(WATCHED).join(place)));
        let data = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        let renamed = EventKind::Modify(ModifyKind::Name(RenameMode::From));
        let closed = EventKind::Access(AccessKind::Close(AccessMode::Write));
        check(data, "a/tasks/active_tasks.md", look("a/tasks"));
        check(closed, "a/session.md", look("a"));
        check(renamed, "a/session.md", look("a"));
        check(EventKind::Access(AccessKind::Open(AccessMode::Any)), "a/session.md", None);
        check(data, "a/.session.md.swp", None);
        check(EventKind::Create(CreateKind::File), "a/4913", None);
        check(renamed, "a/.callboard-part-00.tmp", None);
        let appeared = Sign::Appeared(WATCHED.into());
        check(EventKind::Create(CreateKind::Folder), "a", Some(appeared));
        check(EventKind::Remove(RemoveKind::Folder), "a/tasks", look("a"));
        check(EventKind::Create(CreateKind::Folder), "", Some(Sign::Moved));
        check(renamed, "/p/.task_orchestrator", Some(Sign::Moved));
        check(data, "/p/.task_orchestrator", None);
        check(data, "/p/.task_orchestrator/callboard.db-wal", None);
        check(EventKind::Create(CreateKind::Folder), "/p/.task_orchestrator/templates", None);
    }

    #[test]
    fn lost_events_are_a_sign_whatever_else_they_say() {
        let event = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        assert_eq!(signs(Path::new(WATCHED), &event, is_document), [Sign::Rescan]);
    }
}
