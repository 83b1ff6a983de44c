//! What an edit in one place changes, as lines.

/// Lines shown around the change.
const CONTEXT: usize = 3;

/// One line of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line<'a> {
    Same(&'a str),
    Added(&'a str),
    Removed(&'a str),
}

/// The lines between the common beginning and the common end, with some around them.
pub(super) fn diff<'a>(before: &'a str, after: &'a str) -> Vec<Line<'a>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let head = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let most = old.len().min(new.len()) - head;
    let tails = old.iter().rev().zip(new.iter().rev());
    let tail = tails.take(most).take_while(|(old, new)| old == new).count();
    let middle = |lines: &[&'a str]| {
        lines.get(head..lines.len() - tail).map(<[&str]>::to_vec).unwrap_or_default()
    };
    let above = old.iter().take(head).skip(head.saturating_sub(CONTEXT));
    let below = old.iter().skip(old.len() - tail).take(CONTEXT);
    let mut lines: Vec<Line<'_>> = above.copied().map(Line::Same).collect();
    lines.extend(middle(&old).into_iter().map(Line::Removed));
    lines.extend(middle(&new).into_iter().map(Line::Added));
    lines.extend(below.copied().map(Line::Same));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_shown_with_what_is_around_it() {
        assert_eq!(
            diff("1\n2\n3\n4\na\n5\n6\n7\n8", "1\n2\n3\n4\nb\nc\n5\n6\n7\n8"),
            [
                Line::Same("2"),
                Line::Same("3"),
                Line::Same("4"),
                Line::Removed("a"),
                Line::Added("b"),
                Line::Added("c"),
                Line::Same("5"),
                Line::Same("6"),
                Line::Same("7"),
            ]
        );
        assert_eq!(diff("", "x"), [Line::Added("x")]);
        assert_eq!(diff("x\nx", "x"), [Line::Same("x"), Line::Removed("x")]);
    }
}
