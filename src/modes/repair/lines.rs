//! What a line with a flaw may have been meant to be.

use crate::domain::mode::MODE_NAME_MAX;
use crate::modes::folder::quoted;
use crate::modes::problem::Place;

/// The indentation of a line, and the rest.
fn split_indent(line: &str) -> (&str, &str) {
    line.split_at(line.len().saturating_sub(line.trim_start().len()))
}

fn is_key(text: &str) -> bool {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    !text.is_empty() && text.len() <= MODE_NAME_MAX && text.chars().all(is_word)
}

/// What may be put in the place of a line, the likeliest first, each with what was done.
pub(super) fn candidates(lines: &[&str], at: usize) -> Vec<(String, &'static str)> {
    let Some(line) = lines.get(at) else { return Vec::new() };
    let (indent, rest) = split_indent(line.trim_end());
    let (dash, rest) = match rest.strip_prefix("- ") {
        Some(item) => ("- ", item.trim_start()),
        None => ("", rest),
    };
    let mut found = Vec::new();
    let mut add = |rest: String, what: &'static str| {
        found.push((format!("{indent}{dash}{rest}"), what));
    };
    let (key, value) = match rest.split_once(':') {
        Some((key, value)) if is_key(key.trim_end()) => (Some(key.trim_end()), value),
        Some(_) | None => (None, rest),
    };
    let given = value.trim();
    let lead = key.map(|key| format!("{key}: ")).unwrap_or_default();
    if let Some(key) = key {
        let bare = given.trim_start_matches(':').trim();
        if bare.len() < given.len() {
            add(
                format!("{key}: {bare}").trim_end().to_owned(),
                "removed a colon that was too much",
            );
        }
        if !value.starts_with(' ') && !given.is_empty() {
            add(format!("{key}: {given}"), "put a space behind the colon");
        }
    }
    if let Some(closed) = closed(given) {
        add(format!("{lead}{closed}"), "closed what was opened");
    }
    if !dash.is_empty() && key.is_some() {
        add(quoted(rest), "put in quotes a text with a colon in it");
    }
    if !given.is_empty() && !given.starts_with('|') && !given.starts_with('>') {
        add(format!("{lead}{}", quoted(&unquoted(given))), "put the text in quotes");
    }
    if key.is_none() && dash.is_empty() {
        without_colon(rest, &mut add);
    }
    found.extend(aligned(lines, at));
    found
}

/// What a line without a colon may have been meant to be.
fn without_colon(rest: &str, add: &mut impl FnMut(String, &'static str)) {
    let (first, more) = rest.split_once(' ').unwrap_or((rest, ""));
    if is_key(first) {
        add(format!("{first}: {}", more.trim()).trim_end().to_owned(), "added a missing colon");
    }
}

/// The value with the quote or bracket closed that it opens.
fn closed(value: &str) -> Option<String> {
    let close = match value.chars().next()? {
        '"' => '"',
        '\'' => '\'',
        '[' => ']',
        '{' => '}',
        _ => return None,
    };
    let is_closed = 1 < value.len() && value.ends_with(close);
    (!is_closed).then(|| format!("{}{close}", value.trim_end_matches(',')))
}

/// The text inside of quotes that do not hold.
fn unquoted(value: &str) -> String {
    let inner = value.strip_prefix(['"', '\'']).unwrap_or(value);
    inner
        .strip_suffix(['"', '\''])
        .filter(|_| inner.len() < value.len())
        .unwrap_or(inner)
        .to_owned()
}

/// The line indented as lines above it are.
fn aligned(lines: &[&str], at: usize) -> Vec<(String, &'static str)> {
    let Some((indent, rest)) = lines.get(at).map(|line| split_indent(line)) else {
        return Vec::new();
    };
    let mut found: Vec<(String, &'static str)> = Vec::new();
    let above = lines.iter().take(at).rev().filter(|line| !line.trim().is_empty());
    for above in above.take(12) {
        let (other, of_above) = split_indent(above);
        let is_like = of_above.starts_with("- ") == rest.starts_with("- ");
        let line = format!("{other}{rest}");
        if is_like
            && other.len().abs_diff(indent.len()) == 1
            && !found.iter().any(|(had, _)| *had == line)
        {
            found.push((line, "indented like the lines above"));
        }
    }
    found
}

/// Writes a key as it was meant; tells whether it stood there.
pub(super) fn rename(lines: &mut [String], place: Place, wrong: &str, right: &str) -> bool {
    let Some(line) = lines.get_mut(place.line.saturating_sub(1)) else { return false };
    let Some((before, rest)) = split_at_column(line, place.column) else { return false };
    let Some(after) = rest.strip_prefix(wrong) else { return false };
    *line = format!("{before}{right}{after}");
    true
}

/// Puts in quotes what stands from a place to the end of its line, unless it goes on below.
pub(super) fn quote_from(lines: &mut [String], place: Place) -> bool {
    let at = place.line.saturating_sub(1);
    let below = lines.iter().skip(at.saturating_add(1)).find(|line| !line.trim().is_empty());
    let goes_on = below.is_some_and(|below| place.column <= split_indent(below).0.len());
    let Some(line) = lines.get_mut(at).filter(|_| !goes_on) else { return false };
    let Some((before, rest)) = split_at_column(line, place.column) else { return false };
    let (text, comment) = match rest.split_once(" #") {
        Some((text, comment)) => (text, format!(" #{comment}")),
        None => (rest, String::new()),
    };
    let is_plain = !text.starts_with(['{', '[', '"', '\'', '&', '*', '!', '?']);
    let changed = format!("{before}{}{comment}", quoted(text.trim_end()));
    if is_plain {
        *line = changed;
    }
    is_plain
}

fn split_at_column(line: &str, column: usize) -> Option<(&str, &str)> {
    let skipped = column.saturating_sub(1);
    let at = line.char_indices().nth(skipped).map_or(line.len(), |(at, _)| at);
    line.split_at_checked(at)
}
