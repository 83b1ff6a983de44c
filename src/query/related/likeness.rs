//! Tasks that speak of the same: they share the rarest words of a title.

use std::collections::HashMap;

use rusqlite::params;

use super::{Findings, Reason, Relation};
use crate::domain::id::TaskId;
use crate::domain::refusal::Refusal;
use crate::domain::task::Task;
use crate::query::search::words_of;
use crate::query::{many, one};
use crate::store::Reader;
use crate::store::rows::parsed;

/// Words of a title that are counted.
const WORDS_MAX: usize = 12;
/// Words that are compared: the rarest.
const RAREST_MAX: usize = 4;
/// A word that more than one in so many tasks speak of says nothing, unless these are a few.
const COMMON_SHARE: i64 = 10;
const FEW: i64 = 4;
/// Tasks with a word that are counted; a word of more says nothing.
const COUNTED_MAX: i64 = 1_000;
/// Tasks that are found by one word.
const FOUND_MAX: i64 = 40;
/// Words of the Latin alphabet with fewer letters say nothing.
const LETTERS_MIN: usize = 3;
/// Words that hold sentences together, in alphabetical order. On a small board not even they are
/// frequent, so counting alone would take them for what a task is about.
const CONNECTIVES: [&str; 80] = [
    "about", "after", "again", "all", "also", "and", "any", "are", "because", "been", "before",
    "being", "between", "both", "but", "can", "cannot", "could", "did", "does", "done", "each",
    "every", "for", "from", "had", "has", "have", "here", "how", "instead", "into", "its", "more",
    "most", "must", "need", "needs", "not", "now", "off", "once", "only", "other", "our", "out",
    "over", "per", "should", "some", "such", "than", "that", "the", "their", "them", "then",
    "there", "these", "they", "this", "those", "too", "under", "until", "use", "very", "via",
    "was", "were", "what", "when", "where", "which", "while", "who", "why", "will", "with",
    "would",
];

/// Adds the tasks that share rare words with the title of one.
pub(super) fn texts(reader: &Reader, task: &Task, found: &mut Findings) -> Result<(), Refusal> {
    let all = one(reader, "SELECT max(number) FROM tasks", [], |row| row.get::<_, Option<i64>>(0))?;
    let all = all.flatten().unwrap_or(0);
    let mut shared: HashMap<TaskId, (f64, Vec<String>)> = HashMap::new();
    let sql = "SELECT id FROM (SELECT rowid AS found FROM task_search WHERE task_search MATCH ? ORDER BY rowid DESC LIMIT ?)
        CROSS JOIN tasks ON number = found";
    for (word, weight) in rarest(reader, &task.title, all)? {
        for id in many(reader, sql, params![spoken_of(&word), FOUND_MAX], |row| parsed(row, 0))? {
            let (sum, words) = shared.entry(id).or_default();
            *sum += weight;
            words.push(word.clone());
        }
    }
    for (id, (sum, words)) in shared {
        let text = format!("similar words: {}", words.join(", "));
        found.add(id, Reason::new(Relation::Text, text, sum.min(0.6)));
    }
    Ok(())
}

/// The rarest words of a title, each with what it weighs.
fn rarest(reader: &Reader, title: &str, all: i64) -> Result<Vec<(String, f64)>, Refusal> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM task_search WHERE task_search MATCH ? LIMIT ?)";
    let most = (all / COMMON_SHARE).clamp(FEW, COUNTED_MAX);
    let mut words: Vec<(i64, String)> = Vec::new();
    for word in words_of(title, WORDS_MAX).into_iter().filter(|word| says_something(word)) {
        if words.iter().any(|(_, known)| *known == word) {
            continue;
        }
        let values = params![spoken_of(&word), most + 1];
        let count = one(reader, sql, values, |row| row.get::<_, i64>(0))?.unwrap_or(0);
        // Its own task alone has it, or far too many have.
        if (2..=most).contains(&count) {
            words.push((count, word));
        }
    }
    words.sort();
    words.truncate(RAREST_MAX);
    let weigh = |(count, word): (i64, String)| {
        let share = f64::from(i32::try_from(count).unwrap_or(i32::MAX))
            / f64::from(i32::try_from(all.max(8)).unwrap_or(i32::MAX));
        (word, (-share.ln() / 12.0).clamp(0.05, 0.4))
    };
    Ok(words.into_iter().map(weigh).collect())
}

/// Tells whether a word may say what a task is about.
fn says_something(word: &str) -> bool {
    let is_short = word.is_ascii() && word.len() < LETTERS_MIN;
    !is_short && CONNECTIVES.binary_search(&word).is_err()
}

/// What the index is asked, so that counting and finding look at the same texts.
fn spoken_of(word: &str) -> String {
    format!("{{title description}} : \"{word}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_words_and_those_that_hold_sentences_together_say_nothing() {
        assert!(CONNECTIVES.is_sorted());
        let title = words_of("When the UI is not with them: an Übung, 決済, of 404 pages", 20);
        let left: Vec<&String> = title.iter().filter(|word| says_something(word)).collect();
        assert_eq!(left, ["ubung", "決", "済", "404", "pages"]);
    }
}
