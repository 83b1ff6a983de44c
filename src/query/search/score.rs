//! How well a record fits: where its words stand, how rare they are, whether the work is open, and
//! how new it is.

use super::Kind;
use super::filter::Field;
use super::parse::{Parsed, Term};
use super::words::{self, Fit, Span, fit, spans};
use crate::domain::id::{GroupId, SessionId};
use crate::domain::task::Status;
use crate::domain::time::{DAY_MS, Timestamp};

/// Words of a text that are looked at.
const WORDS_MAX: usize = 20_000;
/// Occurrences of a term in a text that are noted.
const OCCURRENCES_MAX: usize = 200;

/// A record with its texts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Document {
    pub(super) kind: Kind,
    pub(super) number: i64,
    pub(super) id: String,
    pub(super) session: SessionId,
    pub(super) group: Option<GroupId>,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) tags: String,
    pub(super) result: String,
    pub(super) status: Option<Status>,
    pub(super) at: Timestamp,
}

impl Document {
    pub(super) fn texts(&self) -> [(Field, &str); 4] {
        [
            (Field::Title, &self.title),
            (Field::Description, &self.text),
            (Field::Tags, &self.tags),
            (Field::Result, &self.result),
        ]
    }
}

/// An occurrence of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Occurrence {
    /// The number of its first word in the text.
    pub(super) word: usize,
    /// In bytes.
    pub(super) span: Span,
    pub(super) fit: Fit,
}

/// Where a term stands in a text.
pub(super) fn occurrences(text: &str, words: &[Span], term: &Term) -> Vec<Occurrence> {
    let Some((last, first)) = term.words.split_last() else { return Vec::new() };
    let of = |span: &Span| text.get(span.0..span.1).unwrap_or_default();
    let occurrence = |(word, stretch): (usize, &[Span])| -> Option<Occurrence> {
        let (end, before) = stretch.split_last()?;
        let fit = fit(of(end), last);
        let fits = fit == Fit::Whole || (term.begins && fit == Fit::Begins);
        let begins = before.first().unwrap_or(end).0;
        let is_whole =
            |(span, wanted): (&Span, &String)| words::fit(of(span), wanted) == Fit::Whole;
        (fits && before.iter().zip(first).all(is_whole)).then_some(Occurrence {
            word,
            span: (begins, end.1),
            fit,
        })
    };
    let stretches = words.windows(term.words.len()).enumerate();
    stretches.filter_map(occurrence).take(OCCURRENCES_MAX).collect()
}

/// Tells whether a record holds what a query asks for.
pub(super) fn holds(document: &Document, parsed: &Parsed) -> bool {
    let texts = document.texts().map(|(field, text)| (field, text, spans(text, WORDS_MAX)));
    let has = |term: &Term| {
        texts.iter().any(|(field, text, words)| {
            term.field.is_none_or(|only| only == *field)
                && !occurrences(text, words, term).is_empty()
        })
    };
    parsed.clauses.iter().all(|clause| clause.iter().any(has)) && !parsed.without.iter().any(has)
}

/// Orders records: the best first, each with its score from 0 to 1.
pub(super) fn rank(documents: Vec<Document>, parsed: &Parsed) -> Vec<(f64, Document)> {
    let now = documents.iter().map(|document| document.at).max().unwrap_or_default();
    let findings: Vec<Vec<Finding>> =
        documents.iter().map(|document| findings(document, parsed)).collect();
    let terms = parsed.terms().count();
    let rarities: Vec<f64> = (0..terms)
        .map(|term| {
            let holds = |found: &&Vec<Finding>| found.get(term).is_some_and(|one| 0.0 < one.weight);
            rarity(findings.iter().filter(holds).count(), documents.len())
        })
        .collect();
    let title: Vec<&String> =
        parsed.clauses.iter().filter_map(|clause| clause.first()).flat_map(|t| &t.words).collect();
    let mut ranked: Vec<(f64, Document)> = documents
        .into_iter()
        .zip(findings)
        .map(|(document, findings)| {
            let words = words_score(&findings, &rarities, parsed);
            let score = words * likeness(&document.title, &title) * worth(&document, now);
            (score, document)
        })
        .collect();
    let newest = |document: &Document| {
        (std::cmp::Reverse((document.at, document.number)), document.id.clone())
    };
    ranked.sort_by(|(left, first), (right, second)| {
        right.total_cmp(left).then_with(|| newest(first).cmp(&newest(second)))
    });
    let best = ranked.first().map_or(1.0, |(score, _)| score.max(f64::MIN_POSITIVE));
    ranked.into_iter().map(|(score, document)| (score / best, document)).collect()
}

/// How much a term weighs in a record.
#[derive(Debug, Clone, Copy)]
struct Finding {
    weight: f64,
}

fn findings(document: &Document, parsed: &Parsed) -> Vec<Finding> {
    let texts = document.texts().map(|(field, text)| (field, text, spans(text, WORDS_MAX)));
    let weigh = |term: &Term| {
        let weights = texts.iter().filter(|(field, _, words)| {
            !words.is_empty() && term.field.is_none_or(|only| only == *field)
        });
        let weights = weights.map(|(field, text, words)| {
            let found = occurrences(text, words, term);
            let fits = found.iter().map(|one| if one.fit == Fit::Whole { 1.0 } else { 0.6 });
            field_weight(*field) * saturated(fits.sum(), words.len(), usual(*field))
        });
        Finding { weight: weights.sum() }
    };
    parsed.terms().map(weigh).collect()
}

fn field_weight(field: Field) -> f64 {
    match field {
        Field::Title => 6.0,
        Field::Tags => 3.0,
        Field::Result => 1.5,
        Field::Description => 1.0,
    }
}

/// How many words a field usually has.
fn usual(field: Field) -> f64 {
    match field {
        Field::Title => 6.0,
        Field::Tags => 3.0,
        Field::Result => 40.0,
        Field::Description => 60.0,
    }
}

/// The second occurrence counts less than the first, and one in a long text less than in a short one.
fn saturated(occurrences: f64, words: usize, usual: f64) -> f64 {
    let length = f64::from(u32::try_from(words).unwrap_or(u32::MAX)) / usual;
    occurrences * 2.2 / (occurrences + 1.2 * (0.3 + 0.7 * length))
}

fn rarity(holding: usize, all: usize) -> f64 {
    let as_float = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let (holding, all) = (as_float(holding), as_float(all));
    (1.0 + (all - holding + 0.5) / (holding + 0.5)).ln().max(0.1)
}

/// The best alternative of each clause, summed.
fn words_score(findings: &[Finding], rarities: &[f64], parsed: &Parsed) -> f64 {
    let mut weighed = findings.iter().zip(rarities).map(|(found, rarity)| found.weight * rarity);
    let clause =
        |clause: &Vec<Term>| (0..clause.len()).filter_map(|_| weighed.next()).fold(0.0, f64::max);
    let sum: f64 = parsed.clauses.iter().map(clause).sum();
    // What the index found beyond the texts that are looked at is a hit all the same.
    sum.max(0.01)
}

/// How much a title is what was typed: it is that, begins with it, or has it in one piece.
fn likeness(title: &str, wanted: &[&String]) -> f64 {
    if wanted.is_empty() {
        return 1.0;
    }
    let words = spans(title, 64);
    let of = |span: &Span| title.get(span.0..span.1).unwrap_or_default();
    let is = |index: usize| {
        words.get(index..index + wanted.len()).is_some_and(|part| {
            part.iter().zip(wanted).all(|(span, wanted)| fit(of(span), wanted) == Fit::Whole)
        })
    };
    match (0..words.len()).find(|index| is(*index)) {
        Some(0) if words.len() == wanted.len() => 2.0,
        Some(0) => 1.4,
        Some(_) if 1 < wanted.len() => 1.3,
        Some(_) | None => 1.0,
    }
}

/// What a record is worth whatever it says.
fn worth(document: &Document, now: Timestamp) -> f64 {
    let kind = match document.kind {
        Kind::Task => 1.0,
        Kind::Session | Kind::Group => 1.05,
        Kind::Artifact => 0.95,
        Kind::Context | Kind::Note => 0.8,
        Kind::Message => 0.7,
    };
    let status = match document.status {
        Some(status) if status.is_open() => 1.0,
        Some(Status::Completed) => 0.85,
        Some(_) => 0.7,
        None => 1.0,
    };
    let days = f64::from(i32::try_from(now.since_ms(document.at) / DAY_MS).unwrap_or(i32::MAX));
    kind * status * (1.0 + 0.2 / (1.0 + days / 14.0))
}
