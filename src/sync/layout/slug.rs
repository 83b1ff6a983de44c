//! Slugs: names as file names that every system and every forge can hold.

use super::SLUG_MAX;

/// Names that Windows gives to devices.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Letters with marks, and what is left of them without.
const FOLDED: [(&str, &str); 24] = [
    ("àáâãåāăą", "a"),
    ("äæ", "ae"),
    ("çćĉċč", "c"),
    ("ďđð", "d"),
    ("èéêëēĕėęě", "e"),
    ("ĝğġģ", "g"),
    ("ĥħ", "h"),
    ("ìíîïĩīĭįı", "i"),
    ("ĵ", "j"),
    ("ķ", "k"),
    ("ĺļľŀł", "l"),
    ("ñńņň", "n"),
    ("òóôõøōŏő", "o"),
    ("öœ", "oe"),
    ("ŕŗř", "r"),
    ("śŝşšș", "s"),
    ("ß", "ss"),
    ("ţťŧț", "t"),
    ("þ", "th"),
    ("ùúûũūŭůűų", "u"),
    ("ü", "ue"),
    ("ŵ", "w"),
    ("ýÿŷ", "y"),
    ("źżž", "z"),
];

/// A name in small ASCII letters, digits and single dashes, at most [`SLUG_MAX`] long; `instead`
/// where nothing of the name is left.
pub fn slug(name: &str, instead: &str) -> String {
    let mut slug = String::new();
    for character in name.chars().flat_map(char::to_lowercase) {
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if let Some(letters) = folded(character) {
            slug.push_str(letters);
        } else if !slug.ends_with('-') && !is_mark(character) && !slug.is_empty() {
            slug.push('-');
        }
        if SLUG_MAX < slug.len() {
            break;
        }
    }
    slug.truncate(SLUG_MAX);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        return instead.to_owned();
    }
    let is_port = ["com", "lpt"]
        .iter()
        .any(|port| slug.strip_prefix(port).is_some_and(|rest| rest.len() == 1 && rest != "0"));
    if RESERVED.contains(&slug) || is_port { format!("{slug}-{instead}") } else { slug.to_owned() }
}

fn folded(character: char) -> Option<&'static str> {
    FOLDED.iter().find(|(letters, _)| letters.contains(character)).map(|(_, plain)| *plain)
}

/// Marks that stand on the letter before them, and apostrophes inside of words.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36F}' | '\'' | '’')
}
