//! How lists scroll: as little as it takes for the cursor to be seen.

/// The first row to draw: the offset as it was, unless the cursor or the end says otherwise.
pub fn offset(offset: usize, cursor: usize, (fits, count): (usize, usize)) -> usize {
    let lowest = cursor.saturating_sub(fits.saturating_sub(1));
    let last = count.saturating_sub(fits.min(count));
    offset.clamp(lowest, cursor.max(lowest)).min(last)
}

#[cfg(test)]
mod tests {
    use super::offset;

    #[test]
    fn a_list_moves_only_when_the_cursor_leaves_the_screen() {
        let check = |before, cursor, after| {
            assert_eq!(offset(before, cursor, (5, 20)), after, "{before} {cursor}");
        };
        check(0, 4, 0);
        check(0, 5, 1);
        check(7, 9, 7);
        check(7, 6, 6);
        check(19, 19, 15);
        assert_eq!(offset(3, 0, (5, 2)), 0, "all of it fits");
        assert_eq!(offset(3, 7, (0, 9)), 7, "nothing fits");
    }
}
