//! The order of records and headings in the new document.
//!
//! Where the template's order did not change, the file's order stays; what the template moved or
//! added stands where the template has it.

use std::collections::{HashMap, HashSet};

use super::Texts;
use super::align::heaviest_rise;
use super::pairs::partner;
use super::pieces::{Owner, Pieces};
use super::within::{containers, lost_headings, outer_pieces};

/// A record or heading of the new document, and the pieces that it is in each text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) next: Option<usize>,
    pub(super) file: Option<usize>,
    last: Option<usize>,
    /// The item that it is nested in or stands below.
    pub(super) within: Option<usize>,
    /// What it is within in the file.
    within_file: Option<usize>,
    within_last: Option<usize>,
    /// Whether what it is nested in in the file, if anything, is an item.
    is_direct: bool,
}

impl Item {
    /// Tells whether an item is a heading, with a stamp or without.
    pub(super) fn is_heading(&self, texts: &Texts<'_>) -> bool {
        match (self.next, self.file) {
            (Some(piece), _) => texts.next.is_heading(piece),
            (None, Some(piece)) => texts.file.is_heading(piece),
            (None, None) => true,
        }
    }

    /// Tells whether the file has it within what it is to be within.
    pub(super) fn is_home(&self) -> bool {
        self.file.is_some() && self.is_direct && self.within == self.within_file
    }
}

/// The items of the new document, and their order.
pub(super) struct Order {
    pub(super) items: Vec<Item>,
    /// Items by place.
    pub(super) sequence: Vec<usize>,
    /// The item that each piece of `next` is.
    pub(super) of_next: Vec<Option<usize>>,
    /// The item that each piece of the file is.
    pub(super) of_file: Vec<Option<usize>>,
    of_last: Vec<Option<usize>>,
}

impl Order {
    pub(super) fn new(texts: &Texts<'_>) -> Self {
        let mut order = Self::collect(texts);
        order.place(texts);
        order.sequence = order.arrange();
        order
    }

    fn collect(texts: &Texts<'_>) -> Self {
        let Texts { last, next, file, .. } = texts;
        let (in_last, in_file) = (places(last), places(file));
        let mut order = Self {
            items: Vec::new(),
            sequence: Vec::new(),
            of_next: vec![None; next.all.len()],
            of_file: vec![None; file.all.len()],
            of_last: vec![None; last.all.len()],
        };
        for piece in 0..next.all.len() {
            let here = match next.owner(piece) {
                Owner::Key(key) => {
                    let here = (in_last.get(key).copied(), in_file.get(key).copied());
                    Some(here)
                        .filter(|(_, file)| file.is_some() || !texts.orders.absent.contains(key))
                }
                Owner::Copy | Owner::Nobody if next.is_line(piece) && next.is_heading(piece) => {
                    texts.heading(piece)
                }
                Owner::Copy | Owner::Nobody => None,
            };
            if let Some((last, file)) = here {
                order.push(Some(piece), last, file);
            }
        }
        for piece in 0..file.all.len() {
            if file.is_line(piece) || partner(&order.of_file, piece).is_some() {
                continue;
            }
            match file.owner(piece) {
                Owner::Key(key) if texts.orders.held.contains_key(key) => {
                    order.push(None, in_last.get(key).copied(), Some(piece));
                }
                // What did not become a record is the person's own.
                Owner::Nobody | Owner::Copy => order.push(None, None, Some(piece)),
                Owner::Key(_) => {}
            }
        }
        order
    }

    fn push(&mut self, next: Option<usize>, last: Option<usize>, file: Option<usize>) {
        let item = self.items.len();
        self.items.push(Item {
            next,
            file,
            last,
            within: None,
            within_file: None,
            within_last: None,
            is_direct: false,
        });
        let texts =
            [(&mut self.of_next, next), (&mut self.of_last, last), (&mut self.of_file, file)];
        for (of, piece) in texts {
            if let Some(slot) = piece.and_then(|piece| of.get_mut(piece)) {
                *slot = Some(item);
            }
        }
    }

    /// Says of each item what it is within: what the template says, unless its place is held.
    fn place(&mut self, texts: &Texts<'_>) {
        let by_next = containers(&texts.next, &self.of_next);
        let by_file = containers(&texts.file, &self.of_file);
        let by_last = containers(&texts.last, &self.of_last);
        let outers = outer_pieces(&texts.file);
        let lost = lost_headings(texts, &self.of_file);
        let mut held = Vec::new();
        for (place, item) in self.items.iter_mut().enumerate() {
            let wanted = item.next.map(|piece| partner(&by_next, piece));
            item.within_file = item.file.and_then(|piece| partner(&by_file, piece));
            item.within_last = item.last.and_then(|piece| partner(&by_last, piece));
            let outer = item.file.and_then(|piece| partner(&outers, piece));
            item.is_direct = outer.is_none_or(|outer| partner(&self.of_file, outer).is_some())
                && item.file.is_none_or(|piece| lost.get(piece) != Some(&true));
            item.within = wanted.unwrap_or(item.within_file);
            let Some(Owner::Key(key)) = item.file.map(|piece| texts.file.owner(piece)) else {
                continue;
            };
            if wanted.is_some() && texts.orders.holds_place(key) {
                held.push((place, item.within_file));
            }
        }
        for (item, within) in held {
            if !self.is_within(within, item)
                && let Some(item) = self.items.get_mut(item)
            {
                item.within = within;
            }
        }
        self.cut_rings();
    }

    /// Tells whether something is the item or, however deep, within it.
    fn is_within(&self, mut inner: Option<usize>, item: usize) -> bool {
        for _ in 0..=self.items.len() {
            match inner {
                Some(here) if here == item => return true,
                Some(here) => inner = self.items.get(here).and_then(|it| it.within),
                None => return false,
            }
        }
        true
    }

    /// Items that are in nobody's place but their own come to the top.
    fn cut_rings(&mut self) {
        let foreign: Vec<usize> = (0..self.items.len())
            .filter(|it| self.items.get(*it).is_some_and(|it| it.next.is_none()))
            .collect();
        for place in foreign {
            let within = self.items.get(place).and_then(|it| it.within);
            if self.is_within(within, place)
                && let Some(item) = self.items.get_mut(place)
            {
                item.within = None;
            }
        }
    }

    fn arrange(&self) -> Vec<usize> {
        let by_next = self.children(&self.of_next, |_| true);
        let by_file = self
            .children(&self.of_file, |item| item.next.is_none() || item.within == item.within_file);
        let by_last = self.children(&self.of_last, |item| item.within == item.within_last);
        let list = |of: &HashMap<Option<usize>, Vec<usize>>, within: Option<usize>| {
            of.get(&within).cloned().unwrap_or_default()
        };
        let mut sequence = Vec::new();
        let mut open = vec![None];
        while let Some(within) = open.pop() {
            sequence.extend(within);
            let texts = [list(&by_last, within), list(&by_next, within), list(&by_file, within)];
            open.extend(ordered(&texts).into_iter().rev().map(Some));
        }
        sequence
    }

    /// The items of a text by what they are within at the end, in the text's order.
    fn children(
        &self,
        of: &[Option<usize>],
        counts: impl Fn(&Item) -> bool,
    ) -> HashMap<Option<usize>, Vec<usize>> {
        let mut children: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
        for place in of.iter().flatten() {
            let Some(item) = self.items.get(*place).filter(|item| counts(item)) else { continue };
            children.entry(item.within).or_default().push(*place);
        }
        children
    }

    /// Tells whether an item is nested in a task.
    pub(super) fn is_nested(&self, place: usize, texts: &Texts<'_>) -> bool {
        self.outer_task(place, texts).is_some()
    }

    /// For each item the last of those that are nested in the same outermost task.
    pub(super) fn ends(&self, texts: &Texts<'_>) -> Vec<Option<usize>> {
        let mut roots = vec![None; self.items.len()];
        let mut ends = vec![None; self.items.len()];
        for place in &self.sequence {
            let outer = self.outer_task(*place, texts);
            let root = outer.and_then(|outer| partner(&roots, outer)).unwrap_or(*place);
            if let Some(slot) = roots.get_mut(*place) {
                *slot = Some(root);
            }
            if let Some(slot) = ends.get_mut(root) {
                *slot = Some(*place);
            }
        }
        roots.into_iter().map(|root| partner(&ends, root?)).collect()
    }

    fn outer_task(&self, place: usize, texts: &Texts<'_>) -> Option<usize> {
        let within = self.item(place)?.within?;
        let outer = self.item(within)?;
        (!outer.is_heading(texts)).then_some(within)
    }

    /// An item by its place.
    pub(super) fn item(&self, place: usize) -> Option<&Item> {
        self.items.get(place)
    }
}

impl Texts<'_> {
    /// Where a heading of `next` without a stamp stands in the other texts, if it comes into the
    /// new document.
    fn heading(&self, piece: usize) -> Option<(Option<usize>, Option<usize>)> {
        let mut file = partner(&self.pairs.next_file, piece);
        if file.is_none() && self.next.is_no_group(piece) {
            file = (0..self.file.all.len()).find(|piece| self.file.is_no_group(*piece));
        }
        let is_added = self.words.added.get(piece) == Some(&true);
        let last = partner(&self.pairs.next_last, piece);
        (file.is_some() || is_added).then_some((last, file))
    }
}

fn places<'a>(text: &Pieces<'a>) -> HashMap<&'a str, usize> {
    let keyed = |piece| match text.owner(piece) {
        Owner::Key(key) => Some((key, piece)),
        Owner::Copy | Owner::Nobody => None,
    };
    (0..text.all.len()).filter_map(keyed).collect()
}

/// Merges the order of some items: `[last, next, file]`.
fn ordered([last, next, file]: &[Vec<usize>; 3]) -> Vec<usize> {
    let ranks: HashMap<usize, usize> =
        next.iter().enumerate().map(|(rank, item)| (*item, rank)).collect();
    let known: Vec<(usize, usize)> =
        last.iter().filter_map(|item| Some((*item, *ranks.get(item)?))).collect();
    let order: Vec<usize> = known.iter().map(|(_, rank)| *rank).collect();
    let steady = heaviest_rise(&order, &vec![1; order.len()]);
    let moved: HashMap<usize, bool> =
        known.iter().zip(steady).map(|((item, _), steady)| (*item, !steady)).collect();
    let is_moved = |item: &usize| moved.get(item) == Some(&true);
    let ground: Vec<usize> = file.iter().copied().filter(|item| !is_moved(item)).collect();
    let is_ground: HashSet<usize> = ground.iter().copied().collect();
    let mut after: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
    let mut before = None;
    for item in next {
        if is_ground.contains(item) {
            before = Some(*item);
        } else {
            after.entry(before).or_default().push(*item);
        }
    }
    let mut result = after.remove(&None).unwrap_or_default();
    for item in ground {
        result.push(item);
        result.extend(after.remove(&Some(item)).unwrap_or_default());
    }
    result
}
