//! Repair of what is mechanical in a mode file: what its author meant is beyond doubt.
//!
//! A change is kept only when the flaw that it is for is gone and no other has come. Whoever writes
//! the result backs up the file first.

mod body;
mod lines;

use super::problem::{Fix, Place};
use super::read::{Others, Reading, read};
use super::tree::{Flaw, flaws};
use super::{MODE_FILE_MAX, ModeProblem, Severity};

/// Most flaws that are looked at.
const ROUNDS_MAX: usize = 64;
/// Most rounds of misspelled keys and the like; one can bring others to light.
const FIXES_MAX: usize = 4;

/// A text that was repaired.
#[derive(Debug, Clone, PartialEq)]
pub struct Repaired {
    pub text: String,
    /// What was done, in order; empty when there was nothing to do.
    pub repairs: Vec<Repair>,
    /// The repaired text as it is read.
    pub reading: Reading,
}

/// One thing that was repaired.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Repair {
    /// From 1; that of the whole text is 1.
    pub line: usize,
    pub what: String,
}

impl Repair {
    fn new(line: usize, what: impl Into<String>) -> Self {
        Self { line, what: what.into() }
    }
}

/// Repairs the text of a mode file; none where it is no text, or too long to be one.
pub fn repair(file: &str, bytes: &[u8], others: &dyn Others) -> Option<Repaired> {
    if MODE_FILE_MAX < bytes.len() {
        return None;
    }
    let mut text = std::str::from_utf8(bytes).ok()?.to_owned();
    let mut repairs = Vec::new();
    clean(&mut text, &mut repairs);
    mend_flaws(&mut text, &mut repairs);
    let reading = read(file, text.as_bytes(), others);
    let mut best = Repaired { text, repairs, reading };
    let mut next = best.clone();
    for _ in 0..FIXES_MAX {
        let Some((text, done)) = fixed(&next.text, &next.reading) else { break };
        next.reading = read(file, text.as_bytes(), others);
        next.text = text;
        next.repairs.extend(done);
        // A key that is known now may bring to light what is wrong with its value, until that is
        // mended as well.
        if errors(&next.reading) <= errors(&best.reading) {
            best = next.clone();
        }
    }
    Some(best)
}

fn errors(reading: &Reading) -> usize {
    let is_error = |problem: &&ModeProblem| problem.severity == Severity::Error;
    reading.problems.iter().filter(is_error).count()
}

/// Removes what editors leave in a text.
fn clean(text: &mut String, repairs: &mut Vec<Repair>) {
    let mut replace = |from: &str, to: &str, what: &str| {
        if text.contains(from) {
            *text = text.replace(from, to);
            repairs.push(Repair::new(1, what));
        }
    };
    replace("\u{FEFF}", "", "removed the byte order mark");
    replace("\r\n", "\n", "made the line ends plain");
    replace("\r", "\n", "made the line ends plain");
    replace("\0", "", "removed zero bytes");
    let is_tabbed = |line: &str| {
        let indent = line.get(..line.len().saturating_sub(line.trim_start().len()));
        indent.is_some_and(|indent| indent.contains('\t')) && !line.trim().is_empty()
    };
    let tabbed: Vec<usize> =
        (1..).zip(text.lines()).filter(|(_, line)| is_tabbed(line)).map(|(at, _)| at).collect();
    // Behind spaces a tab may be part of a text; it is left alone unless it is a flaw.
    let is_flawed = !flaws(text).is_empty() || text.starts_with('\t') || text.contains("\n\t");
    if tabbed.is_empty() || !is_flawed {
        return;
    }
    let untabbed = |line: &str| {
        let (indent, rest) = line.split_at(line.len().saturating_sub(line.trim_start().len()));
        format!("{}{rest}", indent.replace('\t', "  "))
    };
    *text = text.split('\n').map(untabbed).collect::<Vec<_>>().join("\n");
    repairs.extend(tabbed.into_iter().map(|at| Repair::new(at, "indented by spaces, not by tabs")));
}

/// Mends what the parser stumbles over, a line at a time.
fn mend_flaws(text: &mut String, repairs: &mut Vec<Repair>) {
    let mut given_up: Vec<usize> = Vec::new();
    for _ in 0..ROUNDS_MAX {
        let found = flaws(text);
        let next = found.iter().find(|flaw| !given_up.contains(&flaw.place.line));
        let Some(flaw) = next else { return };
        match mended(text, flaw, &found) {
            Some((better, done)) => {
                *text = better;
                repairs.push(done);
            }
            None => given_up.push(flaw.place.line),
        }
    }
}

fn mended(text: &str, flaw: &Flaw, before: &[Flaw]) -> Option<(String, Repair)> {
    let lines: Vec<&str> = text.split('\n').collect();
    let at = flaw.place.line.saturating_sub(1).min(lines.len().saturating_sub(1));
    let above = (0..at).rev().find(|&at| lines.get(at).is_some_and(|line| !line.trim().is_empty()));
    for at in [Some(at), above].into_iter().flatten() {
        for (line, what) in lines::candidates(&lines, at) {
            let mut tried = lines.clone();
            *tried.get_mut(at)? = &line;
            let tried = tried.join("\n");
            if is_better(&flaws(&tried), flaw, before) {
                return Some((tried, Repair::new(at.saturating_add(1), what)));
            }
        }
    }
    None
}

/// Tells whether a flaw is gone, and none has come above it.
fn is_better(after: &[Flaw], flaw: &Flaw, before: &[Flaw]) -> bool {
    let line = |flaw: &Flaw| flaw.place.line;
    after.iter().all(|left| {
        let is_known = before.iter().any(|known| line(known) == line(left));
        line(left) != line(flaw) && (line(flaw) < line(left) || is_known)
    })
}

/// The text with the fixes of its problems, from the last line to the first.
fn fixed(text: &str, reading: &Reading) -> Option<(String, Vec<Repair>)> {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let mut repairs = Vec::new();
    let mut bodies = String::new();
    for problem in reading.problems.iter().rev() {
        let place = Place { line: problem.line, column: problem.column };
        let what = match &problem.fix {
            Some(Fix::Key { wrong, right }) => lines::rename(&mut lines, place, wrong, right)
                .then(|| format!("{wrong} is now {right}")),
            Some(Fix::Quote) => lines::quote_from(&mut lines, place)
                .then(|| "put in quotes a text with a colon in it".to_owned()),
            Some(Fix::Body { role, about }) => {
                bodies.insert_str(0, &body::of(role, about));
                Some(format!("added a block for the listed role {role}"))
            }
            None => None,
        };
        repairs.extend(what.map(|what| Repair::new(place.line, what)));
    }
    if repairs.is_empty() {
        return None;
    }
    let mut text = lines.join("\n");
    if !bodies.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&bodies);
    repairs.reverse();
    Some((text, repairs))
}
