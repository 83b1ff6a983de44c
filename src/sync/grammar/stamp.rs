//! Stamps: read, found at the end of a line even where they are damaged, and printed.

use super::escape::{is_escaped, percent, unpercent};
use crate::domain::draft::{Span, Stamp};
use crate::domain::id::{GroupId, SessionId, TaskId};
use crate::domain::mark::Mark;

/// Longest stamp that is looked for, in bytes: the longest key, every byte of it encoded.
const STAMP_MAX: usize = 1_300;

/// What a stamp names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    Task(TaskId),
    Group(GroupId),
    Session(SessionId),
    Context(String),
    /// The section of the tasks without a group.
    NoGroup,
}

/// A stamp in a text, or what is left of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Its bytes, without the space before it.
    pub(super) span: Span,
    /// Absent where it cannot be told.
    pub(super) name: Option<Name>,
    pub(super) mark: Option<Mark>,
    pub(super) problem: Option<String>,
}

impl Name {
    /// The record, as [`crate::domain::record::RecordKey`] writes it.
    pub(super) fn record(&self, session_id: SessionId) -> Option<String> {
        match self {
            Self::Task(id) => Some(id.to_string()),
            Self::Group(id) => Some(id.to_string()),
            Self::Session(id) => Some(id.to_string()),
            Self::Context(key) => Some(format!("{session_id}/{key}")),
            Self::NoGroup => None,
        }
    }

    fn is_id(&self) -> bool {
        match self {
            Self::Task(_) | Self::Group(_) | Self::Session(_) => true,
            Self::Context(_) | Self::NoGroup => false,
        }
    }
}

impl std::str::FromStr for Name {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        if word.eq_ignore_ascii_case("no-group") {
            return Ok(Self::NoGroup);
        }
        if let Some(key) = word.strip_prefix("ctx:").filter(|key| !key.is_empty()) {
            return Ok(Self::Context(unpercent(key)));
        }
        let task = word.parse().map(Self::Task);
        let group = || word.parse().map(Self::Group);
        task.or_else(|_| group()).or_else(|_| word.parse().map(Self::Session)).map_err(|_| ())
    }
}

/// Prints a stamp.
pub(super) fn print(stamp: &Stamp) -> String {
    let name = stamp.record.split_once('/').map_or_else(
        || stamp.record.clone(),
        |(_, key)| {
            let mut before = ' ';
            let kept = percent(key, |character| {
                let doubled = before == '-' && character == '-';
                before = character;
                !doubled && (character.is_ascii_alphanumeric() || "-_./".contains(character))
            });
            format!("ctx:{kept}")
        },
    );
    stamp.mark.map_or_else(|| format!("<!-- {name} -->"), |mark| format!("<!-- {name} {mark} -->"))
}

/// Finds the stamp that a text ends with; white space after it does not count.
pub(super) fn at_end(text: &str) -> Option<Found> {
    let text = text.trim_end();
    whole(text)
        .or_else(|| block_id(text))
        .or_else(|| without_end(text))
        .or_else(|| without_beginning(text))
}

/// Tells whether a word at the end of a line would count as a stamp.
pub(super) fn is_block_id(word: &str) -> bool {
    word.strip_prefix('^').is_some_and(|id| id.parse::<Name>().is_ok_and(|it| it.is_id()))
}

/// The stamps in comments anywhere in a text, with the places where they begin.
pub(super) fn all(text: &str) -> impl Iterator<Item = (usize, Name)> {
    text.match_indices("<!--").filter_map(|(at, opening)| {
        let rest = text.get(at + opening.len()..)?;
        let (inner, _) = beginning(rest).split_once("-->")?;
        let name: Name = inner.split_whitespace().next()?.parse().ok()?;
        (!is_escaped(text, at)).then_some((at, name))
    })
}

/// As much of a text as a stamp may take.
fn beginning(text: &str) -> &str {
    (0..4).find_map(|less| text.get(..STAMP_MAX - less)).unwrap_or(text)
}

fn whole(text: &str) -> Option<Found> {
    let end = text.strip_suffix("-->")?.len();
    let start = text.rfind("<!--").filter(|start| !is_escaped(text, *start))?;
    let inner = text.get(start + "<!--".len()..end).filter(|inner| !inner.contains("-->"))?;
    let (name, mark, problem) = inside(inner)?;
    Some(Found { span: Span { start, end: text.len() }, name, mark, problem })
}

/// Reads what stands in a comment; `None` where it is somebody's remark.
fn inside(inner: &str) -> Option<(Option<Name>, Option<Mark>, Option<String>)> {
    let mut words = inner.split_whitespace();
    let first = words.next()?;
    let Ok(name) = first.parse::<Name>() else {
        let problem =
            "the stamp at the end of this line is damaged; the record is told by its text";
        return looks_like_an_id(first).then(|| (None, None, Some(problem.to_owned())));
    };
    let mark = words.next();
    let read = mark.and_then(|word| word.parse().ok()).filter(|_| words.next().is_none());
    let garbled = mark.is_some() && read.is_none() && name != Name::NoGroup;
    let problem = "the mark in this line's stamp is damaged; the line counts as changed since it was last in step";
    Some((Some(name), read, garbled.then(|| problem.to_owned())))
}

fn looks_like_an_id(word: &str) -> bool {
    let mut characters = word.chars();
    let letter = characters.next().is_some_and(|letter| "tgsTGS".contains(letter));
    let rest = characters.as_str().strip_prefix('-').unwrap_or_default();
    letter && (6..=10).contains(&rest.len()) && rest.chars().all(|it| it.is_ascii_alphanumeric())
}

fn block_id(text: &str) -> Option<Found> {
    let start = text.rfind([' ', '\t']).map_or(0, |space| space + 1);
    let word = text.get(start..)?;
    let name = word.strip_prefix('^')?.parse::<Name>().ok().filter(Name::is_id)?;
    Some(Found {
        span: Span { start, end: text.len() },
        name: Some(name),
        mark: None,
        problem: None,
    })
}

/// A comment whose end was mistyped or cut off.
fn without_end(text: &str) -> Option<Found> {
    let start = text.rfind("<!--").filter(|start| !is_escaped(text, *start))?;
    let inner = text.get(start + "<!--".len()..)?;
    if inner.contains("-->") {
        return None;
    }
    let (name, mark, _) = inside(inner.trim_end_matches(['-', '>', '!', ' ']))?;
    Some(broken(Span { start, end: text.len() }, name, mark))
}

/// A comment whose beginning was mistyped or cut off; only with a whole id.
fn without_beginning(text: &str) -> Option<Found> {
    let inner = text.strip_suffix("-->")?;
    let inner = inner.trim_end();
    let (before, last) = split_word(inner);
    let (before, id, mark) = match last.parse::<Mark>() {
        Ok(mark) => {
            let (before, id) = split_word(before);
            (before, id, Some(mark))
        }
        Err(_) => (before, last, None),
    };
    let bare = id.trim_start_matches(['<', '!', '-']);
    let name = bare.parse::<Name>().ok().filter(Name::is_id)?;
    let (outer, opening) = split_word(before);
    let is_opening = !opening.is_empty() && opening.chars().all(|it| "<!-".contains(it));
    let outer = if is_opening && bare.len() == id.len() { outer } else { before };
    let start =
        outer.len() + inner.get(outer.len()..).map_or(0, |it| it.len() - it.trim_start().len());
    Some(broken(Span { start, end: text.len() }, Some(name), mark))
}

fn broken(span: Span, name: Option<Name>, mark: Option<Mark>) -> Found {
    let problem =
        "the stamp at the end of this line is not a whole comment; it is <!-- id mark -->";
    Found { span, name, mark, problem: Some(problem.to_owned()) }
}

/// Splits off the last word; what is before it comes without white space at its end.
fn split_word(text: &str) -> (&str, &str) {
    let start = text.rfind(char::is_whitespace).map_or(0, |space| {
        space + text.get(space..).and_then(|it| it.chars().next()).map_or(1, char::len_utf8)
    });
    let (before, word) = text.split_at_checked(start).unwrap_or((text, ""));
    (before.trim_end(), word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, stamp: &str, name: Option<&str>, mark: Option<&str>, has_problem: bool) {
        let found = at_end(text).unwrap_or_else(|| panic!("no stamp in {text:?}"));
        assert_eq!(found.span.of(text), stamp, "{text:?}");
        assert_eq!(found.name, name.map(|name| name.parse().unwrap()), "{text:?}");
        assert_eq!(found.mark.map(|mark| mark.to_string()).as_deref(), mark, "{text:?}");
        assert_eq!(found.problem.is_some(), has_problem, "{text:?}");
    }

    #[test]
    fn whole_stamps_are_read() {
        let (id, mark) = (Some("t-7k3q9xwb"), Some("5n8x2c"));
        check("a <!-- t-7k3q9xwb 5n8x2c -->", "<!-- t-7k3q9xwb 5n8x2c -->", id, mark, false);
        check("a <!--T-7K3Q9XWB 5N8X2C-->  ", "<!--T-7K3Q9XWB 5N8X2C-->", id, mark, false);
        check("a <!-- t-7k3q9xwb -->", "<!-- t-7k3q9xwb -->", id, None, false);
        check("a ^t-7k3q9xwb", "^t-7k3q9xwb", id, None, false);
        check(
            "<!-- ctx:a%20b 5n8x2c -->",
            "<!-- ctx:a%20b 5n8x2c -->",
            Some("ctx:a%20b"),
            mark,
            false,
        );
        check("a <!-- no-group -->", "<!-- no-group -->", Some("no-group"), None, false);
    }

    #[test]
    fn damaged_stamps_are_told_from_remarks() {
        let (id, mark) = (Some("t-7k3q9xwb"), Some("5n8x2c"));
        check("a <!-- t-7k3q9xwb 5n8x2 -->", "<!-- t-7k3q9xwb 5n8x2 -->", id, None, true);
        check("a <!-- t-7k3q9xwb 5n8x2c x -->", "<!-- t-7k3q9xwb 5n8x2c x -->", id, None, true);
        check("a <!-- t-7k3q9xw 5n8x2c -->", "<!-- t-7k3q9xw 5n8x2c -->", None, None, true);
        check("a <!-- t-7k3q9xwb 5n8x2c --", "<!-- t-7k3q9xwb 5n8x2c --", id, mark, true);
        check("a <!-- t-7k3q9xwb 5n8x2c -- >", "<!-- t-7k3q9xwb 5n8x2c -- >", id, mark, true);
        check("a !-- t-7k3q9xwb 5n8x2c -->", "!-- t-7k3q9xwb 5n8x2c -->", id, mark, true);
        check("a <-t-7k3q9xwb 5n8x2c-->", "<-t-7k3q9xwb 5n8x2c-->", id, mark, true);
        check("a t-7k3q9xwb -->", "t-7k3q9xwb -->", id, None, true);
        for text in [
            "a <!-- ask Bob -->",
            "a <!-- t-shirt -->",
            "a <!-->",
            "a",
            "",
            "a t-7k3q9xwb",
            "a -->",
            r"a \<!-- t-7k3q9xwb 5n8x2c --\>",
            r"a \^t-7k3q9xwb",
            "a^t-7k3q9xwb",
            "<!-- x --> <!-- y",
        ] {
            assert_eq!(at_end(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_printed_stamp_is_read_back() {
        for record in ["t-7k3q9xwb", "g-7k3q9xwb", "s-7k3q9xwb", "s-7k3q9xwb/a/b c--é>"] {
            for mark in [None, "5n8x2c".parse().ok()] {
                let stamp = Stamp { record: record.to_owned(), mark };
                let found = at_end(&print(&stamp)).unwrap();
                let session = "s-7k3q9xwb".parse().unwrap();
                let read = found.name.and_then(|name| name.record(session)).unwrap();
                assert_eq!(Stamp { record: read, mark: found.mark }, stamp);
            }
        }
    }
}
