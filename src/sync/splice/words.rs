//! Lines that are no records, merged three ways; the person's words win.

use super::pairs::{Pairs, partner};
use super::pieces::Pieces;
use crate::domain::draft::Section;

/// What becomes of each line.
pub(super) struct Words {
    /// The lines of `next` that are put into the file.
    pub(super) added: Vec<bool>,
    /// The lines of the file that stay.
    pub(super) kept: Vec<bool>,
    /// The line of `next` that each line of the file becomes.
    pub(super) replaced: Vec<Option<usize>>,
    /// The line of the file that becomes each line of `next`.
    pub(super) replaces: Vec<Option<usize>>,
}

impl Words {
    pub(super) fn new(
        last: &Pieces<'_>,
        next: &Pieces<'_>,
        file: &Pieces<'_>,
        pairs: &Pairs,
    ) -> Self {
        // A line goes when the template took it back. A person's own line has no partner there.
        let stays = |piece: usize| {
            let written = partner(&pairs.file_last, piece);
            written.is_none_or(|line| partner(&pairs.last_next, line).is_some())
        };
        let (len, next_len) = (file.all.len(), next.all.len());
        let mut words = Self {
            added: vec![false; next_len],
            kept: (0..len).map(stays).collect(),
            replaced: vec![None; len],
            replaces: vec![None; next_len],
        };
        for hunk in hunks(last, next, pairs) {
            words.add(&hunk, pairs);
            if hunk.is_plain {
                words.replace(&hunk, pairs);
            }
            let is_replaced = hunk.given.iter().any(|line| next.is_heading(*line));
            let gone = hunk.taken.iter().filter(|line| !is_replaced && last.is_heading(**line));
            for heading in gone.filter_map(|line| partner(&pairs.last_file, *line)) {
                words.keep_used(file, heading);
            }
        }
        words.settle_no_group(next, file);
        words
    }

    /// Decides about the lines of one hunk.
    fn add(&mut self, hunk: &Hunk, pairs: &Pairs) {
        let is_lost = |line: &usize| partner(&pairs.last_file, *line).is_none();
        let lost = hunk.taken.iter().filter(|line| is_lost(line)).count();
        // What a person replaced or deleted stays so.
        if hunk.taken.is_empty() && !hunk.has_ground(pairs) || 0 < lost && lost == hunk.taken.len()
        {
            return;
        }
        let by_line = 0 < lost && hunk.taken.len() == hunk.given.len();
        for (place, line) in hunk.given.iter().enumerate() {
            let replaces_lost = by_line && hunk.taken.get(place).is_some_and(is_lost);
            let is_there = partner(&pairs.next_file, *line).is_some();
            if let Some(added) = self.added.get_mut(*line).filter(|_| !replaces_lost && !is_there) {
                *added = true;
            }
        }
    }

    /// Puts as many lines as are taken back in their places.
    fn replace(&mut self, hunk: &Hunk, pairs: &Pairs) {
        if hunk.taken.len() != hunk.given.len() {
            return;
        }
        for (taken, given) in hunk.taken.iter().zip(&hunk.given) {
            let Some(here) = partner(&pairs.last_file, *taken) else { continue };
            let Some(added) = self.added.get_mut(*given).filter(|added| **added) else { continue };
            if let (Some(replaced), Some(replaces)) =
                (self.replaced.get_mut(here), self.replaces.get_mut(*given))
            {
                *added = false;
                *replaced = Some(*given);
                *replaces = Some(here);
            }
        }
    }

    /// Tells whether a line of the new document stands where this line of the file does.
    pub(super) fn stands(&self, piece: usize) -> bool {
        self.kept.get(piece) == Some(&true) || partner(&self.replaced, piece).is_some()
    }

    /// Keeps a heading that a person wrote something below, which else would come below another.
    fn keep_used(&mut self, file: &Pieces<'_>, heading: usize) {
        let below = (heading + 1..file.all.len())
            .take_while(|piece| file.is_line(*piece) && !file.is_heading(*piece));
        let is_used = below
            .filter(|piece| !file.bytes(*piece).trim().is_empty())
            .any(|piece| self.kept.get(piece) == Some(&true));
        if let Some(kept) = self.kept.get_mut(heading) {
            *kept |= is_used;
        }
    }

    /// The title without which tasks would count to the group above them is there once.
    fn settle_no_group(&mut self, next: &Pieces<'_>, file: &Pieces<'_>) {
        let title = |text: &Pieces<'_>| (0..text.all.len()).find(|piece| text.is_no_group(*piece));
        let Some(wanted) = title(next) else { return };
        let here = title(file);
        let is_needed = next.draft.records.iter().any(|it| it.section == Section::NoGroup);
        if let Some(added) = self.added.get_mut(wanted) {
            *added = here.is_none() && (*added || is_needed);
        }
        if let Some(kept) = here.and_then(|piece| self.kept.get_mut(piece)) {
            *kept = true;
        }
    }
}

/// A place where the template changed: lines of `last` that are taken back, lines of `next` that
/// are given instead, and the pieces of `last` around it.
struct Hunk {
    taken: Vec<usize>,
    given: Vec<usize>,
    before: Option<usize>,
    after: Option<usize>,
    /// Whether neither has records or headings.
    is_plain: bool,
}

impl Hunk {
    /// Tells whether the file still has what stood around it.
    fn has_ground(&self, pairs: &Pairs) -> bool {
        let stands = |piece: &usize| partner(&pairs.last_file, *piece).is_some();
        let around = [self.before, self.after];
        around.iter().flatten().any(stands) || around.iter().any(Option::is_none)
    }
}

fn hunks(last: &Pieces<'_>, next: &Pieces<'_>, pairs: &Pairs) -> Vec<Hunk> {
    let ends = (last.all.len(), next.all.len());
    let both = pairs.last_next.iter().enumerate();
    let both = both.filter_map(|(place, partner)| Some((place, (*partner)?))).chain([ends]);
    let mut hunks = Vec::new();
    let (mut from, mut before) = ((0, 0), None);
    for to in both {
        let taken: Vec<usize> = (from.0..to.0).filter(|piece| last.is_line(*piece)).collect();
        let given: Vec<usize> = (from.1..to.1).filter(|piece| next.is_line(*piece)).collect();
        if !taken.is_empty() || !given.is_empty() {
            let after = Some(to.0).filter(|piece| *piece < ends.0);
            let plain = |text: &Pieces<'_>, piece| text.is_line(piece) && !text.is_heading(piece);
            let is_plain = (from.0..to.0).all(|piece| plain(last, piece))
                && (from.1..to.1).all(|piece| plain(next, piece));
            hunks.push(Hunk { taken, given, before, after, is_plain });
        }
        from = (to.0 + 1, to.1 + 1);
        before = Some(to.0);
    }
    hunks
}
