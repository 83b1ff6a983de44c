//! What was probably meant, where nothing fits: words that there are and that are spelled alike.

use std::collections::HashMap;

use super::expression::{Index, words_from};
use super::parse::{Parsed, Term};
use super::words::folded;
use crate::domain::id::SessionId;
use crate::domain::refusal::{Refusal, distance};
use crate::query::many;
use crate::store::Reader;

/// Newest titles whose words are compared.
const TITLES_MAX: i64 = 1_000;
/// Words of the index that begin alike and are compared.
const WORDS_MAX: usize = 64;
/// Words that are suggested.
const SUGGESTED_MAX: usize = 5;
/// Letters of the shortest word that is corrected.
const LETTERS_MIN: usize = 3;

/// Words near those of a query that nothing fits, the nearest first.
pub(super) fn suggestions(
    reader: &Reader,
    parsed: &Parsed,
    session: Option<SessionId>,
) -> Result<Vec<String>, Refusal> {
    let known = known(reader, parsed, session)?;
    let mut near: Vec<(usize, usize, &String)> = Vec::new();
    for word in wanted(parsed) {
        let far = far(word);
        for (other, count) in &known {
            let edits = distance(word, other);
            if 0 < edits && edits <= far {
                near.push((edits, usize::MAX - count, other));
            }
        }
    }
    near.sort_unstable();
    let mut found: Vec<String> = Vec::new();
    for (_, _, word) in near {
        if found.len() < SUGGESTED_MAX && !found.contains(word) {
            found.push(word.clone());
        }
    }
    Ok(found)
}

/// How many letters may be wrong in a word: two changed places are two.
fn far(word: &str) -> usize {
    ((word.chars().count() + 1) / 3).max(1)
}

/// The words that are looked for and may be misspelled.
fn wanted(parsed: &Parsed) -> impl Iterator<Item = &String> {
    let words = parsed.terms().filter_map(|term| match term.words.as_slice() {
        [word] => Some(word),
        _ => None,
    });
    words.filter(|word| LETTERS_MIN <= word.chars().count())
}

/// Words that there are, with how often they were seen.
fn known(
    reader: &Reader,
    parsed: &Parsed,
    session: Option<SessionId>,
) -> Result<HashMap<String, usize>, Refusal> {
    let mut known: HashMap<String, usize> = HashMap::new();
    let titles: Vec<String> = match session {
        Some(session) => many(
            reader,
            "SELECT title FROM tasks WHERE session_id = ? ORDER BY number DESC LIMIT ?",
            rusqlite::params![session.to_string(), TITLES_MAX],
            |row| row.get(0),
        )?,
        None => Vec::new(),
    };
    for word in titles.iter().flat_map(|title| folded(title, 32)) {
        *known.entry(word).or_default() += 1;
    }
    for word in wanted(parsed) {
        let beginning: String = word.chars().take(2).collect();
        for index in [Index::Tasks, Index::Records] {
            for word in words_from(reader, index, &beginning, WORDS_MAX)? {
                known.entry(word).or_default();
            }
        }
    }
    Ok(known)
}

/// The query with each word replaced by the nearest suggestion, where one is near; `None` where
/// that changes nothing.
pub(super) fn instead(parsed: &Parsed, suggestions: &[String]) -> Option<Parsed> {
    let mut instead = parsed.clone();
    let mut changed = false;
    for term in instead.clauses.iter_mut().flatten() {
        let Term { words, .. } = term;
        let [word] = words.as_mut_slice() else { continue };
        let far = far(word);
        let near = suggestions.iter().map(|other| (distance(word, other), other));
        if let Some((_, other)) = near.filter(|(edits, _)| *edits <= far).min_by_key(|one| one.0)
            && LETTERS_MIN <= word.chars().count()
        {
            other.clone_into(word);
            changed = true;
        }
    }
    changed.then_some(instead)
}

/// A query's words, as they could be typed.
pub(super) fn shown(parsed: &Parsed) -> String {
    let clause = |clause: &Vec<Term>| {
        let terms = clause.iter().map(|term| term.words.join(" "));
        terms.collect::<Vec<_>>().join(" OR ")
    };
    parsed.clauses.iter().map(clause).collect::<Vec<_>>().join(" ")
}
