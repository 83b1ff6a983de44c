//! The open conflicts as they are shown, and what the person has decided but not written yet.
//!
//! Decisions are drafts: they stay when the view is left, and hold only as long as both sides are
//! what they were when the person looked at them.

pub mod draft;
pub mod editing;

use std::collections::HashMap;
use std::ops::Range;

use callboard_engine::domain::conflict::ConflictKind;
use callboard_engine::domain::id::ConflictId;
use callboard_engine::query::conflicts::ConflictRow;

use crate::conflict::{diff, value, whole};
use draft::{Draft, Pick, Picked, Step};
use editing::Editing;

/// Steps that can be taken back.
const STEPS_MAX: usize = 200;
/// Drafts that are kept.
const DRAFTS_MAX: usize = 2_000;

/// Open conflicts, the cursor, and the drafts.
#[derive(Debug, Default)]
pub struct ConflictsModel {
    /// Those that are loaded, with those of one record beside each other.
    pub rows: Vec<ConflictRow>,
    /// How many are open in the project.
    pub open: i64,
    pub cursor: Option<ConflictId>,
    /// Where the cursor was, for when its conflict is gone.
    place: usize,
    drafts: HashMap<ConflictId, Draft>,
    /// Merges that were left before they could be kept.
    typed: HashMap<ConflictId, String>,
    steps: Vec<Step>,
    pub editing: Option<Editing>,
    /// Shows the base in the place of the database's value.
    pub base: bool,
    /// Shows both sides in one pane.
    pub unified: bool,
    /// Rows scrolled down in the texts.
    pub scroll: usize,
    /// The differences of the two texts that are shown.
    pub diff: Vec<diff::Row>,
    /// What the command is called that carries decisions and is not answered yet, and on what.
    sent: Option<(String, Vec<ConflictId>)>,
}

impl ConflictsModel {
    /// Takes the conflicts as they are now; the cursor stays on its conflict, or at its place.
    pub fn take(&mut self, rows: Vec<ConflictRow>) {
        let mut order: HashMap<String, usize> = HashMap::new();
        for (at, row) in rows.iter().enumerate() {
            order.entry(row.conflict.record.clone()).or_insert(at);
        }
        self.rows = rows;
        self.rows.sort_by_key(|row| order.get(&row.conflict.record).copied());
        self.go(self.index());
    }

    /// The place of the cursor.
    pub fn index(&self) -> usize {
        let last = self.rows.len().saturating_sub(1);
        self.cursor.and_then(|id| self.place_of(id)).unwrap_or_else(|| self.place.min(last))
    }

    fn place_of(&self, id: ConflictId) -> Option<usize> {
        self.rows.iter().position(|row| row.conflict.id == id)
    }

    /// Puts the cursor on a conflict, as soon as it is loaded.
    pub fn select(&mut self, id: ConflictId) {
        self.cursor = Some(id);
        self.refresh();
    }

    /// Moves the cursor.
    pub fn go(&mut self, index: usize) {
        let before = self.cursor;
        self.place = index.min(self.rows.len().saturating_sub(1));
        // A conflict that is not loaded yet keeps the cursor for the moment when nothing is.
        if let Some(row) = self.rows.get(self.place) {
            self.cursor = Some(row.conflict.id);
        }
        if self.cursor != before {
            self.scroll = 0;
        }
        self.refresh();
    }

    /// Compares the two sides anew.
    pub fn refresh(&mut self) {
        let texts = self.selected().map(|row| {
            let conflict = &row.conflict;
            let left = if self.base { value::shown(row, &conflict.base) } else { whole::ours(row) };
            (left, value::shown(row, &conflict.theirs))
        });
        self.diff = texts.map(|(left, right)| diff::rows(&left, &right)).unwrap_or_default();
    }

    /// The conflict under the cursor.
    pub fn selected(&self) -> Option<&ConflictRow> {
        self.rows.get(self.index())
    }

    /// The places of the conflicts of each record.
    pub fn items(&self) -> Vec<Range<usize>> {
        let mut items: Vec<Range<usize>> = Vec::new();
        for (at, row) in self.rows.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|before| self.rows.get(before));
            match items.last_mut() {
                Some(item)
                    if before.is_some_and(|other| other.conflict.record == row.conflict.record) =>
                {
                    item.end = at + 1;
                }
                Some(_) | None => items.push(at..at + 1),
            }
        }
        items
    }

    /// The places of the conflicts of the record under the cursor.
    pub fn item(&self) -> Range<usize> {
        let here = self.index();
        self.items().into_iter().find(|item| item.contains(&here)).unwrap_or(0..0)
    }

    /// The conflicts at some places.
    pub fn at(&self, places: Range<usize>) -> &[ConflictRow] {
        self.rows.get(places).unwrap_or_default()
    }

    /// What was decided about a conflict.
    pub fn picked(&self, row: &ConflictRow) -> Picked<'_> {
        let conflict = &row.conflict;
        match self.drafts.get(&conflict.id) {
            Some(draft) if draft.stands(conflict) => Picked::Own(&draft.pick),
            Some(_) => Picked::Changed,
            None => draft::automatic(conflict).map_or(Picked::Open, Picked::Auto),
        }
    }

    /// Tells whether a conflict still needs a decision.
    pub fn is_undecided(&self, row: &ConflictRow) -> bool {
        matches!(self.picked(row), Picked::Open | Picked::Changed)
    }

    /// Decides some conflicts, as one step that can be taken back.
    pub fn pick(&mut self, picks: Vec<(ConflictId, Option<Pick>)>) {
        let mut step = Vec::new();
        for (id, pick) in picks {
            let Some(row) = self.rows.iter().find(|row| row.conflict.id == id) else { continue };
            let new = pick.map(|pick| Draft::new(pick, &row.conflict));
            let old = match new {
                Some(draft) => self.drafts.insert(id, draft),
                None => self.drafts.remove(&id),
            };
            step.push((id, old));
        }
        if !step.is_empty() {
            self.steps.push(Step { drafts: step });
            let surplus = self.steps.len().saturating_sub(STEPS_MAX);
            self.steps.drain(..surplus);
        }
    }

    /// Tells whether there is a decision to be taken back that is not written yet.
    pub fn has_steps(&self) -> bool {
        !self.steps.is_empty()
    }

    /// Takes the newest decision back, and goes to where it was made.
    pub fn take_back(&mut self) {
        let Some(step) = self.steps.pop() else { return };
        let first = step.drafts.first().map(|(id, _)| *id);
        for (id, old) in step.drafts {
            match old {
                Some(draft) => self.drafts.insert(id, draft),
                None => self.drafts.remove(&id),
            };
        }
        if let Some(place) = first.and_then(|id| self.place_of(id)) {
            self.go(place);
        }
    }

    /// What is to be written: the record under the cursor, and every other that was wholly decided.
    /// The places of what is still open in the record under the cursor, if anything is.
    pub fn to_write(&self) -> Result<Vec<usize>, Vec<usize>> {
        let here = self.item();
        let is_open =
            |place: &usize| self.rows.get(*place).is_none_or(|row| self.is_undecided(row));
        let open: Vec<usize> = here.clone().filter(is_open).collect();
        if !open.is_empty() {
            return Err(open);
        }
        let is_decided = |item: &Range<usize>| {
            let own = |row: &ConflictRow| matches!(self.picked(row), Picked::Own(_));
            let rows = self.at(item.clone());
            *item == here || (!item.clone().any(|at| is_open(&at)) && rows.iter().any(own))
        };
        Ok(self.items().into_iter().filter(is_decided).flatten().collect())
    }

    /// Remembers that decisions are on their way.
    pub fn send(&mut self, what: &str, decided: Vec<ConflictId>) {
        self.sent = Some((what.to_owned(), decided));
    }

    /// The conflicts that an answer is about, if it is about decisions that were sent.
    pub fn take_sent(&mut self, what: &str) -> Option<Vec<ConflictId>> {
        self.sent.take_if(|(sent, _)| sent == what).map(|(_, decided)| decided)
    }

    /// Forgets decisions that were written: undo then takes back what was written, and a conflict
    /// that it opens again is to be decided again.
    pub fn written(&mut self, decided: &[ConflictId]) {
        self.steps.clear();
        self.drafts.retain(|id, _| !decided.contains(id));
        if DRAFTS_MAX < self.drafts.len() {
            self.drafts.clear();
        }
    }

    /// The next conflict without a decision in a direction, all around.
    pub fn next_open(&self, back: bool) -> Option<usize> {
        let (count, here) = (self.rows.len(), self.index());
        let places = (1..=count).map(|step| {
            let step = if back { count - step } else { step };
            (here + step).checked_rem(count).unwrap_or(0)
        });
        let mut places = places;
        places.find(|place| self.rows.get(*place).is_some_and(|row| self.is_undecided(row)))
    }

    /// The places of the open conflicts that one choice can decide together with that under the
    /// cursor: of the same kind, from the same document or writer.
    pub fn alike(&self) -> Vec<usize> {
        let Some(here) = self.selected() else { return Vec::new() };
        let is_alike = |row: &ConflictRow| {
            row.conflict.theirs_by == here.conflict.theirs_by
                && row.conflict.kind == here.conflict.kind
        };
        let open = self.rows.iter().enumerate();
        open.filter(|(_, row)| is_alike(row) && self.is_undecided(row)).map(|(at, _)| at).collect()
    }

    /// Tells whether a pick can be made of a conflict.
    pub fn can(row: &ConflictRow, pick: &Pick) -> bool {
        match pick {
            Pick::Ours | Pick::Theirs => true,
            Pick::Both => value::both(&row.conflict).is_some(),
            Pick::Merged(_) => row.conflict.kind == ConflictKind::Field,
        }
    }
}
