//! A new document from the file as it stands: only what changed is replaced.
//!
//! A document belongs to the person who edits it. It is not written anew: what the template gave
//! last is compared with what it gives now, and only the difference is put into the file. Records
//! are found by their stamps, other text by lines.
//!
//! 1. `pieces`: each text is cut into records and single lines.
//! 2. `pairs`: which piece of one text is which piece of another.
//! 3. `words`: which lines of the template are put in, and which lines of the file go.
//! 4. `order`: the order of the records and headings in the new document.
//! 5. `weave`: the pieces of the file, with pieces moved and put in.
//! 6. `blanks`: as many blank lines between them as belong there.
//! 7. `print`: their text: heads and descriptions replaced where they differ, stamps renewed.

mod align;
mod blanks;
mod lines;
mod order;
mod pairs;
mod pieces;
mod print;
mod record;
mod stay;
#[cfg(test)]
mod tests;
mod weave;
mod within;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use self::lines::ending_of;
use self::order::Order;
use self::pairs::Pairs;
use self::pieces::{Names, Pieces};
use self::weave::weave;
use self::words::Words;
use crate::domain::draft::Draft;

/// A text and what it says.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    pub text: &'a str,
    pub draft: &'a Draft,
}

/// The three texts that a new document is made of.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// What the template gave when the document was written last.
    pub last: Source<'a>,
    /// What the template gives now.
    pub next: Source<'a>,
    /// The file as it stands, read and merged.
    pub file: Source<'a>,
}

/// What the merge decided about records of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Orders {
    /// Whose records the ones without a stamp of their own became: the place in the file's
    /// [`Draft::records`], and the record.
    pub adopted: BTreeMap<usize, String>,
    /// The fields, by record, whose text in the file stays as it is; an empty name is all of them.
    pub held: BTreeMap<String, BTreeSet<String>>,
    /// Records that are gone from the file and not written back, because their removal is asked
    /// about.
    pub absent: BTreeSet<String>,
}

impl Orders {
    /// Tells whether the text of a field in the file stays.
    fn holds(&self, record: &str, field: &str) -> bool {
        let held = self.held.get(record);
        held.is_some_and(|fields| fields.contains(field) || fields.contains(""))
    }

    /// Tells whether the record's place in the file stays.
    fn holds_place(&self, record: &str) -> bool {
        ["group_id", "parent_id"].iter().any(|field| self.holds(record, field))
    }

    /// Tells whether a text is to be changed only as the template changed.
    fn are_silent_about(&self, draft: &Draft) -> bool {
        let named = |record: &String| {
            draft
                .records
                .iter()
                .filter_map(|known| known.stamp.as_ref())
                .any(|stamp| stamp.record == *record)
        };
        self.adopted.is_empty() && !self.held.keys().any(named) && !self.absent.iter().any(named)
    }
}

/// Makes the new text of a document.
///
/// What a person wrote stays. Every record of `next` is in the result once, those that are absent
/// by order left out; no other record is, those that are held left out.
pub fn splice(sources: &Sources<'_>, orders: &Orders) -> String {
    let Sources { last, next, file } = sources;
    if file.text == last.text
        && orders.are_silent_about(file.draft)
        && orders.are_silent_about(next.draft)
    {
        return next.text.to_owned();
    }
    merged(sources, orders)
}

fn merged(sources: &Sources<'_>, orders: &Orders) -> String {
    let Sources { last, next, file } = sources;
    let mut names = Names::default();
    let last = Pieces::new(*last, &mut names);
    let next = Pieces::new(*next, &mut names);
    let file = Pieces::of_file(*file, [&last, &next], orders, &mut names);
    let pairs = Pairs::new(&names, &last, &next, &file);
    let words = Words::new(&last, &next, &file, &pairs);
    let ending = ending_of(if file.text.is_empty() { next.text } else { file.text });
    let texts = Texts { last, next, file, pairs, words, orders, ending };
    let order = Order::new(&texts);
    let bits = blanks::even(&texts, &order, &weave(&texts, &order));
    print::print(&texts, &order, &bits)
}

/// The texts, cut and compared.
struct Texts<'a> {
    last: Pieces<'a>,
    next: Pieces<'a>,
    file: Pieces<'a>,
    pairs: Pairs,
    words: Words,
    orders: &'a Orders,
    /// The line ending of the file.
    ending: &'static str,
}
