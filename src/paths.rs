//! Where a project keeps its things, and which project a directory belongs to.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// The folder that makes a directory a project.
pub const FOLDER: &str = ".task_orchestrator";

/// What git is told to leave alone: everything but documents, roles and templates, and those
/// documents that say what only one database knows, as which binding of a mode is in force.
const GITIGNORE: &str = "\
callboard.db*
callboard.before-*
run/
backups/
modes/
.callboard-*
sessions/*/activity.md
sessions/*/specialists/
sessions/*/artifacts/session_artifacts.md
";
/// What was written there earlier, which nobody has changed since.
const GITIGNORE_BEFORE: &str = "callboard.db*\ncallboard.before-*\nrun/\nbackups/\n.callboard-*\n";

/// The paths of one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectPaths {
    /// The project's directory, absolute.
    pub root: PathBuf,
}

impl ProjectPaths {
    /// The project at a directory.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Finds the project that a directory belongs to: the nearest folder upwards that holds a
    /// `.task_orchestrator/`, else the git root, else the directory itself.
    ///
    /// A linked git worktree without a database of its own belongs to the main worktree's project.
    pub fn find(directory: &Path) -> Self {
        let holder = directory.ancestors().find(|above| above.join(FOLDER).is_dir());
        let git = directory.ancestors().find(|above| above.join(".git").exists());
        let root = match (holder, git) {
            (Some(holder), Some(git)) if !holder.starts_with(git) => git,
            (Some(holder), _) => holder,
            (None, Some(git)) => git,
            (None, None) => directory,
        };
        let own = Self::at(root);
        if own.database().exists() {
            return own;
        }
        match git.and_then(main_worktree) {
            Some(main) => Self::at(main),
            None => match holder {
                Some(holder) => Self::at(holder),
                None => own,
            },
        }
    }

    pub fn task_orchestrator(&self) -> PathBuf {
        self.root.join(FOLDER)
    }

    pub fn database(&self) -> PathBuf {
        self.task_orchestrator().join("callboard.db")
    }

    /// Locks, the endpoint file, the token and logs; private to the user.
    pub fn run(&self) -> PathBuf {
        self.task_orchestrator().join("run")
    }

    pub fn endpoint_json(&self) -> PathBuf {
        self.run().join("endpoint.json")
    }

    pub fn endpoint_lock(&self) -> PathBuf {
        self.run().join("endpoint.lock")
    }

    pub fn token(&self) -> PathBuf {
        self.run().join("token")
    }

    pub fn logs(&self) -> PathBuf {
        self.run().join("logs")
    }

    pub(crate) fn write_lock(&self) -> PathBuf {
        self.run().join("write.lock")
    }

    /// Held by the process that keeps the documents in step.
    pub(crate) fn sync_lock(&self) -> PathBuf {
        self.run().join("sync.lock")
    }

    /// The packed folders of archived sessions; meant to be committed, as those folders are.
    pub fn session_archives(&self) -> PathBuf {
        self.task_orchestrator().join("archives")
    }

    /// Held by the process that brings files of a backup back.
    pub(crate) fn restore_lock(&self) -> PathBuf {
        self.run().join("restore.lock")
    }

    /// The directories of the sessions, with their documents.
    pub fn sessions(&self) -> PathBuf {
        self.task_orchestrator().join("sessions")
    }

    /// The project's own task templates.
    pub fn task_templates(&self) -> PathBuf {
        self.task_orchestrator().join("task_templates")
    }

    /// Texts that people wrote and that are not in a document any more; private to the user.
    pub fn edit_backups(&self) -> PathBuf {
        self.task_orchestrator().join("backups").join("edits")
    }

    /// The archives of the backups; private to the user.
    pub fn backups(&self) -> PathBuf {
        self.task_orchestrator().join("backups").join("archives")
    }

    /// Held by the process that makes backups by itself.
    pub(crate) fn backup_lock(&self) -> PathBuf {
        self.run().join("backup.lock")
    }

    /// Held by who makes the last backup of a session.
    pub(crate) fn last_backup_lock(&self) -> PathBuf {
        self.run().join("last-backup.lock")
    }

    pub(crate) fn bell(&self) -> PathBuf {
        self.run().join("bell")
    }

    pub(crate) fn peers(&self) -> PathBuf {
        self.run().join("peers")
    }

    /// Makes the directories, and the `.gitignore` unless there is one of somebody's own.
    ///
    /// # Errors
    ///
    /// When a directory cannot be made.
    pub fn prepare(&self) -> io::Result<()> {
        fs::create_dir_all(self.task_orchestrator())?;
        private_directory(&self.run())?;
        private_directory(&self.peers())?;
        let ignore = self.task_orchestrator().join(".gitignore");
        let is_earlier = fs::read(&ignore).is_ok_and(|text| text == GITIGNORE_BEFORE.as_bytes());
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(!is_earlier).truncate(is_earlier);
        match options.open(ignore) {
            Ok(mut file) => io::Write::write_all(&mut file, GITIGNORE.as_bytes()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Makes a directory that only the user may enter.
#[cfg(unix)]
pub(crate) fn private_directory(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn private_directory(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// The main worktree of a linked one, read from its `.git` file without asking git.
fn main_worktree(git_root: &Path) -> Option<PathBuf> {
    let text = fs::read_to_string(git_root.join(".git")).ok()?;
    let linked = git_root.join(text.strip_prefix("gitdir:")?.trim());
    let common = fs::read_to_string(linked.join("commondir")).ok()?;
    let git_dir = linked.join(common.trim()).canonicalize().ok()?;
    let is_git = git_dir.file_name().is_some_and(|name| name == ".git");
    git_dir.parent().filter(|_| is_git).map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene() -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        (directory, root)
    }

    #[test]
    fn the_nearest_folder_upwards_is_the_project() {
        let (_guard, root) = scene();
        fs::create_dir_all(root.join("a/b/c")).unwrap();
        fs::create_dir_all(root.join("a").join(FOLDER)).unwrap();
        assert_eq!(ProjectPaths::find(&root.join("a/b/c")).root, root.join("a"));
        assert_eq!(ProjectPaths::find(&root.join("a")).root, root.join("a"));
    }

    #[test]
    fn without_a_folder_the_git_root_is_the_project() {
        let (_guard, root) = scene();
        fs::create_dir_all(root.join("a/.git")).unwrap();
        fs::create_dir_all(root.join("a/b")).unwrap();
        assert_eq!(ProjectPaths::find(&root.join("a/b")).root, root.join("a"));
    }

    #[test]
    fn a_linked_worktree_shares_the_board_of_the_main_one() {
        let (_guard, root) = scene();
        let linked = root.join("main/.git/worktrees/side");
        fs::create_dir_all(&linked).unwrap();
        fs::create_dir_all(root.join("side")).unwrap();
        fs::write(linked.join("commondir"), "../..\n").unwrap();
        fs::write(root.join("side/.git"), format!("gitdir: {}\n", linked.display())).unwrap();
        assert_eq!(ProjectPaths::find(&root.join("side")).root, root.join("main"));
    }
}
