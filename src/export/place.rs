//! Where an export goes: within the project, over nothing that is there, and through no link.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use super::{Format, Wanted, failed};
use crate::domain::artifact;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::Session;
use crate::paths::ProjectPaths;
use crate::sync::files::sync_directory;
use crate::sync::layout;

/// What Callboard keeps, and the place of exports in it.
const HOME: &str = ".task_orchestrator";
const EXPORTS: &str = "exports";
/// Exports of one session that are told apart by a number.
const NUMBER_MAX: u32 = 1_000;

/// A file that is to be written, relative to the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    steps: Vec<String>,
    name: String,
}

pub(super) fn of(
    paths: &ProjectPaths,
    session: &Session,
    wanted: &Wanted,
) -> Result<Place, Refusal> {
    let directory = layout::new_directory(&session.name, session.id);
    let plain = directory.rsplit('/').next().unwrap_or(&directory).to_owned();
    let named = wanted.path.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let Some(named) = named else { return free(paths, &plain, wanted.format) };
    let relative = named.strip_prefix(&format!("{}/", paths.root.display())).unwrap_or(named);
    let path = artifact::path("export_path", relative)?;
    let is_folder = relative.ends_with('/') || paths.root.join(&path).is_dir();
    let place = if is_folder {
        Place { steps: steps(&path), name: format!("{plain}.{}", wanted.format.ending()) }
    } else {
        let mut steps = steps(&path);
        let name = steps.pop().unwrap_or(plain);
        Place { steps, name: ended(name, wanted.format) }
    };
    place.is_allowed(paths)?;
    Ok(place)
}

/// A name among the exports that nothing has.
fn free(paths: &ProjectPaths, plain: &str, format: Format) -> Result<Place, Refusal> {
    let at = |number: u32| {
        let number = if number == 1 { String::new() } else { format!("-{number}") };
        let name = format!("{plain}{number}.{}", format.ending());
        Place { steps: vec![HOME.to_owned(), EXPORTS.to_owned()], name }
    };
    let is_free = |place: &Place| place.whole(&paths.root).symlink_metadata().is_err();
    let found = (1..=NUMBER_MAX).map(at).find(is_free);
    let place = found.ok_or_else(|| {
        Refusal::new(Code::NameTaken, format!("there are {NUMBER_MAX} exports of this session"))
    })?;
    place.is_allowed(paths)?;
    Ok(place)
}

fn steps(path: &str) -> Vec<String> {
    path.split('/').map(str::to_owned).collect()
}

/// A name with the ending of what is in the file.
fn ended(name: String, format: Format) -> String {
    let ending = format!(".{}", format.ending());
    if name.to_ascii_lowercase().ends_with(&ending) { name } else { name + &ending }
}

impl Place {
    /// Relative to the project, with `/`.
    pub fn path(&self) -> String {
        self.steps.iter().chain([&self.name]).map(String::as_str).collect::<Vec<_>>().join("/")
    }

    fn whole(&self, root: &Path) -> PathBuf {
        self.steps.iter().chain([&self.name]).fold(root.to_owned(), |place, step| place.join(step))
    }

    fn is_allowed(&self, paths: &ProjectPaths) -> Result<(), Refusal> {
        let path = self.path();
        let refuse = |code, problem: &str| {
            let message = format!("export_path {path:?} {problem}; nothing was changed");
            let advice = "name a new file relative to the project, or leave export_path out";
            Err(Refusal::new(code, message).with("field", "export_path").suggest(advice))
        };
        let is = |at: usize, name: &str| {
            self.steps.get(at).is_some_and(|step| step.eq_ignore_ascii_case(name))
        };
        if is(0, HOME) && !is(1, EXPORTS) {
            return refuse(Code::InvalidValue, "is kept by Callboard for other things");
        }
        let mut here = paths.root.clone();
        for step in &self.steps {
            here.push(step);
            match here.symlink_metadata() {
                Ok(standing) if standing.is_symlink() => {
                    return refuse(Code::InvalidValue, "leads through a link");
                }
                Ok(standing) if !standing.is_dir() => {
                    return refuse(Code::InvalidValue, "leads through a file");
                }
                Ok(_) | Err(_) => {}
            }
        }
        if self.whole(&paths.root).symlink_metadata().is_ok() {
            return refuse(Code::NameTaken, "is there already");
        }
        Ok(())
    }

    /// Writes the file whole, or not at all; its size.
    pub(super) fn write(
        &self,
        paths: &ProjectPaths,
        fill: impl FnOnce(&mut File) -> Result<(), Refusal>,
    ) -> Result<u64, Refusal> {
        self.is_allowed(paths)?;
        let folder = self.steps.iter().fold(paths.root.clone(), |place, step| place.join(step));
        fs::create_dir_all(&folder).map_err(|error| failed(&error))?;
        // A link that was put there this moment leads nowhere either.
        self.is_allowed(paths)?;
        let part = folder.join(format!(".callboard-part-{:016x}.tmp", crate::peer::random()));
        let written = (|| {
            let opened = OpenOptions::new().write(true).create_new(true).open(&part);
            let mut file = opened.map_err(|error| failed(&error))?;
            fill(&mut file)?;
            let put = || {
                file.sync_all()?;
                fs::rename(&part, self.whole(&paths.root))?;
                sync_directory(&folder)?;
                Ok(file.metadata()?.len())
            };
            put().map_err(|error: std::io::Error| failed(&error))
        })();
        if written.is_err() {
            // What cannot be removed is swept away with the parts of documents.
            fs::remove_file(&part).ok();
        }
        written
    }
}
