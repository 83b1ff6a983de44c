//! Text of somebody else's in the read-only parts of documents: on one line, and harmless.

use crate::domain::text::visible_line;
use crate::domain::time::Timestamp;

/// A text on one line of markdown, as itself: nothing in it is markup, a stamp or the end of a
/// table's cell.
pub(crate) fn plain(text: &str) -> String {
    let line = visible_line(text);
    let mut safe = String::with_capacity(line.len());
    let mut before = ' ';
    let mut rest = line.trim().chars().peekable();
    while let Some(character) = rest.next() {
        let next = rest.peek().copied().unwrap_or(' ');
        let is_markup = match character {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' => true,
            '&' => next.is_ascii_alphabetic() || next == '#',
            '_' => !(before.is_alphanumeric() && next.is_alphanumeric()),
            '#' | '+' | '-' | '=' => safe.is_empty(),
            _ => false,
        };
        if is_markup {
            safe.push('\\');
        }
        safe.push(character);
        before = character;
    }
    safe
}

/// The first paragraph of a text on one line, cut after some characters.
pub(super) fn gist(text: &str, characters: usize) -> String {
    let paragraph: Vec<&str> =
        text.trim().lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let line = paragraph.join(" ");
    match line.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or(&line).trim_end()),
        None => line,
    }
}

/// Code in backticks, whatever backticks it holds.
pub(super) fn code(text: &str) -> String {
    let line = visible_line(text).replace('|', "\\|");
    let ticks = "`".repeat(longest_run(&line) + 1);
    let pad = if line.starts_with('`') || line.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{line}{pad}{ticks}")
}

/// A fenced block that nothing in the text can close.
pub(crate) fn fenced(text: &str, language: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let end = if text.ends_with('\n') || text.is_empty() { "" } else { "\n" };
    format!("{fence}{language}\n{text}{end}{fence}\n")
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

/// A bar of block characters.
pub(super) fn bar(percent: u8, width: usize) -> String {
    // Only what is complete fills the bar.
    let filled = usize::from(percent.min(100)) * width / 100;
    format!("{}{}", "█".repeat(filled), "░".repeat(width - filled))
}

/// The minute of a moment, in UTC.
pub(super) fn minute(at: Timestamp) -> String {
    let text = at.to_string();
    let minute: String = text.chars().take(16).collect();
    format!("{} UTC", minute.replace('T', " "))
}

/// A number of bytes for people.
pub(crate) fn size(bytes: i64) -> String {
    match bytes {
        ..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KiB", (bytes + 512) / 1024),
        _ => format!("{} MiB", (bytes + 524_288) / 1_048_576),
    }
}

/// A word of ours as the beginning of a sentence: `next_steps` becomes `Next steps`.
pub(crate) fn title(word: &str) -> String {
    let spaced = visible_line(word).replace('_', " ");
    let mut characters = spaced.trim().chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => spaced,
    }
}

/// A scalar of YAML, in quotes where it has to be.
pub(super) fn yaml(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        && !["true", "false", "null", "yes", "no", "on", "off"]
            .contains(&text.to_ascii_lowercase().as_str());
    if is_plain { text.to_owned() } else { serde_json::Value::from(visible_line(text)).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_is_no_markup() {
        for (text, expected) in [
            ("snake_case and _this_", "snake_case and \\_this\\_"),
            ("a | b <!-- t-00000000 abcdef -->", "a \\| b \\<!-- t-00000000 abcdef --\\>"),
            ("# not a heading", "\\# not a heading"),
            ("two\nlines\t`x`", "two lines \\`x\\`"),
            ("this & that &amp; &#35;", "this & that \\&amp; \\&#35;"),
            ("[link](http://a)", "\\[link\\](http://a)"),
        ] {
            assert_eq!(plain(text), expected);
        }
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(fenced("a\n```\nb", "text"), "````text\na\n```\nb\n````\n");
    }

    #[test]
    fn figures_are_short() {
        assert_eq!(bar(50, 4), "██░░");
        assert_eq!(bar(99, 10), "█████████░");
        assert_eq!(minute(Timestamp(1_795_442_599_000)), "2026-11-23 14:03 UTC");
        assert_eq!(Timestamp(1_795_442_599_000).day(), "2026-11-23");
        assert_eq!([size(12), size(2048), size(5_000_000)], ["12 B", "2 KiB", "5 MiB"]);
        assert_eq!(gist("one\ntwo\n\nthree", 100), "one two");
        assert_eq!(gist("one two three", 8), "one two…");
        assert_eq!([yaml("default"), yaml("no"), yaml("a: b")], ["default", "\"no\"", "\"a: b\""]);
    }
}
