//! A text as a sequence of pieces: each record's own text is one, each other line is one.

use std::collections::HashMap;

use super::lines::Lines;
use super::{Orders, Source};
use crate::domain::draft::{Draft, DraftRecord, RecordKind, Span};
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
        let owners = once(&claims, |_, _| Rank::Other);
        Self::cut(source, owners, names)
    }

    /// The file: records that were adopted are whose they became.
    pub(super) fn of_file(
        source: Source<'a>,
        [last, next]: [&Self; 2],
        orders: &'a Orders,
        names: &mut Names<'a>,
    ) -> Self {
        let records = &source.draft.records;
        let claim = |(place, record): (usize, &'a DraftRecord)| {
            let adopted = orders.adopted.get(&place).map(String::as_str);
            let own = record.stamp.as_ref().filter(|stamp| stamp.kind() == Some(record.kind));
            adopted.or_else(|| own.map(|stamp| stamp.record.as_str()))
        };
        let claims: Vec<Option<&str>> = records.iter().enumerate().map(claim).collect();
        let rank = |place: usize, key: &str| {
            let Some(record) = records.get(place) else { return Rank::Other };
            let says = |text: &Self, name: &str| {
                let known = text.by_key(key).and_then(|known| known.fields.get(name));
                same(record.fields.get(name), known)
            };
            let name = if record.kind == RecordKind::Task { "title" } else { "name" };
            if orders.adopted.contains_key(&place) {
                Rank::Adopted
            } else if says(next, name) && record.fields.keys().all(|name| says(next, name)) {
                Rank::True
            } else if says(last, name) {
                Rank::WasTrue
            } else {
                Rank::Other
            }
        };
        let owners = once(&claims, rank);
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

/// How good a claim of a record to a key is; of equal ones the first counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Other,
    /// It has the name that the record had when the document was written last.
    WasTrue,
    /// It says what the record says.
    True,
    Adopted,
}

/// Gives each key to one record: the best of those that claim it.
fn once<'a>(claims: &[Option<&'a str>], rank: impl Fn(usize, &str) -> Rank) -> Vec<Owner<'a>> {
    let mut claimants: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, claim) in claims.iter().enumerate() {
        claimants.entry(claim.unwrap_or_default()).or_default().push(place);
    }
    let best = |key: &str| match claimants.get(key).map(Vec::as_slice) {
        Some([only]) => Some(*only),
        Some(many) => many.iter().copied().rev().max_by_key(|place| rank(*place, key)),
        None => None,
    };
    let chosen: HashMap<&str, Option<usize>> =
        claimants.keys().map(|key| (*key, best(key))).collect();
    let owner = |(place, claim): (usize, Option<&'a str>)| match claim {
        Some(key) if chosen.get(key) == Some(&Some(place)) => Owner::Key(key),
        Some(_) => Owner::Copy,
        None => Owner::Nobody,
    };
    claims.iter().copied().enumerate().map(owner).collect()
}
