//! Which piece of one text is which piece of another.

use super::align::align;
use super::pieces::{Names, Owner, Pieces};

/// Partners, by place, in the order of both texts.
#[derive(Debug)]
pub(super) struct Pairs {
    pub(super) last_next: Vec<Option<usize>>,
    pub(super) next_last: Vec<Option<usize>>,
    pub(super) last_file: Vec<Option<usize>>,
    pub(super) file_last: Vec<Option<usize>>,
    pub(super) next_file: Vec<Option<usize>>,
}

impl Pairs {
    /// Compares the texts. What stands in all three is found through `last`; what both the
    /// template and a person added is compared by itself.
    pub(super) fn new(
        names: &Names<'_>,
        last: &Pieces<'_>,
        next: &Pieces<'_>,
        file: &Pieces<'_>,
    ) -> Self {
        let weights = names.weights();
        let (left, right, mine) = (last.names(), next.names(), file.names());
        let mut last_next = align(&left, &right, weights);
        part_strays(&mut last_next, last, next);
        let last_file = align(&left, &mine, weights);
        let next_last = turned(&last_next, right.len());
        let file_last = turned(&last_file, mine.len());
        let mut next_file: Vec<Option<usize>> =
            next_last.iter().map(|place| partner(&last_file, (*place)?)).collect();
        pair_additions(&mut next_file, weights, (&right, &next_last), (&mine, &file_last));
        Self { last_next, next_last, last_file, file_last, next_file }
    }
}

/// What a line stands below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Above<'a> {
    Nothing,
    Record(Owner<'a>),
    Line,
}

/// Parts lines that look alike and stand below different records.
fn part_strays(pairs: &mut [Option<usize>], left: &Pieces<'_>, right: &Pieces<'_>) {
    let (above_left, above_right) = (aboves(left), aboves(right));
    for (place, partner) in pairs.iter_mut().enumerate() {
        let Some(other) = *partner else { continue };
        let is_text = left.is_line(place) && !left.is_heading(place);
        if is_text && above_left.get(place) != above_right.get(other) {
            *partner = None;
        }
    }
}

fn aboves<'a>(text: &Pieces<'a>) -> Vec<Above<'a>> {
    let mut above = Above::Nothing;
    let mut above_next = |piece: usize| {
        let here = above;
        if text.is_heading(piece) {
            let owner = text.owner(piece);
            above = if text.is_line(piece) { Above::Line } else { Above::Record(owner) };
        }
        here
    };
    (0..text.all.len()).map(&mut above_next).collect()
}

/// The partner of a piece.
pub(super) fn partner(pairs: &[Option<usize>], place: usize) -> Option<usize> {
    pairs.get(place).copied().flatten()
}

fn turned(pairs: &[Option<usize>], len: usize) -> Vec<Option<usize>> {
    let mut turned = vec![None; len];
    for (place, partner) in pairs.iter().enumerate() {
        if let Some(slot) = partner.and_then(|partner| turned.get_mut(partner)) {
            *slot = Some(place);
        }
    }
    turned
}

type Side<'a> = (&'a [u32], &'a [Option<usize>]);

/// Pairs what is in neither `last`, between two pieces that are paired already.
fn pair_additions(
    next_file: &mut [Option<usize>],
    weights: &[u64],
    next: Side<'_>,
    file: Side<'_>,
) {
    let known: Vec<(usize, usize)> = next_file
        .iter()
        .enumerate()
        .filter_map(|(place, partner)| Some((place, (*partner)?)))
        .chain([(next.0.len(), file.0.len())])
        .collect();
    let mut from = (0, 0);
    for to in known {
        let ours = additions(next, from.0, to.0);
        let theirs = additions(file, from.1, to.1);
        let names = |side: Side<'_>, places: &[usize]| -> Vec<u32> {
            places.iter().filter_map(|place| side.0.get(*place).copied()).collect()
        };
        let found = align(&names(next, &ours), &names(file, &theirs), weights);
        for (place, partner) in ours.iter().zip(found) {
            let partner = partner.and_then(|at| theirs.get(at));
            if let Some(slot) = next_file.get_mut(*place) {
                *slot = partner.copied();
            }
        }
        from = (to.0 + 1, to.1 + 1);
    }
}

fn additions(side: Side<'_>, from: usize, to: usize) -> Vec<usize> {
    (from..to).filter(|place| partner(side.1, *place).is_none()).collect()
}
