//! The text of one record in the new document.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::Texts;
use super::lines::{ended, first_line};
use super::pieces::Owner;
use super::weave::Bit;
use crate::domain::draft::{DraftRecord, LINE_FIELDS, RecordKind, Span};
use crate::domain::record::{Fields, same};
use crate::sync::grammar::line::task_line;

/// A record's text, as it comes into the new document.
pub(super) struct Written<'a> {
    pub(super) text: Cow<'a, str>,
    /// Whether it ends otherwise than where it came from, so that what follows may be read
    /// otherwise.
    pub(super) has_new_end: bool,
}

/// How far a list item is indented, in columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Indent {
    /// The bullet.
    pub(super) bullet: usize,
    /// The box; what belongs to the item has to be as far to the right.
    pub(super) content: usize,
}

impl Indent {
    /// The indentation of an item's first line.
    pub(super) fn of(head: &str) -> Self {
        let blank = head.trim_start_matches([' ', '\t']);
        let bullet = columns(before(head, blank));
        let content = columns(head.find('[').and_then(|at| head.get(..at)).unwrap_or_default());
        Self { bullet, content }
    }
}

/// The text of a record.
pub(super) fn write<'a>(texts: &Texts<'a>, bit: Bit) -> Written<'a> {
    let (file, key) = match bit {
        Bit::Next(piece) => return whole(texts.next.bytes(piece)),
        Bit::File(piece) => match (texts.file.record(piece), texts.file.owner(piece)) {
            (Some(record), Owner::Key(key)) => (record, key),
            (Some(_) | None, _) => return whole(texts.file.bytes(piece)),
        },
    };
    let Some(next) = texts.next.by_key(key) else { return whole(file.span.of(texts.file.text)) };
    Splice { texts, file, next, key }.write()
}

fn whole(text: &str) -> Written<'_> {
    Written { text: text.into(), has_new_end: false }
}

/// One record in the file and in the template's text.
struct Splice<'t, 'a> {
    texts: &'t Texts<'a>,
    file: &'a DraftRecord,
    next: &'a DraftRecord,
    key: &'a str,
}

impl<'a> Splice<'_, 'a> {
    fn write(&self) -> Written<'a> {
        let head = self.head();
        let keeps_text = !self.differs(text_field(self.file.kind));
        let file = self.texts.file.text;
        let end = Span { start: self.file.head.end, end: self.file.span.end }.of(file);
        if keeps_text && head == self.file.head.of(file) {
            return whole(self.file.span.of(file));
        }
        let end = if keeps_text { Cow::from(end) } else { Cow::from(self.new_end(end)) };
        Written { text: format!("{head}{end}").into(), has_new_end: !keeps_text }
    }

    /// Tells whether a field is to be written: whether both texts say something else of it.
    fn differs(&self, field: &str) -> bool {
        let (here, wanted) = (self.file.fields.get(field), self.next.fields.get(field));
        let is_unread = here.is_none() && LINE_FIELDS.contains(&field);
        let say_nothing = says_nothing(here) && says_nothing(wanted);
        let is_same = same(here, wanted) || say_nothing;
        !is_same && !is_unread && !self.texts.orders.holds(self.key, field)
    }

    fn head(&self) -> Cow<'a, str> {
        let text = text_field(self.file.kind);
        let mut names = self.file.fields.keys().chain(self.next.fields.keys());
        if names.any(|name| name != text && self.differs(name)) {
            return self.new_head().into();
        }
        let (before, stamp, after) = self.file_head();
        let wanted = self.stamp();
        if stamp == wanted {
            return self.file.head.of(self.texts.file.text).into();
        }
        format!("{before}{wanted}{after}").into()
    }

    /// The head in the file: what is before the stamp, the stamp, what is after it.
    fn file_head(&self) -> (&'a str, &'a str, &'a str) {
        let (head, stamp, text) = (self.file.head, self.file.stamp_span, self.texts.file.text);
        let before = Span { start: head.start, end: stamp.start };
        let after = Span { start: stamp.end, end: head.end };
        (before.of(text), stamp.of(text), after.of(text))
    }

    /// The stamp of the template, or the file's own as long as a field is held: it names what the
    /// held text is to be compared with.
    fn stamp(&self) -> &'a str {
        let here = self.file.stamp_span.of(self.texts.file.text);
        let is_own = self.file.stamp.as_ref().is_some_and(|stamp| stamp.record == self.key);
        if self.is_held() && is_own {
            return here;
        }
        self.next.stamp_span.of(self.texts.next.text)
    }

    /// Tells whether the text of some field stays, be it on the line or below it.
    fn is_held(&self) -> bool {
        self.texts.orders.held.get(self.key).is_some_and(|held| !held.is_empty())
    }

    fn new_head(&self) -> String {
        let next = self.next.head.of(self.texts.next.text);
        match self.file.kind {
            RecordKind::Task => {
                let (before, ..) = self.file_head();
                let bullet = before.find('[').and_then(|at| before.get(..at)).unwrap_or_default();
                format!("{bullet}{}", self.task_words(next))
            }
            RecordKind::Session | RecordKind::Group | RecordKind::Context => {
                let held = self.texts.orders.held.get(self.key);
                let text = text_field(self.file.kind);
                if held.is_some_and(|held| held.iter().any(|name| name != text)) {
                    let (before, _, after) = self.file_head();
                    return format!("{before}{}{after}", self.stamp());
                }
                let (head, stamp) = (self.next.head, self.next.stamp_span);
                let [before, after] = [
                    Span { start: head.start, end: stamp.start },
                    Span { start: stamp.end, end: head.end },
                ]
                .map(|span| span.of(self.texts.next.text));
                format!("{before}{}{after}", self.stamp())
            }
        }
    }

    /// The line of a task from its box on. What is held or was not understood stays.
    fn task_words(&self, next: &str) -> String {
        let holds = |name: &&str| self.texts.orders.holds(self.key, name);
        let held: Vec<&str> = LINE_FIELDS.into_iter().filter(holds).collect();
        let unread: BTreeSet<&str> =
            LINE_FIELDS.into_iter().filter(|name| !self.file.fields.contains_key(*name)).collect();
        if !self.is_held() && unread.is_empty() {
            return next.find('[').and_then(|at| next.get(at..)).unwrap_or(next).to_owned();
        }
        let mut fields: Fields = self.next.fields.clone();
        for name in held {
            match self.file.fields.get(name) {
                Some(value) => fields.insert(name.to_owned(), value.clone()),
                None => fields.remove(name),
            };
        }
        for name in &unread {
            fields.remove(*name);
        }
        let line = task_line(&fields, None);
        let (before, ..) = self.file_head();
        let mut words = line.find('[').and_then(|at| line.get(at..)).unwrap_or(&line).to_owned();
        if unread.contains("status")
            && let Some(sign) = box_sign(before)
        {
            let rest: String = words.chars().skip(2).collect();
            words = format!("[{sign}{rest}");
        }
        let tokens = last_tokens(before).into_iter();
        for (_, word) in tokens.filter(|(field, _)| unread.contains(field)) {
            words.push(' ');
            words.push_str(word);
        }
        words + self.stamp()
    }

    /// What follows the head, with the template's description.
    fn new_end(&self, end: &str) -> String {
        let (file, next) = (self.texts.file.text, self.texts.next.text);
        let ending = self.texts.ending;
        let lines = ended(&self.next_lines(), ending).into_owned();
        if self.file.text_span.is_empty() {
            let rest = end.strip_prefix(first_line(end)).unwrap_or_default();
            let gap = Span { start: self.next.head.end, end: self.next.text_span.start }.of(next);
            let gap = if gap.is_empty() { ending.into() } else { ended(gap, ending) };
            return format!("{gap}{lines}{rest}");
        }
        let gap = Span { start: self.file.head.end, end: self.file.text_span.start }.of(file);
        let rest = Span { start: self.file.text_span.end, end: self.file.span.end }.of(file);
        // With the description goes the blank line before it.
        let gap = if lines.is_empty() && gap.trim().is_empty() { first_line(gap) } else { gap };
        format!("{gap}{lines}{rest}")
    }

    /// The template's description, indented as the item in the file.
    fn next_lines(&self) -> String {
        let (file, next) = (self.texts.file.text, self.texts.next.text);
        let lines = self.next.text_span.of(next);
        match self.file.kind {
            RecordKind::Task => {
                let from = Indent::of(self.next.head.of(next)).content;
                let to = Indent::of(self.file.head.of(file)).content;
                shift(lines, from, to)
            }
            RecordKind::Session | RecordKind::Group | RecordKind::Context => lines.to_owned(),
        }
    }
}

/// The field that the lines below the head say.
fn text_field(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Session => "goal",
        RecordKind::Group | RecordKind::Task => "description",
        RecordKind::Context => "value",
    }
}

fn says_nothing(value: Option<&serde_json::Value>) -> bool {
    value.is_none_or(|value| value.is_null() || value.as_str() == Some(""))
}

fn box_sign(head: &str) -> Option<char> {
    head.get(head.find('[')? + 1..)?.chars().next()
}

/// The words at the end of a line that look like tokens, with the field that each would say.
fn last_tokens(line: &str) -> Vec<(&'static str, &str)> {
    let words = line.split([' ', '\t']).rev().filter(|word| !word.is_empty());
    let mut tokens: Vec<(&str, &str)> =
        words.map_while(|word| Some((token_field(word)?, word))).collect();
    tokens.reverse();
    tokens
}

fn token_field(word: &str) -> Option<&'static str> {
    const SIGNS: [(&str, &str); 7] = [
        ("!", "priority"),
        ("@", "role"),
        ("#", "tags"),
        ("~", "estimate_minutes"),
        ("due:", "due"),
        ("after:", "depends_on"),
        ("for:", "assignee"),
    ];
    let (_, field) =
        SIGNS.into_iter().find(|(sign, _)| word.len() > sign.len() && word.starts_with(sign))?;
    Some(field)
}

/// Moves lines to the left or right: `from` and `to` are columns of the same thing.
pub(super) fn shift(lines: &str, from: usize, to: usize) -> String {
    let mut shifted = String::with_capacity(lines.len());
    let mut rest = lines;
    while !rest.is_empty() {
        let line = first_line(rest);
        rest = rest.strip_prefix(line).unwrap_or_default();
        let words = line.trim_start_matches([' ', '\t']);
        if from == to || words.trim().is_empty() {
            shifted.push_str(line);
            continue;
        }
        let column = columns(before(line, words)).saturating_sub(from) + to;
        shifted.extend(std::iter::repeat_n(' ', column));
        shifted.push_str(words);
    }
    shifted
}

fn before<'a>(text: &'a str, rest: &str) -> &'a str {
    text.get(..text.len() - rest.len()).unwrap_or_default()
}

/// The column after a text: a tab goes to the next column that four divides.
fn columns(text: &str) -> usize {
    text.chars().fold(0, |column, sign| match sign {
        '\t' => (column / 4 + 1) * 4,
        _ => column + 1,
    })
}
