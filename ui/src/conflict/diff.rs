//! Two texts side by side: which lines differ, and which words in them.

use similar::{ChangeTag, InlineChange, TextDiff};

/// A stretch of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    /// Tells whether it is what differs within its line.
    pub is_marked: bool,
}

/// A line of one side.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    pub pieces: Vec<Piece>,
}

/// What stands beside each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// Both sides have the line.
    Same(Line),
    /// They differ here; a side that has fewer lines has none.
    Differs { left: Option<Line>, right: Option<Line> },
}

/// Compares two texts.
pub fn rows(left: &str, right: &str) -> Vec<Row> {
    // A missing line ending at the end is no difference that anybody sees.
    let ended = |text: &str| match text {
        "" => String::new(),
        text if text.ends_with('\n') => text.to_owned(),
        text => format!("{text}\n"),
    };
    let (left, right) = (ended(left), ended(right));
    let diff = TextDiff::from_lines(&left, &right);
    let mut rows = Vec::new();
    for op in diff.ops() {
        let (mut gone, mut new) = (Vec::new(), Vec::new());
        for change in diff.iter_inline_changes(op) {
            match change.tag() {
                ChangeTag::Equal => rows.push(Row::Same(line(&change))),
                ChangeTag::Delete => gone.push(line(&change)),
                ChangeTag::Insert => new.push(line(&change)),
            }
        }
        let (mut gone, mut new) = (gone.into_iter(), new.into_iter());
        loop {
            match (gone.next(), new.next()) {
                (None, None) => break,
                (left, right) => rows.push(Row::Differs { left, right }),
            }
        }
    }
    rows
}

fn line(change: &InlineChange<'_, str>) -> Line {
    let pieces = change.iter_strings_lossy().map(|(is_marked, text)| Piece {
        text: text.trim_end_matches(['\n', '\r']).to_owned(),
        is_marked,
    });
    Line { pieces: pieces.filter(|piece| !piece.text.is_empty()).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row as `left|right`, with what differs in brackets.
    fn check(left: &str, right: &str, expected: &[&str]) {
        let piece = |piece: &Piece| {
            if piece.is_marked { format!("[{}]", piece.text) } else { piece.text.clone() }
        };
        let text = |line: &Line| line.pieces.iter().map(piece).collect::<String>();
        let side = |line: &Option<Line>| line.as_ref().map_or_else(|| "~".to_owned(), text);
        let rows = rows(left, right);
        let shown: Vec<String> = rows
            .iter()
            .map(|row| match row {
                Row::Same(line) => text(line),
                Row::Differs { left, right } => format!("{}|{}", side(left), side(right)),
            })
            .collect();
        assert_eq!(shown, expected, "{left:?} {right:?}");
    }

    #[test]
    fn lines_that_differ_stand_beside_each_other_with_their_words_marked() {
        check(
            "Keep the last 20 backups.\nVerify each.\n",
            "Keep the last 14 backups.\nVerify each.\nNever delete the newest.\n",
            &[
                "Keep the last [20] backups.|Keep the last [14] backups.",
                "Verify each.",
                "~|Never delete the newest.",
            ],
        );
        check("a\nb", "", &["a|~", "b|~"]);
        check("", "", &[]);
        check("same", "same", &["same"]);
    }
}
