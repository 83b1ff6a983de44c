//! The pieces of the new document in their order: the file's, with pieces moved and put in.

use super::Texts;
use super::order::Order;
use super::pairs::partner;
use super::stay::{staying, strange_headings};

/// One piece of the new document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bit {
    /// A piece of the file.
    File(usize),
    /// A piece of the template's text.
    Next(usize),
}

/// Orders the pieces of the new document.
pub(super) fn weave(texts: &Texts<'_>, order: &Order) -> Vec<Bit> {
    let mut chain = Chain::of_file(texts, order);
    chain.place_items(texts, order);
    chain.place_lines(texts, order);
    chain.bits()
}

/// A list into which is put after any of its nodes. Its first node is before all pieces.
struct Chain {
    nodes: Vec<Node>,
    /// The node of each piece of the file that stays where it is.
    of_file: Vec<Option<usize>>,
    /// The node of each line of the template that stands where a line of the file stood.
    of_next: Vec<Option<usize>>,
    /// The node of each item.
    of_item: Vec<Option<usize>>,
    /// For each piece of the file, the last item at or before it that stays where it is.
    grounds: Vec<Option<usize>>,
    /// For each piece of the file, how many headings that are no items are at or before it.
    strange: Vec<usize>,
    /// The node of the last line of front matter, and how much front matter there is.
    door: usize,
    front: usize,
}

struct Node {
    bit: Option<Bit>,
    after: Option<usize>,
}

/// Where something was put: the item that stayed whose place it is behind, and how far behind.
#[derive(Clone, Copy)]
struct Spot {
    node: usize,
    ground: Option<usize>,
    piece: usize,
}

impl Chain {
    /// What stays where it is.
    fn of_file(texts: &Texts<'_>, order: &Order) -> Self {
        let file = &texts.file;
        let stays = staying(texts, order);
        let mut chain = Self {
            nodes: vec![Node { bit: None, after: None }],
            of_file: vec![None; file.all.len()],
            of_next: vec![None; texts.next.all.len()],
            of_item: vec![None; order.items.len()],
            grounds: Vec::with_capacity(file.all.len()),
            strange: strange_headings(texts, order),
            door: 0,
            front: file.front,
        };
        let (mut end, mut ground) = (0, None);
        for piece in 0..file.all.len() {
            let item = partner(&order.of_file, piece);
            let is_kept = match item {
                Some(item) => stays.get(item) == Some(&true),
                None => file.is_line(piece) && texts.words.kept.get(piece) == Some(&true),
            };
            let line = partner(&texts.words.replaced, piece);
            if is_kept {
                ground = item.or(ground);
                end = chain.put(end, Bit::File(piece), item);
            } else if let Some(line) = line {
                end = chain.put(end, Bit::Next(line), None);
                chain.stand_for(piece, line, end);
            }
            if (is_kept || line.is_some()) && piece < file.front {
                chain.door = end;
            }
            chain.grounds.push(ground);
        }
        chain
    }

    /// Notes that a node is both a line of the template and the place of a line of the file.
    fn stand_for(&mut self, piece: usize, line: usize, node: usize) {
        let places = [(&mut self.of_file, piece), (&mut self.of_next, line)];
        for (nodes, place) in places {
            if let Some(slot) = nodes.get_mut(place) {
                *slot = Some(node);
            }
        }
    }

    fn put(&mut self, before: usize, bit: Bit, item: Option<usize>) -> usize {
        let node = self.nodes.len();
        let after = self.nodes.get_mut(before).and_then(|before| before.after.replace(node));
        self.nodes.push(Node { bit: Some(bit), after });
        if let Some(slot) = item.and_then(|item| self.of_item.get_mut(item)) {
            *slot = Some(node);
        }
        if let Bit::File(piece) = bit
            && let Some(slot) = self.of_file.get_mut(piece)
        {
            *slot = Some(node);
        }
        node
    }

    /// Puts the items that do not stay where they are behind the ones they follow.
    fn place_items(&mut self, texts: &Texts<'_>, order: &Order) {
        let near = self.near_lines(texts, order);
        let own = own_words(texts);
        let mut before =
            Spot { node: self.door, ground: None, piece: self.front.saturating_sub(1) };
        for place in &order.sequence {
            let Some(item) = order.item(*place) else { continue };
            if let Some(node) = partner(&self.of_item, *place) {
                let piece = item.file.unwrap_or_default();
                before = Spot { node, ground: Some(*place), piece };
                continue;
            }
            // What is nested in a task follows it, or another that is nested in it, at once.
            let is_nested = order.is_nested(*place, texts);
            let line = item.next.filter(|_| !is_nested);
            let line = line.and_then(|piece| partner(&near, piece));
            let spot = if item.is_heading(texts) {
                self.behind_words(line, before, &own)
            } else {
                line.and_then(|line| self.behind_near_line(line, before))
            };
            before = spot.unwrap_or(before);
            let Some(bit) = item.file.map(Bit::File).or_else(|| item.next.map(Bit::Next)) else {
                continue;
            };
            before.node = self.put(before.node, bit, Some(*place));
        }
    }

    /// The line of the file as a spot, if it is between the item put last and the following one.
    fn behind_line(&self, line: usize, before: Spot) -> Option<Spot> {
        let node = partner(&self.of_file, line)?;
        let is_between = before.piece <= line && partner(&self.grounds, line) == before.ground;
        is_between.then_some(Spot { node, ground: before.ground, piece: line })
    }

    /// The same, if no heading of the person's own is between.
    fn behind_near_line(&self, line: usize, before: Spot) -> Option<Spot> {
        let strange = |piece: usize| self.strange.get(piece).copied().unwrap_or_default();
        let spot = self.behind_line(line, before)?;
        (strange(before.piece) == strange(line)).then_some(spot)
    }

    /// The spot for a heading: behind the line, and behind what the person wrote between the item
    /// put last and the following one, which is not to come below another heading.
    fn behind_words(&self, line: Option<usize>, before: Spot, own: &[bool]) -> Option<Spot> {
        let near = line.and_then(|line| self.behind_line(line, before));
        let from = near.map_or(before.piece + 1, |near| near.piece + 1);
        let gap = self.grounds.iter().enumerate().skip(from);
        let gap = gap.take_while(|(_, ground)| **ground == before.ground);
        let words = gap.filter(|(piece, _)| own.get(*piece) == Some(&true)).last();
        words.and_then(|(line, _)| self.behind_line(line, before)).or(near)
    }

    /// For each piece of `next`, the line of the file that the line before it is, if no item is
    /// between them.
    fn near_lines(&self, texts: &Texts<'_>, order: &Order) -> Vec<Option<usize>> {
        let mut near = Vec::with_capacity(texts.next.all.len());
        let mut line = None;
        for piece in 0..texts.next.all.len() {
            near.push(line);
            if partner(&order.of_next, piece).is_some() {
                line = None;
            } else if texts.next.is_line(piece) {
                let here = partner(&texts.pairs.next_file, piece)
                    .or_else(|| partner(&texts.words.replaces, piece));
                line = here.filter(|here| partner(&self.of_file, *here).is_some()).or(line);
            }
        }
        near
    }

    /// Puts the template's new lines behind what they follow.
    fn place_lines(&mut self, texts: &Texts<'_>, order: &Order) {
        let ends = order.ends(texts);
        let (mut before, mut last_item) = (0, None);
        for piece in 0..texts.next.all.len() {
            let item = partner(&order.of_next, piece);
            let line = partner(&texts.pairs.next_file, piece);
            let known = match item {
                Some(item) => partner(&self.of_item, item),
                None => line
                    .and_then(|line| partner(&self.of_file, line))
                    .or_else(|| partner(&self.of_next, piece)),
            };
            if let Some(node) = known {
                before = node;
                last_item = item;
                continue;
            }
            if texts.next.front <= piece {
                before = self.outside(before, texts.next.front);
            }
            let is_added = item.is_none() && texts.words.added.get(piece) == Some(&true);
            if !is_added {
                continue;
            }
            // No text between a task and what is nested in it.
            let end = last_item.filter(|_| !texts.next.bytes(piece).trim().is_empty());
            let end = end.and_then(|item| partner(&ends, item));
            before = end.and_then(|end| partner(&self.of_item, end)).unwrap_or(before);
            if self.fits(piece, before, texts) {
                last_item = None;
                before = self.put(before, Bit::Next(piece), None);
            }
        }
    }

    /// The node itself, or the end of the front matter if it is before that.
    fn outside(&self, node: usize, next_front: usize) -> usize {
        let is_before = match self.nodes.get(node).and_then(|node| node.bit) {
            Some(Bit::File(piece)) => piece < self.front,
            Some(Bit::Next(piece)) => piece < next_front && 0 < self.front,
            None => true,
        };
        if is_before { self.door } else { node }
    }

    /// Front matter comes into front matter, or to the beginning of a file that never had any.
    fn fits(&self, piece: usize, before: usize, texts: &Texts<'_>) -> bool {
        if texts.next.front <= piece {
            return true;
        }
        if self.front == 0 {
            return texts.last.front == 0;
        }
        before != 0 && before != self.door
    }

    fn bits(&self) -> Vec<Bit> {
        let mut bits = Vec::with_capacity(self.nodes.len());
        let mut node = self.nodes.first();
        while let Some(here) = node {
            bits.extend(here.bit);
            node = here.after.and_then(|after| self.nodes.get(after));
        }
        bits
    }
}

/// Which pieces of the file are words that only the person wrote.
fn own_words(texts: &Texts<'_>) -> Vec<bool> {
    let file = &texts.file;
    let is_own = |piece: usize| {
        let is_said = file.is_line(piece) && !file.bytes(piece).trim().is_empty();
        is_said && partner(&texts.pairs.file_last, piece).is_none()
    };
    (0..file.all.len()).map(is_own).collect()
}
