//! How many of something, in words: one task, two tasks.

use std::fmt::Display;

/// A number with what it counts, in the singular or the plural: `1 task`, `3 entries`.
pub fn counted(count: impl Display, noun: &str) -> String {
    let count = count.to_string();
    if count == "1" { format!("1 {noun}") } else { format!("{count} {}", plural(noun)) }
}

/// The word that goes with a number: the first with one, the second with any other.
pub fn by_count<'a>(count: impl Display, one: &'a str, many: &'a str) -> &'a str {
    if count.to_string() == "1" { one } else { many }
}

fn plural(noun: &str) -> String {
    let is_vowel = |letter: char| matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u');
    if let Some(stem) = noun.strip_suffix('y').filter(|stem| !stem.ends_with(is_vowel)) {
        return format!("{stem}ies");
    }
    let hisses = ["s", "x", "ch", "sh"].iter().any(|end| noun.ends_with(end));
    if hisses { format!("{noun}es") } else { format!("{noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_in_the_plural_unless_it_is_one() {
        for (count, noun, text) in [
            (0, "task", "0 tasks"),
            (1, "task", "1 task"),
            (2, "stored artifact", "2 stored artifacts"),
            (1, "entry", "1 entry"),
            (3, "entry", "3 entries"),
            (5, "day", "5 days"),
            (4, "process", "4 processes"),
        ] {
            assert_eq!(counted(count, noun), text);
        }
        assert_eq!((by_count(1, "is", "are"), by_count(0, "is", "are")), ("is", "are"));
    }
}
