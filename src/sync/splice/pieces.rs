//! A text as a sequence of pieces: each record's own text is one, each other line is one.

use std::collections::{HashMap, HashSet};

use super::lines::Lines;
use super::{Orders, Source};
use crate::domain::draft::{Draft, DraftRecord, RecordKind, Section, Span};
use crate::domain::record::same;

/// The title of the section for tasks without a group ends with it.
pub(super) const NO_GROUP: &str = "<!-- no-group -->";

/// One piece of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    /// Line endings included.
    pub(super) span: Span,
    /// The record in the draft, if it is one.
    pub(super) record: Option<usize>,
    /// Pieces with the same name are the same: records by key, lines by their words.
    pub(super) name: u32,
    /// A line that is a heading.
    pub(super) is_heading: bool,
}

/// A text in pieces.
pub(super) struct Pieces<'a> {
    pub(super) text: &'a str,
    pub(super) draft: &'a Draft,
    pub(super) all: Vec<Piece>,
    /// How many pieces at the beginning are front matter.
    pub(super) front: usize,
    /// Whose each record of the draft is.
    pub(super) owners: Vec<Owner<'a>>,
    /// The record of each key.
    keys: HashMap<&'a str, usize>,
}

/// Whose a record in a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner<'a> {
    Key(&'a str),
    /// A copy of a record that stands elsewhere in the text.
    Copy,
    /// What a person wrote, and no record yet.
    Nobody,
}

/// Numbers for names, the same for all texts.
#[derive(Default)]
pub(super) struct Names<'a> {
    numbers: HashMap<(bool, &'a str), u32>,
    /// By number.
    weights: Vec<u64>,
}

/// How much a heading, a task and another line count when texts are compared.
const HEADING_WEIGHT: u64 = 1 << 16;
const TASK_WEIGHT: u64 = 4;
const LINE_WEIGHT: u64 = 1;

impl<'a> Names<'a> {
    /// The weights of pieces by their names.
    pub(super) fn weights(&self) -> &[u64] {
        &self.weights
    }

    fn line(&mut self, line: &'a str, is_heading: bool) -> u32 {
        let weight = if is_heading { HEADING_WEIGHT } else { LINE_WEIGHT };
        self.number((false, line.trim_end()), weight)
    }

    fn record(&mut self, owner: Owner<'a>, kind: Option<RecordKind>) -> u32 {
        let weight = if kind == Some(RecordKind::Task) { TASK_WEIGHT } else { HEADING_WEIGHT };
        match owner {
            Owner::Key(key) => self.number((true, key), weight),
            Owner::Copy | Owner::Nobody => self.fresh(weight),
        }
    }

    fn number(&mut self, name: (bool, &'a str), weight: u64) -> u32 {
        if let Some(number) = self.numbers.get(&name) {
            return *number;
        }
        let number = self.fresh(weight);
        self.numbers.insert(name, number);
        number
    }

    fn fresh(&mut self, weight: u64) -> u32 {
        let number = u32::try_from(self.weights.len()).unwrap_or(u32::MAX);
        self.weights.push(weight);
        number
    }
}

impl<'a> Pieces<'a> {
    /// A text of the template.
    pub(super) fn new(source: Source<'a>, names: &mut Names<'a>) -> Self {
        let stamped = |record: &'a DraftRecord| record.stamp.as_ref().map(|it| it.record.as_str());
        let claims: Vec<Option<&str>> = source.draft.records.iter().map(stamped).collect();
        let owners = once(&claims, |_, _| false);
        Self::cut(source, owners, names)
    }

    /// The file: records that were adopted are whose they became.
    pub(super) fn of_file(
        source: Source<'a>,
        next: &Self,
        orders: &'a Orders,
        names: &mut Names<'a>,
    ) -> Self {
        let records = &source.draft.records;
        let claim = |(place, record): (usize, &'a DraftRecord)| {
            let adopted = orders.adopted.get(&place).map(String::as_str);
            adopted.or_else(|| record.stamp.as_ref().map(|stamp| stamp.record.as_str()))
        };
        let claims: Vec<Option<&str>> = records.iter().enumerate().map(claim).collect();
        let is_best = |place: usize, key: &str| {
            let adopted = orders.adopted.contains_key(&place);
            let record = records.get(place).zip(next.by_key(key));
            adopted
                || record.is_some_and(|(record, wanted)| {
                    record
                        .fields
                        .iter()
                        .all(|(name, value)| same(Some(value), wanted.fields.get(name)))
                })
        };
        let owners = once(&claims, is_best);
        Self::cut(source, owners, names)
    }

    /// The record of a key.
    pub(super) fn by_key(&self, key: &str) -> Option<&'a DraftRecord> {
        self.draft.records.get(*self.keys.get(key)?)
    }

    /// The record that a piece is.
    pub(super) fn record(&self, piece: usize) -> Option<&'a DraftRecord> {
        self.draft.records.get(self.all.get(piece)?.record?)
    }

    /// Whose a piece is; nobody's for a line.
    pub(super) fn owner(&self, piece: usize) -> Owner<'a> {
        let record = self.all.get(piece).and_then(|piece| piece.record);
        record.and_then(|place| self.owners.get(place)).copied().unwrap_or(Owner::Nobody)
    }

    /// The bytes of a piece.
    pub(super) fn bytes(&self, piece: usize) -> &'a str {
        self.all.get(piece).map(|piece| piece.span.of(self.text)).unwrap_or_default()
    }

    /// Tells whether a piece is a line, not a record.
    pub(super) fn is_line(&self, piece: usize) -> bool {
        self.all.get(piece).is_some_and(|piece| piece.record.is_none())
    }

    /// Tells whether a piece has tasks below it: a heading, with a stamp or without.
    pub(super) fn is_heading(&self, piece: usize) -> bool {
        match self.record(piece) {
            Some(record) => record.kind != RecordKind::Task,
            None => self.all.get(piece).is_some_and(|piece| piece.is_heading),
        }
    }

    /// Tells whether a piece is a task below a heading that is no record.
    pub(super) fn is_below_nobody(&self, piece: usize) -> bool {
        match self.record(piece).map(|record| record.section) {
            Some(Section::Group(place)) => !matches!(self.owners.get(place), Some(Owner::Key(_))),
            Some(Section::Unsaid | Section::NoGroup) | None => false,
        }
    }

    /// Tells whether a piece is the title of the section for tasks without a group.
    pub(super) fn is_no_group(&self, piece: usize) -> bool {
        self.all.get(piece).is_some_and(|piece| piece.is_heading)
            && self.bytes(piece).trim_end().ends_with(NO_GROUP)
    }

    /// The names of all pieces, in order.
    pub(super) fn names(&self) -> Vec<u32> {
        self.all.iter().map(|piece| piece.name).collect()
    }

    fn cut(source: Source<'a>, owners: Vec<Owner<'a>>, names: &mut Names<'a>) -> Self {
        let Source { text, draft } = source;
        let mut spans: Vec<(Span, usize)> =
            draft.records.iter().enumerate().map(|(place, it)| (it.span, place)).collect();
        spans.sort_unstable();
        let keyed = owners.iter().enumerate().filter_map(|(place, owner)| match owner {
            Owner::Key(key) => Some((*key, place)),
            Owner::Copy | Owner::Nobody => None,
        });
        let keys = keyed.collect();
        let mut pieces = Self { text, draft, all: Vec::new(), front: 0, owners, keys };
        let mut lines = Lines::new(text);
        for (span, record) in spans {
            // What is read twice is the first one's.
            let span = Span { start: span.start.max(lines.at), end: span.end.max(lines.at) };
            pieces.push_lines(&mut lines, span.start, names);
            let owner = pieces.owners.get(record).copied().unwrap_or(Owner::Nobody);
            let kind = draft.records.get(record).map(|record| record.kind);
            let name = names.record(owner, kind);
            pieces.all.push(Piece { span, record: Some(record), name, is_heading: false });
            lines.at = span.end;
        }
        pieces.push_lines(&mut lines, text.len(), names);
        pieces.front = pieces.front_matter();
        let front = pieces.front;
        pieces.all.iter_mut().take(front).for_each(|piece| piece.is_heading = false);
        pieces
    }

    fn push_lines(&mut self, lines: &mut Lines<'a>, end: usize, names: &mut Names<'a>) {
        while let Some((span, is_heading)) = lines.next_before(end) {
            let name = names.line(span.of(lines.text), is_heading);
            self.all.push(Piece { span, record: None, name, is_heading });
        }
    }

    fn front_matter(&self) -> usize {
        let is =
            |piece: usize, line: &str| self.is_line(piece) && self.bytes(piece).trim_end() == line;
        if !is(0, "---") {
            return 0;
        }
        let lines = (1..self.all.len()).take_while(|piece| self.is_line(*piece));
        let mut ends = lines.filter(|piece| is(*piece, "---") || is(*piece, "..."));
        ends.next().map_or(0, |end| end + 1)
    }
}

/// Gives each key to one record: the best of those that claim it, else the first.
fn once<'a>(claims: &[Option<&'a str>], is_best: impl Fn(usize, &str) -> bool) -> Vec<Owner<'a>> {
    let mut chosen: HashMap<&str, usize> = HashMap::new();
    let mut contested: HashSet<&str> = HashSet::new();
    for (place, claim) in claims.iter().enumerate() {
        let Some(key) = claim else { continue };
        if chosen.contains_key(key) {
            contested.insert(key);
        } else {
            chosen.insert(key, place);
        }
    }
    for (place, claim) in claims.iter().enumerate().rev() {
        let Some(key) = claim else { continue };
        if contested.contains(key) && is_best(place, key) {
            chosen.insert(key, place);
        }
    }
    let owner = |(place, claim): (usize, Option<&'a str>)| match claim {
        Some(key) if chosen.get(key) == Some(&place) => Owner::Key(key),
        Some(_) => Owner::Copy,
        None => Owner::Nobody,
    };
    claims.iter().copied().enumerate().map(owner).collect()
}
