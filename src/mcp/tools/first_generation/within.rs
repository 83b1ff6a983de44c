//! Paths that agents name: kept relative, and never outside of the project.

use std::path::{Component, Path};

use crate::domain::refusal::{Code, Refusal};
use crate::domain::text::one_line;

/// Most paths in one call.
const PATHS_MAX: usize = 200;
/// Longest path, in characters.
const PATH_MAX: usize = 1_024;

/// The paths relative to the project's root.
///
/// # Errors
///
/// [`Code::InvalidValue`] naming the path that leaves the project.
pub(super) fn within(root: &Path, paths: &[String]) -> Result<Vec<String>, Refusal> {
    if PATHS_MAX < paths.len() {
        let message = format!("{} file_paths; the limit is {PATHS_MAX}", paths.len());
        return Err(Refusal::new(Code::TooMuch, message));
    }
    paths.iter().map(|path| relative(root, path)).collect()
}

fn relative(root: &Path, text: &str) -> Result<String, Refusal> {
    let text = one_line("file_paths", text, PATH_MAX)?.replace('\\', "/");
    let real_root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let given = Path::new(&text);
    let inner =
        given.strip_prefix(root).or_else(|_| given.strip_prefix(&real_root)).unwrap_or(given);
    let steps_in =
        inner.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    // A drive letter is a plain name where there are no drives.
    let drive = text.chars().nth(1) == Some(':') && text.chars().nth(2) == Some('/');
    if !steps_in || drive || !stays(&real_root, inner) {
        return Err(outside(&text, root));
    }
    let kept: Vec<String> = inner
        .components()
        .filter(|part| matches!(part, Component::Normal(_)))
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if kept.is_empty() { Err(outside(&text, root)) } else { Ok(kept.join("/")) }
}

/// Tells whether what is there of the path leads to a place within the root, links followed.
fn stays(root: &Path, inner: &Path) -> bool {
    let whole = root.join(inner);
    let there = whole.ancestors().find_map(|above| above.canonicalize().ok());
    there.is_some_and(|place| place.starts_with(root))
}

fn outside(path: &str, root: &Path) -> Refusal {
    let message = format!("file_paths: {path:?} is not a file within the project");
    Refusal::new(Code::InvalidValue, message)
        .with("project", root)
        .suggest("name files relative to the project's directory, without \"..\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(root: &Path, path: &str, kept: Option<&str>) {
        let found = within(root, &[path.to_owned()]).ok().and_then(|mut paths| paths.pop());
        assert_eq!(found.as_deref(), kept, "{path}");
    }

    #[test]
    fn paths_within_are_kept_relative_and_others_refused() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        std::fs::create_dir(root.join("src")).unwrap();
        check(root, "src/a.rs", Some("src/a.rs"));
        check(root, "./src//new/b.rs", Some("src/new/b.rs"));
        check(root, "src\\c.rs", Some("src/c.rs"));
        check(root, &root.join("src/d.rs").to_string_lossy(), Some("src/d.rs"));
        for path in ["../a", "src/../../a", "/etc/passwd", "..\\a", "C:\\a", ".", "", "a\nb"] {
            check(root, path, None);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leaves_the_project_is_refused() {
        let (directory, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(elsewhere.path(), directory.path().join("out")).unwrap();
        check(directory.path(), "out/a.rs", None);
    }
}
