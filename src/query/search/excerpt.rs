//! What is shown of a hit: its title and a piece of the text, with the words that were found marked.

use serde::Serialize;

use super::filter::Field;
use super::parse::Parsed;
use super::score::{Document, Occurrence, occurrences};
use super::words::{Span, spans};

/// Words of a text in which occurrences are looked for.
const WORDS_MAX: usize = 20_000;
/// Characters of an excerpt, and before the first occurrence in it.
const EXCERPT_CHARS: usize = 160;
const BEFORE_CHARS: usize = 40;

/// A text with pieces of it marked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Marked {
    pub text: String,
    /// In bytes, in order, without overlap.
    pub marks: Vec<Span>,
}

impl Marked {
    /// The text in pieces, each marked or not.
    pub fn pieces(&self) -> Vec<(&str, bool)> {
        let mut pieces = Vec::new();
        let mut at = 0;
        for (from, to) in &self.marks {
            pieces.push((self.text.get(at..*from).unwrap_or_default(), false));
            pieces.push((self.text.get(*from..*to).unwrap_or_default(), true));
            at = *to;
        }
        pieces.push((self.text.get(at..).unwrap_or_default(), false));
        pieces.retain(|(piece, _)| !piece.is_empty());
        pieces
    }

    /// The text with signs around what is marked.
    pub fn with_signs(&self, sign: &str) -> String {
        let piece = |(piece, marked): (&str, bool)| {
            if marked { format!("{sign}{piece}{sign}") } else { piece.to_owned() }
        };
        self.pieces().into_iter().map(piece).collect()
    }
}

/// The title with what was found in it.
pub(super) fn title(document: &Document, parsed: &Parsed) -> Marked {
    let marks = marks(found(&document.title, Field::Title, parsed).into_iter().map(|(_, one)| one));
    Marked { text: document.title.clone(), marks }
}

/// How many terms a text holds, which text it is, and where they stand in it.
type Best<'a> = (usize, Field, &'a str, Vec<(usize, Occurrence)>);

/// A piece of that text of a record which holds most of what was searched for, if any does.
pub(super) fn excerpt(document: &Document, parsed: &Parsed) -> Option<(Field, Marked)> {
    let mut best: Option<Best<'_>> = None;
    for (field, text) in document.texts().into_iter().skip(1) {
        let found = found(text, field, parsed);
        let mut terms: Vec<usize> = found.iter().map(|(term, _)| *term).collect();
        terms.sort_unstable();
        terms.dedup();
        if !terms.is_empty() && best.as_ref().is_none_or(|(most, ..)| *most < terms.len()) {
            best = Some((terms.len(), field, text, found));
        }
    }
    let (_, field, text, found) = best?;
    let first = densest(&found);
    let marks = marks(found.into_iter().map(|(_, one)| one));
    Some((field, cut(text, first, &marks)))
}

/// The occurrences of all terms in a text, each with the number of its term.
fn found(text: &str, field: Field, parsed: &Parsed) -> Vec<(usize, Occurrence)> {
    let words = spans(text, WORDS_MAX);
    let terms = parsed.terms().enumerate();
    let terms = terms.filter(|(_, term)| term.field.is_none_or(|only| only == field));
    let mut found: Vec<(usize, Occurrence)> = terms
        .flat_map(|(number, term)| {
            occurrences(text, &words, term).into_iter().map(move |one| (number, one))
        })
        .collect();
    found.sort_by_key(|(_, one)| one.span);
    found
}

/// Where the stretch begins that holds the most different terms.
fn densest(found: &[(usize, Occurrence)]) -> usize {
    let terms_from = |from: usize| {
        let near = found.iter().filter(|(_, one)| from <= one.span.0);
        let near = near.take_while(|(_, one)| one.span.1 <= from + EXCERPT_CHARS - BEFORE_CHARS);
        let mut terms: Vec<usize> = near.map(|(term, _)| *term).collect();
        terms.sort_unstable();
        terms.dedup();
        terms.len()
    };
    let starts = found.iter().map(|(_, one)| one.span.0).take(50);
    starts.rev().max_by_key(|start| terms_from(*start)).unwrap_or(0)
}

fn marks(found: impl Iterator<Item = Occurrence>) -> Vec<Span> {
    let mut marks: Vec<Span> = Vec::new();
    for one in found {
        match marks.last_mut() {
            Some(last) if one.span.0 < last.1 => last.1 = last.1.max(one.span.1),
            Some(_) | None => marks.push(one.span),
        }
    }
    marks
}

/// A piece of a text around a place, on one line, with the marks that lie in it.
fn cut(text: &str, around: usize, marks: &[Span]) -> Marked {
    let before = text.get(..around).unwrap_or_default();
    let from = before.char_indices().rev().take(BEFORE_CHARS).last().map_or(0, |(at, _)| at);
    // Not in the middle of a word, where there is a space near.
    let space = before.get(from..).and_then(|part| part.find(char::is_whitespace));
    let from = if from == 0 { 0 } else { space.map_or(from, |at| from + at + 1) };
    let mut cut = Marked::default();
    if 0 < from {
        cut.text.push('…');
    }
    let mut spaced = true;
    let rest = text.get(from..).unwrap_or_default();
    let mut chars = 0;
    let mut ended = true;
    for (at, character) in rest.char_indices().map(|(at, character)| (from + at, character)) {
        if EXCERPT_CHARS <= chars && !marks.iter().any(|(begin, end)| *begin < at && at < *end) {
            ended = rest.get(at - from..).unwrap_or_default().trim().is_empty();
            break;
        }
        let blank = character.is_whitespace();
        if blank && spaced {
            continue;
        }
        if marks.iter().any(|(begin, _)| *begin == at) {
            cut.marks.push((cut.text.len(), cut.text.len()));
        }
        cut.text.push(if blank { ' ' } else { character });
        let inside = marks.iter().any(|(begin, end)| *begin <= at && at < *end);
        let end = cut.text.len();
        if let Some(last) = cut.marks.last_mut().filter(|_| inside) {
            last.1 = end;
        }
        spaced = blank;
        chars += 1;
    }
    if !ended {
        cut.text.push('…');
    }
    cut
}
