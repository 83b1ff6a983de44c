//! What each piece of a text is nested in, or stands below.

use super::Texts;
use super::pairs::partner;
use super::pieces::Pieces;

/// The item that each piece of a text is within.
pub(super) fn containers(text: &Pieces<'_>, of: &[Option<usize>]) -> Vec<Option<usize>> {
    let outers = outer_pieces(text);
    let outer = |piece: usize| partner(&outers, piece);
    let mut heading = None;
    let mut within = Vec::with_capacity(text.all.len());
    for piece in 0..text.all.len() {
        if text.is_heading(piece) {
            heading = partner(of, piece).or(heading);
            within.push(None);
            continue;
        }
        // What is nested in a piece that is no item counts to what that one is nested in.
        let mut outers = std::iter::successors(outer(piece), |piece| outer(*piece));
        let nested = outers.by_ref().take(text.all.len()).find_map(|piece| partner(of, piece));
        within.push(nested.or(heading));
    }
    within
}

/// Which pieces of the file are below a heading that the template gave and gives no more.
pub(super) fn lost_headings(texts: &Texts<'_>, of_file: &[Option<usize>]) -> Vec<bool> {
    let mut is_lost = false;
    let mut is_below = |piece: usize| {
        if texts.file.is_heading(piece) {
            let is_given = partner(&texts.pairs.file_last, piece).is_some();
            is_lost = is_given && partner(of_file, piece).is_none();
        }
        is_lost
    };
    (0..texts.file.all.len()).map(&mut is_below).collect()
}

/// For each piece of a text the piece that it is nested in.
pub(super) fn outer_pieces(text: &Pieces<'_>) -> Vec<Option<usize>> {
    let mut pieces = vec![None; text.draft.records.len()];
    for (place, piece) in text.all.iter().enumerate() {
        if let Some(slot) = piece.record.and_then(|record| pieces.get_mut(record)) {
            *slot = Some(place);
        }
    }
    let outer = |piece: usize| partner(&pieces, text.record(piece)?.parent?);
    (0..text.all.len()).map(outer).collect()
}
