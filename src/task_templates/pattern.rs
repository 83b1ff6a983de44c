//! Patterns that values must match as a whole, in time proportional to their length.
//!
//! A small part of the usual language: `.`, `[a-z]`, `[^…]`, `\d \w \s` and their opposites,
//! `( | )`, `* + ? {2,5}`; `^` and `$` at the ends say what holds anyway. All states are followed at
//! once, so no pattern is slow. A crate for more would be the first dependency for one field.

mod reader;

use std::fmt;

use serde::{Serialize, Serializer};

use reader::Reader;

/// Longest pattern, in characters.
const SOURCE_MAX: usize = 200;
/// Most steps of the program that it becomes.
const PROGRAM_MAX: usize = 2_000;
const REPEATS_MAX: usize = 255;
const DEPTH_MAX: usize = 16;

/// A pattern, compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    source: String,
    program: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// Takes one character.
    One(Class),
    /// Goes on at both places.
    Fork(usize, usize),
    Jump(usize),
    Match,
}

/// A set of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Class {
    ranges: Vec<(char, char)>,
    is_inverted: bool,
}

#[derive(Debug, Clone)]
enum Tree {
    One(Class),
    Row(Vec<Self>),
    Either(Vec<Self>),
    Repeat { inner: Box<Self>, least: usize, most: Option<usize> },
}

impl Class {
    fn of(ranges: &[(char, char)]) -> Self {
        Self { ranges: ranges.to_vec(), is_inverted: false }
    }

    fn inverted(self) -> Self {
        Self { is_inverted: !self.is_inverted, ..self }
    }

    fn holds(&self, character: char) -> bool {
        let inside = self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&character));
        inside != self.is_inverted
    }
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words.
    pub fn new(source: &str) -> Result<Self, String> {
        if SOURCE_MAX < source.chars().count() {
            return Err(format!("it is longer than {SOURCE_MAX} characters"));
        }
        let bare = source.strip_prefix('^').unwrap_or(source);
        let is_end = bare.ends_with('$') && !bare.ends_with("\\$");
        let bare = if is_end { bare.strip_suffix('$').unwrap_or(bare) } else { bare };
        let mut reader = Reader { rest: bare.chars().collect(), at: 0, depth: 0 };
        let tree = reader.either()?;
        if let Some(left) = reader.peek() {
            return Err(format!("`{left}` closes nothing"));
        }
        let mut emitter = Emitter::default();
        emitter.emit(&tree)?;
        let mut program = emitter.program;
        program.push(Step::Match);
        Ok(Self { source: source.to_owned(), program })
    }

    /// Tells whether a text is as the pattern says, from its beginning to its end.
    pub fn fits(&self, text: &str) -> bool {
        let mut here = self.reached([0].into_iter());
        for character in text.chars() {
            let takes = |at: &usize| match self.program.get(*at) {
                Some(Step::One(class)) => class.holds(character),
                Some(Step::Fork(..) | Step::Jump(_) | Step::Match) | None => false,
            };
            here = self.reached(here.into_iter().filter(takes).map(|at| at + 1));
            if here.is_empty() {
                return false;
            }
        }
        here.iter().any(|at| self.program.get(*at) == Some(&Step::Match))
    }

    /// Every step that is reached from some without a character.
    fn reached(&self, from: impl Iterator<Item = usize>) -> Vec<usize> {
        let mut seen = vec![false; self.program.len()];
        let (mut reached, mut open) = (Vec::new(), from.collect::<Vec<_>>());
        while let Some(at) = open.pop() {
            match seen.get_mut(at) {
                Some(seen) if !*seen => *seen = true,
                Some(_) | None => continue,
            }
            match self.program.get(at) {
                Some(Step::Fork(left, right)) => open.extend([*right, *left]),
                Some(Step::Jump(to)) => open.push(*to),
                Some(Step::One(_) | Step::Match) => reached.push(at),
                None => {}
            }
        }
        reached
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the pattern {}", self.source)
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

/// Writes the program of a tree.
#[derive(Default)]
struct Emitter {
    program: Vec<Step>,
    /// Parts written, empty ones among them.
    parts: usize,
}

impl Emitter {
    fn emit(&mut self, tree: &Tree) -> Result<(), String> {
        self.parts += 1;
        if PROGRAM_MAX < self.program.len().max(self.parts) {
            return Err("it repeats too much".to_owned());
        }
        match tree {
            Tree::One(class) => self.program.push(Step::One(class.clone())),
            Tree::Row(parts) => parts.iter().try_for_each(|part| self.emit(part))?,
            Tree::Either(ways) => self.either(ways)?,
            Tree::Repeat { inner, least, most } => self.repeat(inner, *least, *most)?,
        }
        Ok(())
    }

    fn repeat(&mut self, inner: &Tree, least: usize, most: Option<usize>) -> Result<(), String> {
        for _ in 0..least {
            self.emit(inner)?;
        }
        let Some(most) = most else {
            let fork = self.fork();
            self.emit(inner)?;
            self.program.push(Step::Jump(fork));
            self.close(fork);
            return Ok(());
        };
        for _ in least..most {
            let fork = self.fork();
            self.emit(inner)?;
            self.close(fork);
        }
        Ok(())
    }

    fn either(&mut self, ways: &[Tree]) -> Result<(), String> {
        let mut jumps = Vec::new();
        for (index, way) in ways.iter().enumerate() {
            if index + 1 == ways.len() {
                self.emit(way)?;
                continue;
            }
            let fork = self.fork();
            self.emit(way)?;
            jumps.push(self.program.len());
            self.program.push(Step::Jump(0));
            self.close(fork);
        }
        let end = self.program.len();
        for at in jumps {
            self.set(at, Step::Jump(end));
        }
        Ok(())
    }

    /// Begins a part that may be passed over.
    fn fork(&mut self) -> usize {
        self.program.push(Step::Fork(0, 0));
        self.program.len() - 1
    }

    /// Ends the part that a fork began.
    fn close(&mut self, fork: usize) {
        self.set(fork, Step::Fork(fork + 1, self.program.len()));
    }

    fn set(&mut self, at: usize, step: Step) {
        if let Some(place) = self.program.get_mut(at) {
            *place = step;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, fitting, unfit) in [
            ("a*b", &["b", "aaab"][..], &["a", "ba", ""][..]),
            ("^v?\\d+\\.\\d+(\\.\\d+)?$", &["1.2", "v1.20.3"], &["1", "v1.2.", "1.2.3.4"]),
            ("(feat|fix)/[a-z0-9-]+", &["fix/a-1"], &["fix/", "doc/a", "fix/A"]),
            ("[A-Z]{2,5}-\\d{1,3}", &["AB-1", "ABCDE-123"], &["A-1", "AB-", "AB-1234"]),
            ("[^/]+", &["a b"], &["a/b", ""]),
            ("(a|b|)c", &["ac", "bc", "c"], &["abc"]),
            ("(a*)*", &["", "aaa"], &["b"]),
            (".\\.\\$", &["x.$"], &["x.y"]),
            ("[\\w-]+", &["é-1", "a_b"], &["a b"]),
            ("", &[""], &["a"]),
        ] {
            let compiled = Pattern::new(pattern).unwrap();
            for text in fitting {
                assert!(compiled.fits(text), "{pattern} fits {text:?}");
            }
            for text in unfit {
                assert!(!compiled.fits(text), "{pattern} does not fit {text:?}");
            }
        }
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        for (pattern, message) in [
            ("(a", "`(` is not closed"),
            ("a)", "`)` closes nothing"),
            ("[a", "`[` is not closed"),
            ("*a", "`*` repeats nothing"),
            ("a{3,2}", "`{3,2}` counts backwards"),
            ("a{x}", "`{` is followed by numbers, as in {2,5}"),
            ("\\q", "`\\q` means nothing"),
            ("((a{200}){200})", "it repeats too much"),
            ("a(?=b)", "`?` repeats nothing"),
            ("((((){255}){255}){255}){255}", "it repeats too much"),
        ] {
            assert_eq!(Pattern::new(pattern).unwrap_err(), message, "{pattern}");
        }
    }
}
