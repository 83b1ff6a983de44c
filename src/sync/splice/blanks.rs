//! Blank lines between pieces: the person's where both pieces stood together, else the template's.
//!
//! A blank line looks like every other one, so comparing texts cannot tell which is which. What two
//! pieces have between them is therefore decided at the end, by the pieces.

use super::Texts;
use super::order::Order;
use super::pairs::partner;
use super::pieces::Pieces;
use super::weave::Bit;

/// Puts as many blank lines between the pieces as belong there.
pub(super) fn even(texts: &Texts<'_>, order: &Order, bits: &[Bit]) -> Vec<Bit> {
    let in_next = places_in_next(texts, order);
    let mut result: Vec<Bit> = Vec::with_capacity(bits.len());
    let mut run: Vec<Bit> = Vec::new();
    let mut before: Option<Bit> = None;
    for bit in bits {
        if is_blank(texts, *bit) {
            run.push(*bit);
            continue;
        }
        let wanted = before.and_then(|before| wanted(texts, &in_next, (before, *bit)));
        match wanted {
            Some(wanted) => result.extend(of_length(&texts.next, (&run, wanted), *bit, &in_next)),
            None => result.extend(&run),
        }
        run.clear();
        result.push(*bit);
        before = Some(*bit);
    }
    let wanted = before.and_then(|before| at_end(texts, before)).unwrap_or(run.len());
    run.sort_by_key(|bit| matches!(bit, Bit::Next(_)));
    result.extend(run.into_iter().take(wanted));
    result
}

/// How many blank lines are to be behind the last piece, where that is the file's last too.
fn at_end(texts: &Texts<'_>, last: Bit) -> Option<usize> {
    let Bit::File(piece) = last else { return None };
    let rest = texts.file.all.len().checked_sub(piece + 1)?;
    (blanks_before(&texts.file, texts.file.all.len()) == rest).then_some(rest)
}

/// How many blank lines are to be between two pieces; `None` where nothing tells.
fn wanted(
    texts: &Texts<'_>,
    in_next: &[Option<usize>],
    (before, bit): (Bit, Bit),
) -> Option<usize> {
    if let (Bit::File(from), Bit::File(to)) = (before, bit) {
        let between = to.checked_sub(from + 1)?;
        if blanks_before(&texts.file, to) == between {
            return Some(between);
        }
    }
    let next = |bit: Bit| match bit {
        Bit::File(piece) => partner(in_next, piece),
        Bit::Next(piece) => Some(piece),
    };
    let (from, to) = (next(before)?, next(bit)?);
    let blanks = blanks_before(&texts.next, to);
    (texts.next.front < to && from + 1 + blanks == to).then_some(blanks)
}

/// The run, shorter or longer.
fn of_length(
    next: &Pieces<'_>,
    (run, wanted): (&[Bit], usize),
    bit: Bit,
    in_next: &[Option<usize>],
) -> Vec<Bit> {
    let to = match bit {
        Bit::File(piece) => partner(in_next, piece),
        Bit::Next(piece) => Some(piece),
    };
    // The person's own lines first.
    let own = run.iter().filter(|bit| matches!(bit, Bit::File(_)));
    let others = run.iter().filter(|bit| matches!(bit, Bit::Next(_)));
    let mut lines: Vec<Bit> = own.chain(others).copied().take(wanted).collect();
    let missing = wanted.saturating_sub(lines.len());
    // No other lines than blank ones.
    let more = to.map_or(0..0, |to| to - missing.min(blanks_before(next, to))..to);
    lines.extend(more.map(Bit::Next));
    lines
}

fn is_blank(texts: &Texts<'_>, bit: Bit) -> bool {
    match bit {
        Bit::File(piece) => is_blank_piece(&texts.file, piece),
        Bit::Next(piece) => is_blank_piece(&texts.next, piece),
    }
}

fn is_blank_piece(text: &Pieces<'_>, piece: usize) -> bool {
    text.is_line(piece) && text.bytes(piece).trim().is_empty()
}

fn blanks_before(text: &Pieces<'_>, piece: usize) -> usize {
    (0..piece).rev().take_while(|piece| is_blank_piece(text, *piece)).count()
}

/// The piece of `next` that each piece of the file is.
fn places_in_next(texts: &Texts<'_>, order: &Order) -> Vec<Option<usize>> {
    let mut places = vec![None; texts.file.all.len()];
    for (piece, here) in texts.pairs.next_file.iter().enumerate() {
        if let Some(slot) = here.and_then(|here| places.get_mut(here)) {
            *slot = Some(piece);
        }
    }
    for (piece, place) in order.of_file.iter().enumerate() {
        let next = place.and_then(|place| order.item(place)?.next);
        if let (Some(next), Some(slot)) = (next, places.get_mut(piece)) {
            *slot = Some(next);
        }
    }
    places
}
