//! Two texts side by side: which lines differ, and which words in them.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput, Token, TokenSource};
use unicode_segmentation::UnicodeSegmentation as _;

/// Lines that have less than this share of their words in common are others, and no word in them is
/// marked.
const ALIKE: f64 = 0.5;

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
    let lines = InternedInput::new(Lines(left), Lines(right));
    let mut diff = Diff::compute(Algorithm::Histogram, &lines);
    diff.postprocess_lines(&lines);
    let text = |tokens: &[Token]| -> Vec<&str> {
        tokens.iter().map(|token| lines.interner[*token]).collect()
    };
    let (lefts, rights) = (text(&lines.before), text(&lines.after));
    let mut rows = Vec::new();
    let mut at = 0;
    for hunk in diff.hunks() {
        rows.extend(part(&lefts, at..hunk.before.start).iter().map(|line| same(line)));
        rows.extend(differing(part(&lefts, hunk.before.clone()), part(&rights, hunk.after)));
        at = hunk.before.end;
    }
    let end = u32::try_from(lefts.len()).unwrap_or(u32::MAX);
    rows.extend(part(&lefts, at..end).iter().map(|line| same(line)));
    rows
}

/// The lines of a text, without their endings: whether the last one has any is no difference that
/// anybody sees.
#[derive(Clone, Copy)]
struct Lines<'a>(&'a str);

impl<'a> TokenSource for Lines<'a> {
    type Token = &'a str;
    type Tokenizer = std::str::Lines<'a>;

    fn tokenize(&self) -> Self::Tokenizer {
        self.0.lines()
    }

    fn estimate_tokens(&self) -> u32 {
        u32::try_from(self.0.len() / 40).unwrap_or(u32::MAX)
    }
}

fn part<'a, 'b>(lines: &'b [&'a str], range: Range<u32>) -> &'b [&'a str] {
    let place = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    lines.get(place(range.start)..place(range.end)).unwrap_or_default()
}

fn same(line: &str) -> Row {
    Row::Same(Line { pieces: pieces([(line, false)]) })
}

/// Lines of both sides that stand in each other's place.
fn differing(left: &[&str], right: &[&str]) -> Vec<Row> {
    let (mut gone, mut new) = marked(left, right);
    let rows = gone.len().max(new.len());
    let (mut gone, mut new) = (gone.drain(..), new.drain(..));
    (0..rows).map(|_| Row::Differs { left: gone.next(), right: new.next() }).collect()
}

/// The lines of both sides with the words marked that the other one does not have.
fn marked(left: &[&str], right: &[&str]) -> (Vec<Line>, Vec<Line>) {
    let mut words: InternedInput<&str> = InternedInput::default();
    words.update_before(left.iter().flat_map(|line| line.split_word_bounds()));
    words.update_after(right.iter().flat_map(|line| line.split_word_bounds()));
    let mut diff = Diff::compute(Algorithm::Myers, &words);
    diff.postprocess_no_heuristic(&words);
    let all = f64::from(words_in(words.before.len()) + words_in(words.after.len()));
    let others = f64::from(diff.count_removals() + diff.count_additions());
    let are_alike = ALIKE * all <= all - others;
    (
        side(left, |word| are_alike && diff.is_removed(word)),
        side(right, |word| are_alike && diff.is_added(word)),
    )
}

fn words_in(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX / 2)
}

/// The lines of one side; `is_other` tells by its number whether only this side has a word.
fn side(lines: &[&str], is_other: impl Fn(u32) -> bool) -> Vec<Line> {
    let mut numbers = 0..;
    let mut line = |line: &&str| {
        let words = line.split_word_bounds().zip(&mut numbers);
        let mut marks: Vec<(&str, bool)> =
            words.map(|(word, number)| (word, is_other(number))).collect();
        // What stands between two marked words is marked with them.
        for at in 1..marks.len().saturating_sub(1) {
            let is_between = matches!(
                marks.get(at - 1..=at + 1),
                Some([(_, true), (between, false), (_, true)]) if between.trim().is_empty()
            );
            if let Some((_, mark)) = marks.get_mut(at).filter(|_| is_between) {
                *mark = true;
            }
        }
        Line { pieces: pieces(marks) }
    };
    lines.iter().map(&mut line).collect()
}

/// Puts together what is marked alike.
fn pieces<'a>(words: impl IntoIterator<Item = (&'a str, bool)>) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (word, is_marked) in words.into_iter().filter(|(word, _)| !word.is_empty()) {
        match pieces.last_mut().filter(|last| last.is_marked == is_marked) {
            Some(last) => last.text.push_str(word),
            None => pieces.push(Piece { text: word.to_owned(), is_marked }),
        }
    }
    pieces
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
        check(
            "one\nThe fox is quick\nthree",
            "one\nThe fox is very very slow\n3\nthree\n",
            &["one", "The fox is [quick]|The fox is [very very slow]", "~|[3]", "three"],
        );
        check("nothing alike here", "wholly other", &["nothing alike here|wholly other"]);
        check("a\r\nb\r\n", "a\nb", &["a", "b"]);
        check("", "", &[]);
        check("same", "same", &["same"]);
    }
}
