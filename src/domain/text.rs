//! Text from people, agents and files: bounded, and harmless to show.
//!
//! What is stored is what was given (line endings apart); control characters are refused in
//! one-line fields and shown as visible symbols wherever text is drawn.

use super::refusal::{Code, Refusal};

/// Longest title, in characters.
pub const TITLE_MAX: usize = 255;
/// Longest description, in bytes.
pub const DESCRIPTION_MAX: usize = 64 * 1024;
/// Longest name of a session or a group, in characters.
pub const NAME_MAX: usize = 100;
/// Longest reason, remark or summary, in bytes.
pub const REMARK_MAX: usize = 16 * 1024;
/// Longest tag, role or assignee, in characters.
pub const WORD_MAX: usize = 64;

/// Tells whether a character takes no place and may deceive: zero-width and directional marks.
pub fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}'
        | '\u{FEFF}' | '\u{061C}' | '\u{00AD}' | '\u{180E}' | '\u{E0000}'..='\u{E007F}')
}

/// As much of a text as so many bytes hold.
pub fn beginning(text: &str, bytes_max: usize) -> &str {
    let ends = text.char_indices().map(|(at, character)| at + character.len_utf8());
    let end = ends.take_while(|end| *end <= bytes_max).last().unwrap_or(0);
    text.get(..end).unwrap_or(text)
}

/// Returns the text with everything a terminal would act on made visible; newlines and tabs stay.
pub fn visible(text: &str) -> String {
    text.chars().map(visible_char).collect()
}

/// Returns the text on one line with everything a terminal would act on made visible.
pub fn visible_line(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\r' | '\t' => ' ',
            other => visible_char(other),
        })
        .collect()
}

fn visible_char(character: char) -> char {
    match character {
        '\n' | '\t' => character,
        '\u{0}'..='\u{1F}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{FFFD}'),
        '\u{7F}' => '\u{2421}',
        '\u{80}'..='\u{9F}' => '\u{FFFD}',
        other if is_invisible(other) => '\u{FFFD}',
        other => other,
    }
}

/// Takes a one-line field: trimmed, not empty, without control characters, at most `max` characters.
///
/// # Errors
///
/// [`Code::InvalidText`] naming the field and what is wrong with it.
pub fn one_line(field: &str, text: &str, max: usize) -> Result<String, Refusal> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(refuse(field, "is empty", "give it at least one visible character"));
    }
    let length = trimmed.chars().count();
    if length > max {
        let problem = format!("is {length} characters long; the limit is {max}");
        let rest = if field == "title" { " and put the rest in the description" } else { "" };
        return Err(refuse(field, &problem, &format!("shorten it{rest}")));
    }
    if trimmed.chars().any(char::is_control) {
        let problem = "holds a line break or another control character";
        return Err(refuse(field, problem, "send it as one plain line"));
    }
    Ok(trimmed.to_owned())
}

/// Takes a text of several lines: line endings made `\n`, at most `max` bytes, no NUL.
///
/// # Errors
///
/// [`Code::InvalidText`] naming the field and what is wrong with it.
pub fn many_lines(field: &str, text: &str, max: usize) -> Result<String, Refusal> {
    if text.len() > max {
        let problem = format!("is {} bytes long; the limit is {max}", text.len());
        return Err(refuse(field, &problem, "shorten it, or keep the long text in a file"));
    }
    if text.contains('\0') {
        return Err(refuse(field, "holds a NUL character", "send plain text"));
    }
    Ok(text.replace("\r\n", "\n").replace('\r', "\n"))
}

fn refuse(field: &str, problem: &str, suggestion: &str) -> Refusal {
    Refusal::new(Code::InvalidText, format!("{field} {problem}"))
        .with("field", field)
        .suggest(suggestion)
}

/// Tells whether a letter is of a language that is written without spaces: each is a word for the
/// index, and several are found as a phrase. The same letters are in migration 8.
pub fn is_word_by_itself(character: char) -> bool {
    matches!(character,
        '々'..='〇' | 'ぁ'..='ヿ' | 'ㇰ'..='ㇿ' | '㐀'..='䶿' | '一'..='鿿' | '가'..='힣'
        | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FF9F}' | '\u{20000}'..='\u{323AF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_are_shown_and_not_sent() {
        assert_eq!(
            visible_line("a\u{1b}[31mb\u{202e}c\nd\u{9b}"),
            "a\u{241b}[31mb\u{fffd}c d\u{fffd}"
        );
    }

    #[test]
    fn a_title_of_ten_megabytes_is_refused_with_its_limit() {
        let refusal = one_line("title", &"x".repeat(10 << 20), TITLE_MAX).unwrap_err();
        assert_eq!(refusal.message, "title is 10485760 characters long; the limit is 255");
    }
}
