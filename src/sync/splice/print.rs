//! The text of the new document.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Texts;
use super::lines::{ended, first_line, without_ending};
use super::order::Order;
use super::pairs::partner;
use super::pieces::Pieces;
use super::record::{Indent, shift, write};
use super::weave::Bit;
use crate::domain::draft::RecordKind;

/// How far an item may be indented more than what it is within: beyond that it would be code.
const INDENT_MAX: usize = 3;

/// A line that ends the record above it, and that nobody sees.
const RECORD_END: &str = "<!-- -->";

/// Prints the pieces of the new document in the file's form.
pub(super) fn print(texts: &Texts<'_>, order: &Order, bits: &[Bit]) -> String {
    let mut page = Page {
        text: String::with_capacity(texts.file.text.len() + texts.next.text.len() / 8),
        ending: texts.ending,
        open: Vec::new(),
        habits: habits(texts, order),
        last: None,
        last_line: 0,
        has_new_end: false,
        is_below_heading: false,
    };
    for bit in bits {
        page.push(texts, order, *bit);
    }
    page.finish(texts)
}

/// The text as far as it is printed.
struct Page {
    text: String,
    ending: &'static str,
    /// The items that what follows can be nested in, from the outermost.
    open: Vec<Open>,
    /// How far a person indented what is within an item.
    habits: HashMap<usize, usize>,
    last: Option<Bit>,
    /// Where the last line begins.
    last_line: usize,
    has_new_end: bool,
    /// Whether nothing but blank lines is below a heading that has no description.
    is_below_heading: bool,
}

/// A list item to which more can be nested.
struct Open {
    item: Option<usize>,
    indent: Indent,
    /// Where its bullet was in its source.
    bullet_was: usize,
}

impl Page {
    fn push(&mut self, texts: &Texts<'_>, order: &Order, bit: Bit) {
        let (source, piece) = source(texts, bit);
        let Some(record) = source.record(piece) else {
            let line = source.bytes(piece);
            self.end_record(line);
            self.join(texts, bit, line);
            self.print(line, bit);
            return;
        };
        let written = write(texts, bit);
        let text = match record.kind {
            RecordKind::Task => self.indented(order, bit, written.text),
            RecordKind::Session | RecordKind::Group | RecordKind::Context => {
                self.open.clear();
                written.text
            }
        };
        self.join(texts, bit, &text);
        self.print(&text, bit);
        self.has_new_end = written.has_new_end;
        self.is_below_heading = match record.kind {
            RecordKind::Session | RecordKind::Group => text.trim_end().lines().count() == 1,
            RecordKind::Task | RecordKind::Context => false,
        };
    }

    /// Ends the list before a line that would be read as a part of its last item, and the heading
    /// before a block quote; what belongs to a record is in its text.
    fn end_record(&mut self, line: &str) {
        if line.trim().is_empty() {
            return;
        }
        let column = Indent::of(line).bullet;
        let is_item_text = self.open.first().is_some_and(|open| open.indent.content <= column);
        let is_description = self.is_below_heading && line.trim_start().starts_with('>');
        if is_item_text || is_description {
            let gap = if self.ends_blank() { "" } else { self.ending };
            self.text.push_str(&[gap, RECORD_END, self.ending, self.ending].concat());
            self.last_line = self.text.len() - self.ending.len();
        }
        self.open.clear();
        self.is_below_heading = false;
    }

    fn ends_blank(&self) -> bool {
        self.text.get(self.last_line..).unwrap_or_default().trim().is_empty()
    }

    /// Indents a task so that it is read as what it is within, and opens it for what is within it.
    fn indented<'a>(&mut self, order: &Order, bit: Bit, text: Cow<'a, str>) -> Cow<'a, str> {
        let here = Indent::of(&text);
        let place = match bit {
            Bit::File(piece) => partner(&order.of_file, piece),
            Bit::Next(piece) => partner(&order.of_next, piece),
        };
        let Some(item) = place.and_then(|place| order.item(place)) else {
            // What is no record stays as it is.
            self.open.retain(|open| open.indent.content <= here.bullet);
            self.open.push(Open { item: None, indent: here, bullet_was: here.bullet });
            return text;
        };
        let depth = item.within.map_or(0, |within| {
            let outer = self.open.iter().position(|open| open.item == Some(within));
            outer.map_or(0, |outer| outer + 1)
        });
        let (left, sibling) = (self.open_content(depth), self.open.get(depth));
        let end = sibling.map_or(usize::MAX, |sibling| sibling.indent.content);
        let fits = |bullet: usize| left <= bullet && bullet <= left + INDENT_MAX && bullet < end;
        let is_at_home = matches!(bit, Bit::File(_)) && item.is_home();
        let habit = item.within.and_then(|within| self.habits.get(&within)).copied();
        let wanted = if is_at_home {
            self.moved_along(depth, here.bullet)
        } else {
            habit.map_or(left, |more| self.open_bullet(depth) + more)
        };
        let bullet = if fits(wanted) { wanted } else { left };
        let content = here.content + bullet - here.bullet.min(here.content + bullet);
        self.open.truncate(depth);
        let indent = Indent { bullet, content };
        self.open.push(Open { item: place, indent, bullet_was: here.bullet });
        if bullet == here.bullet { text } else { shift(&text, here.bullet, bullet).into() }
    }

    /// Where a bullet comes that keeps its distance to the one that it is nested in.
    fn moved_along(&self, depth: usize, bullet: usize) -> usize {
        let outer = depth.checked_sub(1).and_then(|outer| self.open.get(outer));
        outer
            .map_or(bullet, |outer| (bullet + outer.indent.bullet).saturating_sub(outer.bullet_was))
    }

    /// The bullet of the open item at a depth's edge.
    fn open_bullet(&self, depth: usize) -> usize {
        let outer = depth.checked_sub(1).and_then(|outer| self.open.get(outer));
        outer.map_or(0, |outer| outer.indent.bullet)
    }

    /// The column where what is within the open items up to a depth begins.
    fn open_content(&self, depth: usize) -> usize {
        depth
            .checked_sub(1)
            .and_then(|outer| self.open.get(outer))
            .map_or(0, |outer| outer.indent.content)
    }

    /// Puts a blank line between two pieces that did not stand together, if one would change how
    /// the other is read.
    fn join(&mut self, texts: &Texts<'_>, bit: Bit, next: &str) {
        let Some(last) = self.last else { return };
        let is_old = !self.has_new_end && follows(last, bit);
        if is_old || self.ends_blank() || first_line(next).trim().is_empty() {
            return;
        }
        let ((source, piece), (other, before_piece)) = (source(texts, bit), source(texts, last));
        let (is_line, was_line) = (source.is_line(piece), other.is_line(before_piece));
        if piece < source.front || before_piece < other.front {
            return;
        }
        let before = self.text.get(self.last_line..).unwrap_or_default();
        let is_safe = match (was_line, is_line) {
            (true, true) => !is_underline(next),
            (true, false) => is_heading(before),
            (false, true) => is_heading(next),
            (false, false) => next.trim_start().starts_with(['#', '-', '*', '+']),
        };
        if !is_safe {
            self.text.push_str(self.ending);
        }
    }

    fn print(&mut self, text: &str, bit: Bit) {
        match bit {
            Bit::File(_) => self.text.push_str(text),
            Bit::Next(_) => self.text.push_str(&ended(text, self.ending)),
        }
        if !text.ends_with(['\n', '\r']) {
            self.text.push_str(self.ending);
        }
        let line = without_ending(&self.text);
        self.last_line = line.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        self.last = Some(bit);
        self.has_new_end = false;
    }

    /// The text, with or without a line ending at its end, as the file.
    fn finish(mut self, texts: &Texts<'_>) -> String {
        let file = texts.file.text;
        let ends_open = if file.is_empty() { texts.next.text } else { file };
        if !ends_open.ends_with(['\n', '\r']) {
            self.text.truncate(without_ending(&self.text).len());
        }
        self.text
    }
}

/// The text that a piece is of, and its place there.
fn source<'t, 'a>(texts: &'t Texts<'a>, bit: Bit) -> (&'t Pieces<'a>, usize) {
    match bit {
        Bit::File(piece) => (&texts.file, piece),
        Bit::Next(piece) => (&texts.next, piece),
    }
}

/// Tells whether two pieces stood together in the text that they are of.
fn follows(last: Bit, bit: Bit) -> bool {
    match (last, bit) {
        (Bit::File(last), Bit::File(piece)) | (Bit::Next(last), Bit::Next(piece)) => {
            last + 1 == piece
        }
        (Bit::File(_), Bit::Next(_)) | (Bit::Next(_), Bit::File(_)) => false,
    }
}

/// How far a person indented what is nested in each item: the first of it.
fn habits(texts: &Texts<'_>, order: &Order) -> HashMap<usize, usize> {
    let mut habits = HashMap::new();
    for (piece, place) in order.of_file.iter().enumerate() {
        let item = place.and_then(|place| order.item(place));
        let Some(within) = item.filter(|item| item.is_home()) else { continue };
        if let (Some(within), Some(record)) = (within.within, texts.file.record(piece))
            && record.kind == RecordKind::Task
        {
            let outer = record.parent.and_then(|outer| texts.file.draft.records.get(outer));
            let outer = outer.map_or("", |outer| outer.head.of(texts.file.text));
            let bullet = Indent::of(record.head.of(texts.file.text)).bullet;
            let more = bullet.saturating_sub(Indent::of(outer).bullet);
            habits.entry(within).or_insert(more);
        }
    }
    habits
}

fn is_heading(line: &str) -> bool {
    let words = line.trim_start_matches(' ');
    words.starts_with('#') && line.len() - words.len() <= INDENT_MAX
}

/// Tells whether a line makes a heading of the text above it.
fn is_underline(line: &str) -> bool {
    let signs = line.trim();
    ['=', '-'].iter().any(|sign| signs.trim_start_matches(*sign).is_empty())
}
