//! What documents said earlier: how old the text is that an editor had open.
//!
//! A buffer that was opened before agents added tasks, and saved after, lacks them. It removes
//! nothing. Its age shows in the lines that are made by the template and belong to no record (counts,
//! progress): they are nearer to what the template gave then than to what it gave last.
//!
//! A document without such lines, in which every line is a record's, tells its age by what it lacks: a
//! text without all that was added since another one, and with all else, is of that time. Who really
//! took out just that has it back once, and is asked the second time.
//!
//! It is kept in memory alone. Whoever keeps the documents since a moment ago knows of nothing earlier,
//! and asks.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Texts of one document that are known, the newest ones.
const TEXTS_MAX: usize = 512;
/// Lines of all of them together.
const LINES_MAX: usize = 64 * 1024;
/// Lines of all documents together; where there are more, the other documents are forgotten.
const LINES_OF_ALL_MAX: usize = 1024 * 1024;

/// What is known of every document.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    documents: BTreeMap<String, Known>,
    lines: usize,
}

/// The earlier texts of one document.
#[derive(Debug, Default)]
struct Known {
    texts: VecDeque<Text>,
    lines: usize,
    last: u64,
    /// In which text a record appeared.
    appeared: BTreeMap<String, u64>,
    /// What was brought back once because a text lacked all that was newer than it.
    returned: BTreeSet<String>,
}

/// One of them: the lines that the template gave and that belong to no record, hashed.
#[derive(Debug)]
struct Text {
    number: u64,
    lines: BTreeSet<u64>,
}

impl Earlier {
    /// A document shows this now.
    pub(super) fn shows(&mut self, path: &str, rendered: &str, records: BTreeSet<String>) {
        let known = self.documents.entry(path.to_owned()).or_default();
        let before = known.lines;
        known.last = known.last.saturating_add(1);
        let number = known.last;
        known.appeared.retain(|record, _| records.contains(record));
        for record in records {
            known.appeared.entry(record).or_insert(number);
        }
        known.push(Text { number, lines: lines(rendered) });
        self.lines = (self.lines + known.lines).saturating_sub(before);
        if LINES_OF_ALL_MAX < self.lines {
            self.lines = known.lines;
            self.documents.retain(|other, _| other == path);
        }
    }

    pub(super) fn knows(&self, path: &str) -> bool {
        self.documents.contains_key(path)
    }

    /// Nothing is known of a document any more.
    pub(super) fn forget(&mut self, path: &str) {
        if let Some(known) = self.documents.remove(path) {
            self.lines = self.lines.saturating_sub(known.lines);
        }
    }

    /// Tells which records are younger than a text that was saved now, and has these records.
    pub(super) fn younger_than(
        &mut self,
        path: &str,
        text: &str,
        records: &BTreeSet<String>,
    ) -> BTreeSet<String> {
        let Some(known) = self.documents.get_mut(path) else { return BTreeSet::new() };
        match known.of_text(text).filter(|number| *number < known.last) {
            Some(number) => known.since(number),
            None => known.lacked_by(records),
        }
    }
}

impl Known {
    fn push(&mut self, text: Text) {
        // The same lines again say nothing about age, and leave room for others.
        if self.texts.back().is_some_and(|last| last.lines == text.lines) {
            self.texts.pop_back().inspect(|last| self.lines -= last.lines.len());
        }
        self.lines += text.lines.len();
        self.texts.push_back(text);
        while TEXTS_MAX < self.texts.len() || (LINES_MAX < self.lines && 1 < self.texts.len()) {
            self.texts.pop_front().inspect(|first| self.lines -= first.lines.len());
        }
    }

    /// What appeared after a text.
    fn since(&self, number: u64) -> BTreeSet<String> {
        let younger = self.appeared.iter().filter(|(_, appeared)| number < **appeared);
        younger.map(|(record, _)| record.clone()).collect()
    }

    /// All that is newer than an earlier text, where just that is lacking, and more than one record:
    /// the newest of all is what a person takes out most likely.
    fn lacked_by(&mut self, records: &BTreeSet<String>) -> BTreeSet<String> {
        let lacking = self.appeared.iter().filter(|(record, _)| !records.contains(*record));
        let Some(first) = lacking.clone().map(|(_, appeared)| *appeared).min() else {
            return BTreeSet::new();
        };
        let younger = self.since(first.saturating_sub(1));
        let is_age = 1 < first
            && 1 < younger.len()
            && younger.len() == lacking.count()
            && younger.is_disjoint(&self.returned);
        if !is_age {
            return BTreeSet::new();
        }
        self.returned.extend(younger.iter().cloned());
        younger
    }

    /// The text that another one is nearest to, the newest of those.
    fn of_text(&self, text: &str) -> Option<u64> {
        let mut lines = lines(text);
        // What a person wrote is of no age.
        lines.retain(|line| self.texts.iter().any(|known| known.lines.contains(line)));
        let distance = |known: &Text| known.lines.symmetric_difference(&lines).count();
        self.texts.iter().rev().min_by_key(|known| distance(known)).map(|known| known.number)
    }
}

/// The lines of a text that belong to no record.
fn lines(text: &str) -> BTreeSet<u64> {
    let other = text.lines().map(str::trim).filter(|line| !line.is_empty() && !is_stamped(line));
    other.map(hash).collect()
}

fn is_stamped(line: &str) -> bool {
    line.ends_with("-->") && line.contains("<!-- ")
}

fn hash(line: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn text(items: &[&str]) -> String {
        let lines = items.iter().map(|item| format!("- [ ] {item} <!-- {item} -->\n"));
        format!("# Tasks\n\n{} open\n\n{}", items.len(), lines.collect::<String>())
    }

    /// What is younger than a text, once the document has said two things.
    fn check(first: &[&str], second: &[&str], saved: &str, younger: &[&str]) {
        let mut earlier = Earlier::default();
        earlier.shows("a.md", &text(first), names(first));
        earlier.shows("a.md", &text(second), names(second));
        let has = |item: &&&str| saved.contains(&format!("<!-- {item} -->"));
        let records: Vec<&str> = second.iter().filter(has).copied().collect();
        assert_eq!(earlier.younger_than("a.md", saved, &names(&records)), names(younger));
    }

    #[test]
    fn without_other_lines_what_is_lacking_tells_the_age_once() {
        let plain = |items: &[&str]| text(items).replace(&format!("{} open", items.len()), "");
        let mut earlier = Earlier::default();
        for shown in [&["a"][..], &["a", "b"], &["a", "b", "c", "d"]] {
            earlier.shows("a.md", &plain(shown), names(shown));
        }
        let mut check = |saved: &[&str], younger: &[&str]| {
            let found = earlier.younger_than("a.md", &plain(saved), &names(saved));
            assert_eq!(found, names(younger), "{saved:?}");
        };
        check(&["a", "c", "d"], &[]);
        check(&["a", "b", "c"], &[]);
        check(&["a", "b"], &["c", "d"]);
        check(&["a", "b"], &[]);
    }

    #[test]
    fn what_was_added_since_a_buffer_was_opened_is_younger_than_it() {
        check(&["a"], &["a", "b", "c"], &text(&["a"]), &["b", "c"]);
        let edited = text(&["a"]).replace("- [ ] a", "- [x] a") + "a note\n";
        check(&["a"], &["a", "b", "c"], &edited, &["b", "c"]);
    }

    #[test]
    fn what_is_taken_out_of_the_newest_text_is_not() {
        let cut = text(&["a", "b", "c"]).replace("- [ ] c <!-- c -->\n", "");
        check(&["a"], &["a", "b", "c"], &cut, &[]);
        check(&["a", "b", "c"], &["a", "b", "c"], &cut, &[]);
    }

    #[test]
    fn of_an_unknown_document_nothing_is_younger() {
        let found = Earlier::default().younger_than("a.md", "text", &BTreeSet::new());
        assert_eq!(found, BTreeSet::new());
    }

    #[test]
    fn what_is_known_has_a_bound() {
        let mut earlier = Earlier::default();
        for at in 0..2 * TEXTS_MAX {
            earlier.shows("a.md", &format!("{at}"), BTreeSet::new());
        }
        assert_eq!(earlier.documents["a.md"].texts.len(), TEXTS_MAX);
        assert_eq!(earlier.documents["a.md"].lines, TEXTS_MAX);
    }
}
