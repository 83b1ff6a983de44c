//! Which elements of two sequences are the same: elements that are unique on both sides are found
//! first, in their longest common order, and what lies between them is compared piece by piece.
//!
//! A sequence in another order costs no more than one in the same order, which is what lists of
//! tasks need.

use std::collections::HashMap;

/// Most comparisons made for one piece without unique elements.
const CELLS_MAX: usize = 1 << 20;
/// Deepest nesting of pieces.
const DEPTH_MAX: usize = 64;

/// For each element of `left` its partner in `right`; partners are in the same order. Where the
/// order differs, heavy elements are rather paired than light ones; `weights` has them by element.
pub(super) fn align(left: &[u32], right: &[u32], weights: &[u64]) -> Vec<Option<usize>> {
    let mut pairs = vec![None; left.len()];
    let piece = Piece { left, right, left_from: 0, right_from: 0, weights };
    piece.align(0, &mut pairs);
    pairs
}

/// A part of both sequences, and where it begins.
#[derive(Clone, Copy)]
struct Piece<'a> {
    left: &'a [u32],
    right: &'a [u32],
    left_from: usize,
    right_from: usize,
    weights: &'a [u64],
}

impl Piece<'_> {
    fn align(self, depth: usize, pairs: &mut [Option<usize>]) {
        let inner = self.trimmed(pairs);
        if inner.left.is_empty() || inner.right.is_empty() {
            return;
        }
        let anchors = inner.anchors();
        if anchors.is_empty() || DEPTH_MAX <= depth {
            inner.compare(pairs);
            return;
        }
        let mut from = (0, 0);
        for (left, right) in anchors {
            inner.part(from, (left, right)).align(depth + 1, pairs);
            inner.pair((left, right), pairs);
            from = (left + 1, right + 1);
        }
        inner.part(from, (inner.left.len(), inner.right.len())).align(depth + 1, pairs);
    }

    /// Pairs what is the same at both ends, and gives what is between.
    fn trimmed(self, pairs: &mut [Option<usize>]) -> Self {
        let both = || self.left.iter().zip(self.right);
        let head = both().take_while(|(one, other)| one == other).count();
        let rest = self.part((head, head), (self.left.len(), self.right.len()));
        let backwards = rest.left.iter().rev().zip(rest.right.iter().rev());
        let tail = backwards.take_while(|(one, other)| one == other).count();
        for place in 0..head {
            self.pair((place, place), pairs);
        }
        let ends = (rest.left.len() - tail, rest.right.len() - tail);
        for place in 0..tail {
            rest.pair((ends.0 + place, ends.1 + place), pairs);
        }
        rest.part((0, 0), ends)
    }

    fn part(self, from: (usize, usize), to: (usize, usize)) -> Self {
        Self {
            left: self.left.get(from.0..to.0).unwrap_or_default(),
            right: self.right.get(from.1..to.1).unwrap_or_default(),
            left_from: self.left_from + from.0,
            right_from: self.right_from + from.1,
            weights: self.weights,
        }
    }

    fn pair(self, (left, right): (usize, usize), pairs: &mut [Option<usize>]) {
        if let Some(partner) = pairs.get_mut(self.left_from + left) {
            *partner = Some(self.right_from + right);
        }
    }

    /// The longest run, in the order of both, of elements that stand once on each side.
    fn anchors(self) -> Vec<(usize, usize)> {
        let (left, right) = (unique(self.left), unique(self.right));
        let mut both: Vec<(usize, usize)> = left
            .iter()
            .filter_map(|(element, place)| Some(((*place)?, (*right.get(element)?)?)))
            .collect();
        both.sort_unstable();
        let order: Vec<usize> = both.iter().map(|(_, right)| *right).collect();
        let weight = |(left, _): &(usize, usize)| {
            let element = self.left.get(*left).and_then(|element| usize::try_from(*element).ok());
            element.and_then(|element| self.weights.get(element)).copied().unwrap_or(1)
        };
        let weights: Vec<u64> = both.iter().map(weight).collect();
        let kept = heaviest_rise(&order, &weights);
        both.iter().zip(kept).filter(|(_, kept)| *kept).map(|(pair, _)| *pair).collect()
    }

    /// Finds the longest common sequence, or, of pieces that are too long for that, a common one.
    fn compare(self, pairs: &mut [Option<usize>]) {
        if self.left.len().saturating_mul(self.right.len()) <= CELLS_MAX {
            self.compare_all(pairs);
        } else {
            self.compare_forward(pairs);
        }
    }

    fn compare_all(self, pairs: &mut [Option<usize>]) {
        let longest = self.longest();
        let width = self.right.len() + 1;
        let at = |row: usize, column: usize| longest.get(row * width + column).copied();
        let (mut row, mut column) = (0, 0);
        while let (Some(one), Some(other)) = (self.left.get(row), self.right.get(column)) {
            if one == other {
                self.pair((row, column), pairs);
                (row, column) = (row + 1, column + 1);
            } else if at(row, column + 1) <= at(row + 1, column) {
                row += 1;
            } else {
                column += 1;
            }
        }
    }

    /// The lengths of the longest common sequences of what is left from each pair of places on, row
    /// by row.
    fn longest(self) -> Vec<u32> {
        let width = self.right.len() + 1;
        let mut rows = vec![vec![0; width]];
        for one in self.left.iter().rev() {
            let below = rows.last().map(Vec::as_slice).unwrap_or_default();
            rows.push(self.row_above(*one, below));
        }
        rows.reverse();
        rows.concat()
    }

    fn row_above(self, one: u32, below: &[u32]) -> Vec<u32> {
        let mut row = vec![0; below.len()];
        let mut after = 0;
        for (column, other) in self.right.iter().enumerate().rev() {
            let [here, next] = [column, column + 1].map(|at| below.get(at).copied().unwrap_or(0));
            after = if one == *other { next + 1 } else { here.max(after) };
            if let Some(cell) = row.get_mut(column) {
                *cell = after;
            }
        }
        row
    }

    fn compare_forward(self, pairs: &mut [Option<usize>]) {
        let mut places: HashMap<u32, Vec<usize>> = HashMap::new();
        for (place, element) in self.right.iter().enumerate().rev() {
            places.entry(*element).or_default().push(place);
        }
        let mut from = 0;
        for (left, element) in self.left.iter().enumerate() {
            let Some(stack) = places.get_mut(element) else { continue };
            while stack.last().is_some_and(|place| *place < from) {
                stack.pop();
            }
            if let Some(right) = stack.pop() {
                self.pair((left, right), pairs);
                from = right + 1;
            }
        }
    }
}

/// Where each element stands, if it stands there once.
fn unique(elements: &[u32]) -> HashMap<u32, Option<usize>> {
    let mut places: HashMap<u32, Option<usize>> = HashMap::new();
    for (place, element) in elements.iter().enumerate() {
        places.entry(*element).and_modify(|known| *known = None).or_insert(Some(place));
    }
    places
}

/// Which elements of a sequence of different numbers make its heaviest rising part.
pub(super) fn heaviest_rise(order: &[usize], weights: &[u64]) -> Vec<bool> {
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    // A tree of Fenwick's over the numbers' ranks: the heaviest rise that ends at or below a rank.
    let mut tree: Vec<(u64, Option<usize>)> = vec![(0, None); order.len() + 1];
    let mut before = vec![None; order.len()];
    for (place, (number, weight)) in order.iter().zip(weights).enumerate() {
        let rank = sorted.partition_point(|other| other < number);
        let (heavy, last) = heaviest(&tree, rank);
        if let Some(slot) = before.get_mut(place) {
            *slot = last;
        }
        raise(&mut tree, rank + 1, (heavy + weight, Some(place)));
    }
    let mut kept = vec![false; order.len()];
    let mut last = heaviest(&tree, order.len()).1;
    while let Some(place) = last {
        if let Some(slot) = kept.get_mut(place) {
            *slot = true;
        }
        last = before.get(place).copied().flatten();
    }
    kept
}

fn heaviest(tree: &[(u64, Option<usize>)], mut rank: usize) -> (u64, Option<usize>) {
    let mut best = (0, None);
    while 0 < rank {
        let here = tree.get(rank).copied().unwrap_or_default();
        if best.0 < here.0 {
            best = here;
        }
        rank &= rank - 1;
    }
    best
}

fn raise(tree: &mut [(u64, Option<usize>)], mut rank: usize, value: (u64, Option<usize>)) {
    while let Some(here) = tree.get_mut(rank) {
        if here.0 < value.0 {
            *here = value;
        }
        rank += rank & rank.wrapping_neg();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_the_same_is_paired() {
        let check = |left: &[u32], right: &[u32], expected: &[Option<usize>]| {
            assert_eq!(align(left, right, &[]), expected, "{left:?} {right:?}");
        };
        check(&[], &[1], &[]);
        check(&[1, 2, 3], &[1, 2, 3], &[Some(0), Some(1), Some(2)]);
        check(
            &[1, 0, 2, 0, 3],
            &[1, 0, 9, 0, 2, 0, 3],
            &[Some(0), Some(1), Some(4), Some(5), Some(6)],
        );
        check(&[0, 0, 0], &[0], &[Some(0), None, None]);
        check(&[1, 2, 3, 4], &[4, 1, 2, 3], &[Some(1), Some(2), Some(3), None]);
    }

    #[test]
    fn the_heaviest_rise_is_kept() {
        assert_eq!(heaviest_rise(&[3, 0, 1, 2], &[1, 1, 1, 1]), [false, true, true, true]);
        assert_eq!(heaviest_rise(&[3, 0, 1, 2], &[9, 1, 1, 1]), [true, false, false, false]);
        assert_eq!(heaviest_rise(&[], &[]), [] as [bool; 0]);
    }

    #[test]
    fn a_reversed_list_of_ten_thousand_is_compared_at_once() {
        let left: Vec<u32> = (0..10_000).collect();
        let right: Vec<u32> = (0..10_000).rev().collect();
        assert_eq!(align(&left, &right, &[]).iter().flatten().count(), 1);
    }

    proptest! {
        #[test]
        fn partners_are_equal_and_in_order(
            left in prop::collection::vec(0_u32..6, 0..30),
            right in prop::collection::vec(0_u32..6, 0..30),
        ) {
            let pairs = align(&left, &right, &[]);
            let mut from = 0;
            for (place, partner) in pairs.iter().enumerate() {
                let Some(partner) = partner else { continue };
                prop_assert!(from <= *partner);
                prop_assert_eq!(left[place], right[*partner]);
                from = partner + 1;
            }
        }
    }
}
