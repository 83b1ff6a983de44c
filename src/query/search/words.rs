//! Words of texts, as the index cuts and folds them: case and accents do not count.

use crate::domain::text::is_word_by_itself;

/// Where a word stands in a text, in bytes.
pub(super) type Span = (usize, usize);

/// The words of a text, at most so many.
pub(super) fn spans(text: &str, most: usize) -> Vec<Span> {
    let bytes = text.as_bytes();
    let mut found = Vec::with_capacity(most.min(bytes.len() / 6 + 1));
    let mut begun: Option<usize> = None;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        // Most text is plain, and needs no characters made of it.
        let character = if byte.is_ascii() {
            char::from(*byte)
        } else {
            text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or_default()
        };
        let end = at + character.len_utf8();
        let is_part = is_part(character);
        let is_word = is_part && !byte.is_ascii() && is_word_by_itself(character);
        if let Some(from) = begun.filter(|_| !is_part || is_word) {
            found.push((from, at));
            begun = None;
        }
        if is_word {
            found.push((at, end));
        } else if is_part && begun.is_none() {
            begun = Some(at);
        }
        if most <= found.len() {
            found.truncate(most);
            return found;
        }
        at = end;
    }
    found.extend(begun.map(|from| (from, text.len())));
    found
}

/// Tells whether a character is part of a word: letters, digits, and the accents on them.
fn is_part(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphanumeric();
    }
    character.is_alphanumeric() || is_accent(character)
}

/// Accents that stand as characters of their own.
fn is_accent(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36F}')
}

/// The words of a text, folded.
pub(super) fn folded(text: &str, most: usize) -> Vec<String> {
    spans(text, most)
        .into_iter()
        .filter_map(|(from, to)| text.get(from..to))
        .map(|word| fold(word).collect())
        .collect()
}

/// A word without case and accents.
pub(super) fn fold(word: &str) -> impl Iterator<Item = char> + '_ {
    word.chars().filter(|character| !is_accent(*character)).map(fold_char)
}

fn fold_char(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    let lower = character.to_lowercase().next().unwrap_or(character);
    ACCENTED
        .iter()
        .find(|(_, accented)| accented.contains(lower))
        .map_or(lower, |(plain, _)| *plain)
}

/// Letters of European languages that are found without their accents.
const ACCENTED: &[(char, &str)] = &[
    ('a', "àáâãäåāăąǎ"),
    ('c', "çćĉċč"),
    ('d', "ďḑ"),
    ('e', "èéêëēĕėęě"),
    ('g', "ĝğġģ"),
    ('h', "ĥȟ"),
    ('i', "ìíîïĩīĭį"),
    ('j', "ĵ"),
    ('k', "ķ"),
    ('l', "ĺļľ"),
    ('n', "ñńņňǹ"),
    ('o', "òóôõöōŏőǒ"),
    ('r', "ŕŗř"),
    ('s', "śŝşšș"),
    ('t', "ţťț"),
    ('u', "ùúûüũūŭůűųǔ"),
    ('w', "ŵẁẃẅ"),
    ('y', "ýÿŷỳ"),
    ('z', "źżž"),
];

/// How a word stands to one that is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    No,
    Begins,
    Whole,
}

/// Compares a word of a text with a folded word.
pub(super) fn fit(word: &str, wanted: &str) -> Fit {
    let (bytes, letters) = (word.as_bytes(), wanted.as_bytes());
    // A plain letter stays plain, so that most words are told apart by their first one.
    if let (Some(first), Some(letter)) = (bytes.first(), letters.first())
        && first.is_ascii()
        && first.to_ascii_lowercase() != *letter
    {
        return Fit::No;
    }
    if word.is_ascii() {
        return match bytes.get(..letters.len()) {
            Some(start) if start.eq_ignore_ascii_case(letters) => of_length(bytes, letters),
            Some(_) | None => Fit::No,
        };
    }
    let mut folded = fold(word);
    for letter in wanted.chars() {
        if folded.next() != Some(letter) {
            return Fit::No;
        }
    }
    if folded.next().is_some() { Fit::Begins } else { Fit::Whole }
}

/// How a word stands to its beginning.
fn of_length(word: &[u8], beginning: &[u8]) -> Fit {
    if beginning.len() < word.len() { Fit::Begins } else { Fit::Whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_and_folded_as_the_index_does() {
        for (text, words) in [
            ("Fix the login-form (v2)", vec!["fix", "the", "login", "form", "v2"]),
            ("Über Ärger; ÉTÉ", vec!["uber", "arger", "ete"]),
            ("e\u{301}te\u{301}", vec!["ete"]),
            ("データ 世界", vec!["デ", "ー", "タ", "世", "界"]),
            ("修复API登录x", vec!["修", "复", "api", "登", "录", "x"]),
            ("--- …", vec![]),
        ] {
            assert_eq!(folded(text, 100), words, "{text}");
        }
    }

    #[test]
    fn a_word_fits_whole_or_by_its_beginning() {
        assert_eq!(fit("Login", "login"), Fit::Whole);
        assert_eq!(fit("Logins", "login"), Fit::Begins);
        assert_eq!(fit("Log", "login"), Fit::No);
        assert_eq!(fit("Ürgent", "urg"), Fit::Begins);
        assert_eq!(fit("rgent", "ürg"), Fit::No);
        assert_eq!(fit("e\u{301}te\u{301}", "ete"), Fit::Whole);
        assert_eq!(fit("", "a"), Fit::No);
    }
}
