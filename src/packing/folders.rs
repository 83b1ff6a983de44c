//! Which sessions have a folder, and which an archive, as the disk tells.

use std::fs;
use std::path::Path;

use super::GOING;
use crate::backup::ENDING;
use crate::domain::id::SessionId;
use crate::paths::ProjectPaths;
use crate::sync::layout;

/// The folders of sessions, by name.
pub(crate) fn of_sessions(paths: &ProjectPaths) -> Vec<(SessionId, String)> {
    named(&paths.sessions(), Path::is_dir, "")
}

/// The archives of sessions, by the names of the folders in them.
pub(crate) fn of_archives(paths: &ProjectPaths) -> Vec<(SessionId, String)> {
    named(&paths.session_archives(), Path::is_file, ENDING)
}

/// The names of folders that are packed and about to go.
pub(super) fn going(paths: &ProjectPaths) -> Vec<String> {
    let names = names(&paths.run(), Path::is_dir);
    names.iter().filter_map(|name| name.strip_prefix(GOING)).map(str::to_owned).collect()
}

fn named(folder: &Path, is_one: fn(&Path) -> bool, ending: &str) -> Vec<(SessionId, String)> {
    let names = names(folder, is_one);
    let bare = names.iter().filter_map(|name| name.strip_suffix(ending));
    bare.filter_map(|name| Some((layout::session_of(name)?, name.to_owned()))).collect()
}

fn names(folder: &Path, is_one: fn(&Path) -> bool) -> Vec<String> {
    let found = fs::read_dir(folder).into_iter().flatten().flatten();
    let found = found.filter(|entry| is_one(&entry.path()));
    let mut names: Vec<String> =
        found.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}
