//! A mode file read: its mode, and everything that is wrong with it.
//!
//! Reading never fails. A file with errors has no mode; one with warnings has. Files of the first
//! generation are read as they are.

mod bytes;
mod check;
mod gates;
mod inherit;
mod metadata;
mod roles;
mod routing;
mod settings;
mod sheet;
mod values;

use std::cell::Cell;

pub(super) use roles::is_role_name;
pub(super) use sheet::BLOCKS;

use super::problem::{ModeProblem, Place, Problems, Severity};
use super::tree::{Value, read_tree};
use crate::domain::mode::Mode;
use sheet::Sheet;

/// Most files that one file extends, one through the other.
const EXTENDED_MAX: usize = 8;

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// None where there is an error.
    pub mode: Option<Mode>,
    /// In the order of their places.
    pub problems: Vec<ModeProblem>,
}

impl Reading {
    /// Tells whether the file can be bound.
    pub fn is_valid(&self) -> bool {
        self.mode.is_some()
    }

    /// The first error in words, with its place.
    pub fn error_in_words(&self) -> Option<String> {
        let mut errors = self.problems.iter().filter(|problem| problem.severity == Severity::Error);
        let first = errors.next()?;
        match errors.count() {
            0 => Some(first.to_string()),
            more => Some(format!("{first} (and {more} more)")),
        }
    }
}

/// The content of another mode file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub file: String,
    pub bytes: Vec<u8>,
}

/// The modes that a file can extend.
pub trait Others {
    /// The file of a mode's name.
    fn find(&self, name: &str) -> Option<Source>;
    /// The names there are.
    fn names(&self) -> Vec<String>;
}

/// Reads a mode file. The mode's name is the file's, without its folder and ending.
pub fn read(file: &str, bytes: &[u8], others: &dyn Others) -> Reading {
    let name = stem(file);
    let mut problems = Problems::of(file);
    let left = Cell::new(EXTENDED_MAX);
    let around = Around { others, above: &[], left: &left };
    let sheet = sheet_of(name, bytes, around, &mut problems);
    let mode = sheet.filter(|_| !problems.has_error()).map(Sheet::into_mode);
    Reading { mode, problems: problems.into_list() }
}

/// The name of the mode in a file.
pub(crate) fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml")).unwrap_or(name)
}

/// What surrounds a file that is read.
#[derive(Clone, Copy)]
struct Around<'a> {
    others: &'a dyn Others,
    /// The names of the files that extend it, the outermost first.
    above: &'a [String],
    /// How many files may still be read.
    left: &'a Cell<usize>,
}

/// What a file says together with those that it extends, checked as a whole.
fn sheet_of(
    name: &str,
    bytes: &[u8],
    around: Around<'_>,
    problems: &mut Problems,
) -> Option<Sheet> {
    let text = bytes::text(bytes, problems)?;
    let tree = read_tree(&text, problems);
    let Some(root) = tree.root.as_ref().filter(|root| root.value != Value::Nothing) else {
        if problems.has_error() {
            return None;
        }
        problems
            .error(Place::START, "the file is empty")
            .suggest("begin with extends: default_roles, or with a role");
        return None;
    };
    let mut sheet = Sheet::of(name, root, problems)?;
    sheet.broken.extend(tree.broken);
    inherit::inherit(&mut sheet, around, problems);
    check::check(&mut sheet, problems);
    Some(sheet)
}
