//! Exchanging a database that is damaged for one that was made of a backup.
//!
//! The new one, and what is still to be done with files, lie in a folder that gets its name by one
//! renaming. Before that nothing has happened. After it whoever opens the project next carries the
//! exchange out, under the project's turn: every step may be done again. The damaged database is
//! kept, with its log, as it was.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::domain::time::Timestamp;
use crate::paths::{ProjectPaths, private_directory};
use crate::store::whole;
use crate::sync::files::{Part, sync_directory};
use crate::upkeep::cleanup::mended_by;

/// The folder below `run/` that decides.
const FOLDER: &str = "exchange";
/// The new database in it.
pub(super) const NEW: &str = "callboard.db";
/// What tells in it where the damaged database is kept.
const ASIDE: &str = "aside";
/// How the folders begin that damaged databases are kept in.
pub(super) const KEPT: &str = "backups/damaged-";
/// What `SQLite` has beside a database.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// What is wrong with the database of a project in a way that nothing mends; none where it is sound,
/// or there is none.
pub fn damage(paths: &ProjectPaths) -> Option<String> {
    let found = whole::damage(&paths.database());
    found.into_iter().find(|line| mended_by(line).is_none())
}

/// An exchange that is being prepared.
pub(super) struct Prepared {
    /// Where everything of it lies.
    pub folder: PathBuf,
}

impl Prepared {
    /// Begins one within a folder.
    pub(super) fn within(folder: &Path) -> io::Result<Self> {
        let folder = folder.join(FOLDER);
        private_directory(&folder)?;
        Ok(Self { folder })
    }

    /// Decides it: from here on the new database is the project's.
    pub(super) fn decide(self, paths: &ProjectPaths, now: Timestamp) -> io::Result<String> {
        let digits: String =
            now.to_string().chars().filter(char::is_ascii_digit).take(14).collect();
        let mut aside = format!("{KEPT}{digits}");
        let taken = |aside: &str| paths.task_orchestrator().join(aside).exists();
        let mut number = 1;
        while taken(&aside) {
            number += 1;
            aside = format!("{KEPT}{digits}-{number}");
        }
        let mut told = Part::create(&self.folder, 0o600)?;
        told.write(aside.as_bytes())?;
        told.sync()?;
        told.rename(&self.folder.join(ASIDE))?;
        fs::File::open(self.folder.join(NEW))?.sync_all()?;
        sync_directory(&self.folder)?;
        fs::rename(&self.folder, paths.run().join(FOLDER))?;
        // It is decided, and synced with what comes next at the latest.
        sync_directory(&paths.run()).ok();
        Ok(aside)
    }
}

/// Tells whether an exchange is to be carried out.
pub(crate) fn is_decided(paths: &ProjectPaths) -> bool {
    paths.run().join(FOLDER).is_dir()
}

/// Carries out an exchange that was decided, for one who has the project's turn. `step` is told of
/// each step.
pub(crate) fn carry_out(paths: &ProjectPaths, step: &dyn Fn()) -> io::Result<()> {
    if !is_decided(paths) {
        return Ok(());
    }
    let folder = paths.run().join(FOLDER);
    let new = folder.join(NEW);
    if new.exists() {
        let aside = fs::read_to_string(folder.join(ASIDE))?;
        set_aside(paths, &paths.task_orchestrator().join(aside), step)?;
        fs::rename(&new, paths.database())?;
        sync_directory(&paths.task_orchestrator())?;
        step();
    }
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            // What is to be done with files is found there by whoever finishes restores.
            fs::rename(entry.path(), paths.run().join(entry.file_name()))?;
            step();
        }
    }
    sync_directory(&paths.run())?;
    fs::remove_dir_all(&folder)?;
    step();
    Ok(())
}

/// Keeps the database that stands there, and takes away the log that belongs to it alone.
fn set_aside(paths: &ProjectPaths, aside: &Path, step: &dyn Fn()) -> io::Result<()> {
    private_directory(&paths.task_orchestrator().join("backups"))?;
    private_directory(aside)?;
    let (database, kept) = (paths.database(), aside.join(NEW));
    if database.exists() && !kept.exists() {
        // It keeps its name until the new one takes it. Not every file system knows second names.
        if fs::hard_link(&database, &kept).is_err() {
            let part = aside.join("part");
            fs::copy(&database, &part)?;
            fs::rename(part, &kept)?;
        }
        step();
    }
    for end in BESIDE {
        let beside = with_end(&database, end);
        if beside.exists() {
            fs::rename(&beside, with_end(&kept, end))?;
            step();
        }
    }
    sync_directory(aside)?;
    sync_directory(&paths.task_orchestrator())
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}
