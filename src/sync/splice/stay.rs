//! Which items stay where the file has them.

use super::Texts;
use super::align::heaviest_rise;
use super::order::Order;
use super::pairs::partner;
use super::pieces::Pieces;

/// How much more a heading weighs than a task when it is decided which of them moves.
const HEADING_WEIGHT: u64 = 1 << 20;

/// Which items stay: as many as the new order allows, those left out that would then be read as
/// nested in something else, or below another heading.
pub(super) fn staying(texts: &Texts<'_>, order: &Order) -> Vec<bool> {
    let file = &texts.file;
    let mut stays = in_order(file, order);
    let strange = strange_headings(texts, order);
    let mut runs = vec![None; order.items.len()];
    let (mut run, mut heading) = (0, 0);
    for piece in 0..file.all.len() {
        let here = strange.get(piece).copied().unwrap_or_default();
        let Some(place) = partner(&order.of_file, piece) else {
            run += usize::from(ends_lists(texts, piece));
            continue;
        };
        let Some(item) = order.item(place) else { continue };
        let is_astray = if order.is_nested(place, texts) {
            item.within.and_then(|within| partner(&runs, within)) != Some(run)
        } else {
            !file.is_heading(piece) && !item.is_home() && heading != here
        };
        let Some(stays) = stays.get_mut(place) else { continue };
        *stays &= !is_astray;
        if *stays && file.is_heading(piece) {
            heading = here;
        }
        if let Some(slot) = runs.get_mut(place).filter(|_| *stays) {
            *slot = Some(run);
        }
    }
    stays
}

/// How many headings that are no items are in the file up to each piece. What comes to stand below
/// one would be read as below it.
pub(super) fn strange_headings(texts: &Texts<'_>, order: &Order) -> Vec<usize> {
    let file = &texts.file;
    let mut count = 0;
    let mut count_to = |piece: usize| {
        let is_kept = file.is_line(piece) && texts.words.kept.get(piece) == Some(&true);
        let is_item = partner(&order.of_file, piece).is_some();
        count += usize::from(is_kept && !is_item && file.is_heading(piece));
        count
    };
    (0..file.all.len()).map(&mut count_to).collect()
}

/// Tells whether a piece that is no item is text after which nothing is nested any more.
fn ends_lists(texts: &Texts<'_>, piece: usize) -> bool {
    let file = &texts.file;
    file.is_line(piece) && texts.words.stands(piece) && !file.bytes(piece).trim().is_empty()
}

/// As many items as the new order allows, headings first.
fn in_order(file: &Pieces<'_>, order: &Order) -> Vec<bool> {
    let mut ranks = vec![0; order.items.len()];
    for (rank, item) in order.sequence.iter().enumerate() {
        if let Some(slot) = ranks.get_mut(*item) {
            *slot = rank;
        }
    }
    let here: Vec<usize> = order.of_file.iter().flatten().copied().collect();
    let numbers: Vec<usize> =
        here.iter().map(|item| ranks.get(*item).copied().unwrap_or_default()).collect();
    let weight = |item: &usize| match order.item(*item).and_then(|item| item.file) {
        Some(piece) if file.is_heading(piece) => HEADING_WEIGHT,
        Some(_) | None => 1,
    };
    let weights: Vec<u64> = here.iter().map(weight).collect();
    let mut stays = vec![false; order.items.len()];
    for (item, rises) in here.iter().zip(heaviest_rise(&numbers, &weights)) {
        if let Some(slot) = stays.get_mut(*item) {
            *slot = rises;
        }
    }
    stays
}
