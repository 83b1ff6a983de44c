//! The templates there are: those that are built in, and the project's, which come first.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::model::TaskTemplate;
use super::parse::parse;
use super::problem::{Place, Problem, shown};
use super::yaml::FILE_MAX;
use crate::domain::refusal::{Code, Refusal, closest};

/// Most files of a project that are looked at.
const FILES_MAX: usize = 200;
/// Longest name of a template.
const NAME_MAX: usize = 64;
/// Problems that a refusal names.
const NAMED_MAX: usize = 20;

macro_rules! built_in {
    ($($name:literal)*) => {
        /// The templates that are built in: name and text.
        pub const BUILT_IN: &[(&str, &str)] = &[$((
            $name,
            include_str!(concat!("../../templates/task_templates/", $name, ".yaml")),
        ),)*];
    };
}

built_in! { "feature" "bug_investigation" "release" "refactoring" "research" "code_review" }

/// The templates of a project. Files are read when they are asked for.
#[derive(Debug, Clone)]
pub struct Library {
    /// By name.
    shelf: Vec<(String, Source)>,
}

/// Where a template comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    BuiltIn(&'static str),
    File {
        path: PathBuf,
        /// Whether it stands in for a built-in one of the same name.
        shadows: bool,
    },
}

/// A template, and what is wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub template: TaskTemplate,
    pub source: Source,
    /// As it stands in the file.
    pub text: String,
    pub problems: Vec<Problem>,
}

impl Library {
    /// The templates with those of a folder, which need not exist.
    pub fn open(folder: &Path) -> Self {
        let mut shelf: Vec<(String, Source)> = BUILT_IN
            .iter()
            .map(|(name, text)| ((*name).to_owned(), Source::BuiltIn(text)))
            .collect();
        for (name, path) in files(folder) {
            match shelf.iter_mut().find(|(known, _)| *known == name) {
                Some((_, source)) => *source = Source::File { path, shadows: true },
                None => shelf.push((name, Source::File { path, shadows: false })),
            }
        }
        shelf.sort_by(|left, right| left.0.cmp(&right.0));
        Self { shelf }
    }

    /// The names of all templates.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.shelf.iter().map(|(name, _)| name.as_str())
    }

    /// Every template, the broken ones among them.
    pub fn all(&self) -> Vec<Entry> {
        self.shelf.iter().map(|(name, source)| Entry::read(name, source)).collect()
    }

    /// A template by its name, fit or not.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownId`] with the closest name.
    pub fn entry(&self, name: &str) -> Result<Entry, Refusal> {
        let wanted = name.trim();
        let wanted = wanted.strip_suffix(".yaml").unwrap_or(wanted);
        let folded = wanted.to_lowercase().replace([' ', '-'], "_");
        let same = |(known, _): &&(String, Source)| known == wanted;
        let alike =
            |(known, _): &&(String, Source)| known.to_lowercase().replace('-', "_") == folded;
        let found = self.shelf.iter().find(same).or_else(|| self.shelf.iter().find(alike));
        let Some((name, source)) = found else { return Err(self.unknown(wanted)) };
        Ok(Entry::read(name, source))
    }

    /// A template that can be applied.
    ///
    /// # Errors
    ///
    /// As [`Self::entry`], and [`Code::InvalidValue`] with all problems of a broken one.
    pub fn fit(&self, name: &str) -> Result<Entry, Refusal> {
        let entry = self.entry(name)?;
        if entry.problems.is_empty() { Ok(entry) } else { Err(entry.refusal()) }
    }

    fn unknown(&self, name: &str) -> Refusal {
        let names: Vec<&str> = self.names().collect();
        let refusal =
            Refusal::new(Code::UnknownId, format!("there is no task template {:?}", shown(name)))
                .with("templates", &names);
        match closest(name, names.iter().copied()) {
            Some(near) => refusal.with("closest", near).suggest(format!("did you mean {near}?")),
            None => refusal.suggest(format!("there are {}", names.join(", "))),
        }
    }
}

impl Entry {
    fn read(name: &str, source: &Source) -> Self {
        match source {
            Source::BuiltIn(text) => Self::of(name, (source, (*text).to_owned()), None),
            Source::File { path, .. } => match read(path) {
                Ok(text) => Self::of(name, (source, text), wrong_name(name, path)),
                Err(problem) => {
                    let mut entry = Self::of(name, (source, String::new()), None);
                    entry.problems = vec![problem];
                    entry
                }
            },
        }
    }

    fn of(name: &str, (source, text): (&Source, String), also: Option<Problem>) -> Self {
        let (template, mut problems) = parse(name, &text);
        problems.splice(0..0, also);
        Self { template, source: source.clone(), text, problems }
    }

    /// The name of the file, for problems.
    pub fn file(&self) -> String {
        match &self.source {
            Source::BuiltIn(_) => format!("{}.yaml", self.template.name),
            Source::File { path, .. } => path.display().to_string(),
        }
    }

    /// What a person should know of where it comes from.
    pub fn note(&self) -> Option<String> {
        match &self.source {
            Source::File { shadows: true, .. } => Some(format!(
                "The project's {} stands in for the built-in one.",
                self.template.name
            )),
            Source::File { shadows: false, .. } | Source::BuiltIn(_) => None,
        }
    }

    fn refusal(&self) -> Refusal {
        let named = self.problems.iter().take(NAMED_MAX);
        let told: Vec<String> = named.map(|problem| format!("{}:{problem}", self.file())).collect();
        let message = format!(
            "the task template {} has {} problems: {}",
            self.template.name,
            self.problems.len(),
            told.first().map_or("", String::as_str)
        );
        let message = message.replace(" has 1 problems", " has a problem");
        let advice = match &self.source {
            Source::File { shadows: true, .. } => {
                "put the file right, or move it away to use the built-in one"
            }
            Source::File { shadows: false, .. } | Source::BuiltIn(_) => "put the file right",
        };
        Refusal::new(Code::InvalidValue, message).with("problems", told).suggest(advice)
    }
}

/// Reads a file as a template, whatever its name, as `callboard template check FILE` does.
pub fn of_file(path: &Path) -> Entry {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Entry::read(&stem, &Source::File { path: path.to_owned(), shadows: false })
}

/// The templates of a folder, by name.
fn files(folder: &Path) -> Vec<(String, PathBuf)> {
    // A folder that cannot be read has no templates; the built-in ones are there all the same.
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<(String, PathBuf)> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| {
            let extension = path.extension().and_then(|extension| extension.to_str());
            matches!(extension, Some("yaml" | "yml")) && !path.is_dir()
        })
        .filter_map(|path| Some((path.file_stem()?.to_string_lossy().into_owned(), path)))
        .filter(|(name, _)| !name.starts_with('.'))
        .take(FILES_MAX)
        .collect();
    // Of two with the same name the one that ends in `.yaml` counts.
    files.sort_by(|left, right| left.1.cmp(&right.1));
    files.dedup_by(|next, kept| next.0 == kept.0);
    files
}

fn wrong_name(name: &str, path: &Path) -> Option<Problem> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || NAME_MAX < name.len() || !name.chars().all(fits) {
        let message = format!("a template cannot be called {:?}", shown(name));
        let advice = format!("name the file with letters, digits, `_` and `-`, {NAME_MAX} at most");
        return Some(Problem::new(Place::START, message).suggest(advice));
    }
    if path.extension().is_some_and(|extension| extension != "yaml") {
        let problem = Problem::new(Place::START, "the file's name does not end in `.yaml`");
        return Some(problem.suggest(format!("rename it to {name}.yaml")));
    }
    None
}

fn read(path: &Path) -> Result<String, Problem> {
    let refuse =
        |error: &io::Error| Problem::new(Place::START, format!("it cannot be read: {error}"));
    if !fs::metadata(path).map_err(|error| refuse(&error))?.is_file() {
        return Err(Problem::new(Place::START, "it is not a file"));
    }
    // One byte more than is allowed tells that it is too large.
    let limit = u64::try_from(FILE_MAX).unwrap_or(u64::MAX) + 1;
    let mut bytes = Vec::new();
    let opened = fs::File::open(path).map_err(|error| refuse(&error))?;
    opened.take(limit).read_to_end(&mut bytes).map_err(|error| refuse(&error))?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(good).filter(|byte| **byte == b'\n').count() + 1;
        Problem::new(Place { line, column: 1 }, "it is not text in UTF-8").suggest("convert it")
    })
}
