//! From what was read to what the index is asked: its query language, in which nothing a person
//! types can be a mistake, with beginnings of words looked up beforehand.
//!
//! The index merges everything that goes on from a beginning before it gives the first hit: with
//! hundreds of thousands of hits that takes too long. So such a beginning is replaced by the words
//! there are, looked up one by one. Of two and three letters the index has lists of its own.

use rusqlite::params;

use super::filter::Field;
use super::parse::{Parsed, Term};
use crate::domain::refusal::Refusal;
use crate::query::one;
use crate::store::Reader;

/// Words that a beginning stands for at most.
const WORDS_MAX: usize = 32;
/// Records of an index in which beginnings need not be looked up.
const SMALL: i64 = 20_000;

/// An index of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Index {
    Tasks,
    Records,
}

impl Index {
    /// The column of a field; `None` where the index has no such field.
    fn column(self, field: Field) -> Option<&'static str> {
        match (self, field) {
            (_, Field::Title) => Some("title"),
            (Self::Tasks, Field::Description) => Some("description"),
            (Self::Records, Field::Description) => Some("body"),
            (Self::Tasks, Field::Tags) => Some("tags"),
            (Self::Tasks, Field::Result) => Some("result_summary"),
            (Self::Records, Field::Tags | Field::Result) => None,
        }
    }

    fn next_word(self) -> &'static str {
        match self {
            Self::Tasks => "SELECT term FROM task_words WHERE term >= ? LIMIT 1",
            Self::Records => "SELECT term FROM record_words WHERE term >= ? LIMIT 1",
        }
    }

    fn newest(self) -> &'static str {
        match self {
            Self::Tasks => "SELECT max(number) FROM tasks",
            Self::Records => "SELECT max(number) FROM search_records",
        }
    }

    /// The number of the newest record in it.
    pub(super) fn last(self, reader: &Reader) -> Result<i64, Refusal> {
        let newest = one(reader, self.newest(), [], |row| row.get::<_, Option<i64>>(0))?;
        Ok(newest.flatten().unwrap_or(0))
    }
}

/// A query of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expression {
    pub(super) text: String,
    /// Whether a beginning stands for more words than were looked up.
    pub(super) cut: bool,
}

/// The query of an index; `None` where nothing in it can fit.
pub(super) fn expression(
    reader: &Reader,
    index: Index,
    parsed: &Parsed,
) -> Result<Option<Expression>, Refusal> {
    let mut writer = Writer { reader, index, small: index.last(reader)? <= SMALL, cut: false };
    let mut clauses = Vec::new();
    for clause in &parsed.clauses {
        let mut alternatives = Vec::new();
        for term in clause {
            alternatives.extend(writer.term(term)?);
        }
        if alternatives.is_empty() {
            return Ok(None);
        }
        clauses.push(format!("({})", alternatives.join(" OR ")));
    }
    if clauses.is_empty() {
        return Ok(None);
    }
    let mut text = clauses.join(" AND ");
    for term in &parsed.without {
        if let Some(without) = writer.term(term)? {
            text = format!("({text}) NOT {without}");
        }
    }
    Ok(Some(Expression { text, cut: writer.cut }))
}

struct Writer<'a> {
    reader: &'a Reader,
    index: Index,
    small: bool,
    cut: bool,
}

impl Writer<'_> {
    /// A term; `None` where the index has no such word or field.
    fn term(&mut self, term: &Term) -> Result<Option<String>, Refusal> {
        let Some((last, first)) = term.words.split_last() else { return Ok(None) };
        let phrase = |word: &str| {
            let words = first.iter().map(String::as_str).chain([word]).collect::<Vec<_>>();
            quoted(&words.join(" "))
        };
        let letters = last.chars().count();
        let listed = self.small || matches!(letters, 2 | 3);
        let text = match (term.begins, listed) {
            (false, _) => phrase(last),
            (true, true) => format!("{} *", phrase(last)),
            (true, false) => {
                let words = self.words(last)?;
                if words.is_empty() {
                    return Ok(None);
                }
                words.iter().map(|word| phrase(word)).collect::<Vec<_>>().join(" OR ")
            }
        };
        let column = term.field.map(|field| self.index.column(field));
        Ok(match column {
            None => Some(format!("({text})")),
            Some(Some(column)) => Some(format!("({{{column}}} : ({text}))")),
            Some(None) => None,
        })
    }

    /// The words that go on from a beginning, by the alphabet.
    fn words(&mut self, beginning: &str) -> Result<Vec<String>, Refusal> {
        let words = words_from(self.reader, self.index, beginning, WORDS_MAX + 1)?;
        self.cut |= WORDS_MAX < words.len();
        Ok(words.into_iter().take(WORDS_MAX).collect())
    }
}

/// At most so many words of an index that begin so, by the alphabet.
pub(super) fn words_from(
    reader: &Reader,
    index: Index,
    beginning: &str,
    most: usize,
) -> Result<Vec<String>, Refusal> {
    let mut found: Vec<String> = Vec::new();
    let mut from = beginning.to_owned();
    while found.len() < most {
        let word = one(reader, index.next_word(), params![from], |row| row.get::<_, String>(0))?;
        let Some(word) = word.filter(|word| word.starts_with(beginning)) else { break };
        // Whatever comes next, without a step over all the records that hold this one.
        from = format!("{word}\u{1}");
        found.push(word);
    }
    Ok(found)
}

fn quoted(words: &str) -> String {
    format!("\"{}\"", words.replace('"', "\"\""))
}
