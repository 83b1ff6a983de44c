//! Blocks to records.

use super::blocks::Block;
use super::body;
use super::lines::Lines;
use super::section::Heading;
use super::stamp::Name;
use super::text;
use crate::domain::document::DocumentKind;
use crate::domain::draft::{Draft, DraftRecord, Problem, RecordKind, Section, Span, Stamp};
use crate::domain::id::SessionId;
use crate::domain::record::Fields;
use crate::domain::text::{DESCRIPTION_MAX, NAME_MAX, one_line};
use crate::domain::time::Timestamp;

/// Reads all blocks.
pub(super) fn read(
    lines: &Lines<'_>,
    blocks: &[Block],
    kind: DocumentKind,
    session_id: SessionId,
) -> Draft {
    let mut reader = Reader {
        lines,
        blocks,
        kind,
        session_id,
        draft: Draft::default(),
        records: vec![None; blocks.len()],
        section: Section::Unsaid,
        section_level: 0,
        untold: None,
        day: None,
    };
    for (place, block) in blocks.iter().enumerate() {
        match block {
            Block::Heading { level, span } => reader.heading(place, *level, *span),
            Block::Item { box_start, end, parent } if reader.reads_tasks() => {
                reader.task(place, *box_start, *end, *parent);
            }
            Block::Item { .. } | Block::Quote { .. } | Block::Hidden { .. } => {}
        }
    }
    reader.draft
}

struct Reader<'a> {
    lines: &'a Lines<'a>,
    blocks: &'a [Block],
    kind: DocumentKind,
    session_id: SessionId,
    draft: Draft,
    /// For each block the place of its record.
    records: Vec<Option<usize>>,
    section: Section,
    section_level: usize,
    /// A heading without a stamp, which is a new group if a task follows.
    untold: Option<DraftRecord>,
    /// A day that is the heading of finished tasks.
    day: Option<String>,
}

impl Reader<'_> {
    fn reads_tasks(&self) -> bool {
        match self.kind {
            DocumentKind::ActiveTasks | DocumentKind::CompletedTasks | DocumentKind::Group(_) => {
                true
            }
            DocumentKind::Session
            | DocumentKind::Activity
            | DocumentKind::Assignments
            | DocumentKind::Performance
            | DocumentKind::Artifacts => false,
        }
    }

    fn problem(&mut self, line: usize, message: impl Into<String>) {
        self.draft.problems.push(Problem { line: line + 1, message: message.into() });
    }

    fn heading(&mut self, place: usize, level: usize, span: Span) {
        let heading = Heading::read(self.lines, level, span);
        self.untold = None;
        self.day = self.day_of(&heading);
        if let Some(message) = heading.found.as_ref().and_then(|found| found.problem.clone()) {
            self.problem(heading.line, message);
        }
        match heading.found.as_ref().and_then(|found| found.name.clone()) {
            Some(Name::NoGroup) => self.enter(Section::NoGroup, level),
            Some(name @ Name::Group(_)) => {
                let record = self.group(place, &heading, Some(&name));
                self.enter(Section::Group(self.draft.records.len()), level);
                self.draft.records.push(record);
            }
            Some(name @ Name::Session(_)) => self.session(place, &heading, &name),
            Some(name @ Name::Context(_)) if self.kind == DocumentKind::Session => {
                self.context(place, &heading, &name);
            }
            Some(Name::Context(_)) => {
                self.problem(heading.line, "notes are read in session.md only; move it there");
            }
            Some(Name::Task(_)) => {
                self.problem(heading.line, "a heading has the stamp of a task; delete the stamp");
            }
            None => self.without_stamp(place, &heading),
        }
    }

    fn day_of(&self, heading: &Heading<'_>) -> Option<String> {
        let is_days = self.kind == DocumentKind::CompletedTasks && heading.found.is_none();
        Some(heading.name()).filter(|name| is_days && Timestamp::noon_of(name).is_some())
    }

    fn enter(&mut self, section: Section, level: usize) {
        (self.section, self.section_level) = (section, level);
    }

    fn without_stamp(&mut self, place: usize, heading: &Heading<'_>) {
        let may_be_new = self.kind == DocumentKind::ActiveTasks
            && 2 <= heading.level
            && heading.next - heading.line <= 2
            && !heading.path().is_empty();
        if may_be_new {
            self.untold = Some(self.group(place, heading, None));
        }
        if heading.level <= self.section_level || self.kind == DocumentKind::ActiveTasks {
            self.enter(Section::Unsaid, heading.level);
        }
    }

    /// A record of a heading, without its text.
    fn record(&self, kind: RecordKind, heading: &Heading<'_>, name: Option<&Name>) -> DraftRecord {
        let after = self.lines.start(heading.next);
        let mark = heading.found.as_ref().and_then(|found| found.mark);
        DraftRecord {
            kind,
            stamp: name
                .and_then(|name| name.record(self.session_id))
                .map(|record| Stamp { record, mark }),
            line: heading.line + 1,
            span: Span { start: heading.head.start, end: after },
            head: heading.head,
            stamp_span: heading.stamp_span,
            text_span: Span { start: after, end: after },
            fields: Fields::new(),
            section: Section::Unsaid,
            parent: None,
            day: None,
        }
    }

    fn group(&mut self, place: usize, heading: &Heading<'_>, name: Option<&Name>) -> DraftRecord {
        let mut record = self.record(RecordKind::Group, heading, name);
        let mut path = heading.path();
        let own = path.pop().unwrap_or_default();
        self.say_name(&mut record, &own);
        record.fields.insert("path".to_owned(), path.into());
        self.say_quote(&mut record, place, heading, "description");
        record
    }

    fn session(&mut self, place: usize, heading: &Heading<'_>, name: &Name) {
        let mut record = self.record(RecordKind::Session, heading, Some(name));
        self.say_name(&mut record, &heading.name());
        self.say_quote(&mut record, place, heading, "goal");
        self.draft.records.push(record);
    }

    fn context(&mut self, place: usize, heading: &Heading<'_>, name: &Name) {
        let mut record = self.record(RecordKind::Context, heading, Some(name));
        let later = self.blocks.get(place + 1..).unwrap_or_default();
        let next = later.iter().find_map(|block| match block {
            Block::Heading { level, span } => {
                let next = Heading::read(self.lines, *level, *span);
                let ends =
                    *level <= heading.level || next.found.is_some_and(|found| found.name.is_some());
                ends.then_some(next.line)
            }
            Block::Item { .. } | Block::Quote { .. } | Block::Hidden { .. } => None,
        });
        let end = next.unwrap_or_else(|| self.lines.count());
        let range = self.lines.trimmed(heading.next, end);
        let value = text::plain(self.lines, range.clone());
        record.fields.insert("value".to_owned(), value.into());
        self.put_text(&mut record, &range);
        self.draft.records.push(record);
    }

    fn say_name(&mut self, record: &mut DraftRecord, name: &str) {
        match one_line("name", name, NAME_MAX) {
            Ok(name) => {
                record.fields.insert("name".to_owned(), name.into());
            }
            Err(refusal) => self.problem(record.line - 1, refusal.message),
        }
    }

    /// The block quote right below a heading.
    fn say_quote(
        &mut self,
        record: &mut DraftRecord,
        place: usize,
        heading: &Heading<'_>,
        field: &str,
    ) {
        let Some(Block::Quote { span, item: None }) = self.blocks.get(place + 1) else { return };
        let (value, range) = text::of_quote(self.lines, *span);
        if self.lines.trimmed(heading.next, range.start).is_empty() {
            self.say_text(record, field, value);
            self.put_text(record, &range);
        }
    }

    fn say_text(&mut self, record: &mut DraftRecord, field: &str, value: String) {
        if DESCRIPTION_MAX < value.len() {
            let (size, max) = (value.len(), DESCRIPTION_MAX);
            self.problem(
                record.line - 1,
                format!("{field} is {size} bytes long; the limit is {max}"),
            );
        } else if !value.is_empty() {
            record.fields.insert(field.to_owned(), value.into());
        }
    }

    fn put_text(&self, record: &mut DraftRecord, range: &std::ops::Range<usize>) {
        if !range.is_empty() {
            let (start, end) = (self.lines.start(range.start), self.lines.start(range.end));
            record.text_span = Span { start, end };
            record.span.end = end;
        }
    }

    fn task(&mut self, place: usize, box_start: usize, end: usize, parent: Option<usize>) {
        let line = self.lines.at(box_start);
        let head = self.lines.content(line);
        let Some(read) = body::read(head.of(self.lines.text), box_start - head.start) else {
            return;
        };
        let parent = parent.and_then(|block| self.records.get(block).copied().flatten());
        for problem in read.problems {
            self.problem(line, problem.message);
        }
        if read.stamp.is_none() && !read.fields.contains_key("title") {
            // It is no task yet; what is nested in it belongs to what is around it.
            return self.note(place, parent);
        }
        if let Some(group) = self.untold.take() {
            self.enter(Section::Group(self.draft.records.len()), self.section_level);
            self.draft.records.push(group);
        }
        let after = self.lines.start(line + 1);
        let shift = |at: usize| head.start + at;
        let mut record = DraftRecord {
            kind: RecordKind::Task,
            stamp: read.stamp,
            line: line + 1,
            span: Span { start: head.start, end: after },
            head,
            stamp_span: Span {
                start: shift(read.stamp_span.start),
                end: shift(read.stamp_span.end),
            },
            text_span: Span { start: after, end: after },
            fields: read.fields,
            section: self.section,
            parent,
            day: self.day.clone(),
        };
        self.say_description(&mut record, place, end, read.indent);
        self.note(place, Some(self.draft.records.len()));
        self.draft.records.push(record);
    }

    fn note(&mut self, place: usize, record: Option<usize>) {
        if let Some(own) = self.records.get_mut(place) {
            *own = record;
        }
    }

    /// What stands under the line of a task, before the first task that is nested in it.
    fn say_description(
        &mut self,
        record: &mut DraftRecord,
        place: usize,
        end: usize,
        indent: usize,
    ) {
        let mut quotes = Vec::new();
        let mut last = self.lines.at(end.saturating_sub(1)) + 1;
        for block in self.blocks.get(place + 1..).unwrap_or_default() {
            match block {
                Block::Item { box_start, .. }
                | Block::Heading { span: Span { start: box_start, .. }, .. } => {
                    last = last.min(self.lines.at(*box_start));
                    break;
                }
                Block::Quote { span, item } if *item == Some(place) => quotes.push(*span),
                Block::Quote { .. } | Block::Hidden { .. } => {}
            }
        }
        let range = self.lines.trimmed(record.line, last);
        let value = text::under_item(self.lines, range.clone(), &quotes, indent);
        self.put_text(record, &range);
        self.say_text(record, "description", value);
    }
}
