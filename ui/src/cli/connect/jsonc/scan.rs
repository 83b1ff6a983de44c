//! Where the parts of a JSON text begin and end.

use serde_json::Value;

use super::Problem;

/// Deepest nesting that is read.
const DEPTH_MAX: usize = 100;

/// A place in the text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Debug)]
pub(super) struct Member {
    pub(super) key: String,
    pub(super) start: usize,
    pub(super) value: Node,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) span: Span,
    /// The members of an object.
    pub(super) members: Option<Vec<Member>>,
    /// The end of a comma after the last member.
    pub(super) comma: Option<usize>,
}

impl Node {
    pub(super) fn member(&self, key: &str) -> Option<&Member> {
        // As readers do, where a key stands twice.
        self.members.iter().flatten().rfind(|member| member.key == key)
    }
}

/// Reads a text that holds one object.
pub(super) fn read(text: &str) -> Result<Node, Problem> {
    let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut scanner = Scanner { text, at };
    scanner.skip()?;
    let root = scanner.value(0)?;
    scanner.skip()?;
    if !scanner.rest().is_empty() {
        return Err(scanner.problem("something follows its end"));
    }
    match root.members {
        Some(_) => Ok(root),
        None => Err(Problem::Syntax { line: 1, what: "it is not an object" }),
    }
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn problem(&self, what: &'static str) -> Problem {
        let before = self.text.get(..self.at).unwrap_or_default();
        Problem::Syntax { line: before.matches('\n').count() + 1, what }
    }

    fn takes(&mut self, wanted: char) -> bool {
        let fits = self.rest().starts_with(wanted);
        self.at += if fits { wanted.len_utf8() } else { 0 };
        fits
    }

    /// Passes blanks and comments.
    fn skip(&mut self) -> Result<(), Problem> {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
            let rest = rest.get(blank..).unwrap_or_default();
            self.at += blank;
            self.at += if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").ok_or_else(|| self.problem("a comment does not end"))? + 2
            } else {
                return Ok(());
            };
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, Problem> {
        if DEPTH_MAX < depth {
            return Err(self.problem("it is nested too deeply"));
        }
        let start = self.at;
        let (mut members, mut comma) = (None, None);
        if self.takes('{') {
            let mut found = Vec::new();
            comma = self.items('}', |scanner| {
                found.push(scanner.member(depth)?);
                Ok(())
            })?;
            members = Some(found);
        } else if self.takes('[') {
            self.items(']', |scanner| scanner.value(depth + 1).map(|_| ()))?;
        } else if self.rest().starts_with('"') {
            self.string()?;
        } else {
            self.word()?;
        }
        Ok(Node { span: Span { start, end: self.at }, members, comma })
    }

    fn member(&mut self, depth: usize) -> Result<Member, Problem> {
        let start = self.at;
        let key = self.string()?;
        self.skip()?;
        if !self.takes(':') {
            return Err(self.problem("a colon is missing"));
        }
        self.skip()?;
        Ok(Member { key, start, value: self.value(depth + 1)? })
    }

    /// Reads items to a closing bracket; the end of a trailing comma, if there is one.
    fn items(
        &mut self,
        close: char,
        mut item: impl FnMut(&mut Self) -> Result<(), Problem>,
    ) -> Result<Option<usize>, Problem> {
        let mut comma = None;
        loop {
            self.skip()?;
            if self.takes(close) {
                return Ok(comma);
            }
            item(self)?;
            self.skip()?;
            comma = self.takes(',').then_some(self.at);
            self.skip()?;
            if comma.is_none() && !self.rest().starts_with(close) {
                return Err(self.problem("a comma or a closing bracket is missing"));
            }
        }
    }

    fn string(&mut self) -> Result<String, Problem> {
        let mut escaped = false;
        let rest = self.rest();
        let mut ends = rest.char_indices().skip(1);
        let end = ends.find(|(_, character)| {
            let is_end = *character == '"' && !escaped;
            escaped = *character == '\\' && !escaped;
            is_end
        });
        let raw = end.and_then(|(end, _)| rest.get(..=end));
        let read = raw.and_then(|raw| Some((serde_json::from_str(raw).ok()?, raw.len())));
        let (string, length) = read.ok_or_else(|| self.problem("a text is expected"))?;
        self.at += length;
        Ok(string)
    }

    /// Reads a number, `true`, `false` or `null`.
    fn word(&mut self) -> Result<(), Problem> {
        let rest = self.rest();
        let is_end = |character: char| {
            character.is_whitespace() || matches!(character, ',' | '}' | ']' | ':' | '/')
        };
        let word = rest.split(is_end).next().unwrap_or_default();
        if serde_json::from_str::<Value>(word).is_err() {
            return Err(self.problem("a value is expected"));
        }
        self.at += word.len();
        Ok(())
    }
}
