//! Tokens: the words behind a title that say a task's fields.

use serde_json::Value;

use super::escape::{percent, unpercent};
use crate::domain::id::canonical_prefix;
use crate::domain::record::Fields;
use crate::domain::task::{MINUTES_MAX, Priority};
use crate::domain::text::{WORD_MAX, is_invisible, one_line};

/// Minutes of a working day.
const DAY: u32 = 480;
const HOUR: u32 = 60;

/// What a token says of a field, or why that cannot be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    pub(super) field: &'static str,
    /// For `tags` one of them.
    pub(super) value: Result<Value, String>,
}

/// Reads one word; `None` where it is no token.
///
/// Formatters put a backslash before `_`; it does not count within a word.
pub(super) fn read(word: &str) -> Option<Said> {
    if word.contains("\\_") {
        return read_plain(&word.replace("\\_", "_"));
    }
    read_plain(word)
}

fn read_plain(word: &str) -> Option<Said> {
    let said = |field, value| Some(Said { field, value });
    let mut characters = word.chars();
    let sign = characters.next()?;
    let rest = characters.as_str();
    match sign {
        '!' if is_plain(rest) => said("priority", priority(rest)),
        '@' if is_word(rest) => said("role", name("role", rest)),
        '#' if is_word(rest) => said("tags", tag(rest)),
        '~' if is_amount(rest) => said("estimate_minutes", estimate(rest)),
        _ => {
            let (key, rest) = word.split_once(':')?;
            match key.to_ascii_lowercase().as_str() {
                "due" if is_word(rest) => said("due", due(rest)),
                "after" if is_list(rest) => said("depends_on", after(rest)),
                "for" if is_word(rest) => said("assignee", name("assignee", rest)),
                _ => None,
            }
        }
    }
}

/// The tokens of a task's fields, in the order of a line; what is at rest has none.
pub(super) fn print(fields: &Fields) -> Vec<String> {
    let text = |field: &str| fields.get(field).and_then(Value::as_str).filter(|it| !it.is_empty());
    let list = |field: &str| -> Vec<&str> {
        let values = fields.get(field).and_then(Value::as_array).into_iter().flatten();
        values.filter_map(Value::as_str).collect()
    };
    let mut tokens = Vec::new();
    let urgency = text("priority").filter(|word| *word != Priority::Normal.as_str());
    tokens.extend(urgency.map(|word| format!("!{word}")));
    tokens.extend(text("role").map(|word| format!("@{}", encode(word))));
    tokens.extend(list("tags").iter().map(|word| format!("#{}", encode(word))));
    let minutes = fields.get("estimate_minutes").and_then(Value::as_u64);
    tokens.extend(minutes.map(|minutes| format!("~{}", amount(minutes))));
    tokens.extend(text("due").map(|day| format!("due:{day}")));
    let waits = list("depends_on");
    if !waits.is_empty() {
        tokens.push(format!("after:{}", waits.join(",")));
    }
    tokens.extend(text("assignee").map(|word| format!("for:{}", encode(word))));
    tokens
}

fn priority(text: &str) -> Result<Value, String> {
    let words = || format!("!{text} is no priority; it is one of !{}", Priority::TEXTS.join(", !"));
    text.parse().map(|priority: Priority| priority.as_str().into()).map_err(|_| words())
}

fn name(field: &str, text: &str) -> Result<Value, String> {
    let name = one_line(field, &unpercent(text), WORD_MAX).map_err(|refusal| refusal.message)?;
    Ok(name.into())
}

fn tag(text: &str) -> Result<Value, String> {
    let tag = one_line("tag", unpercent(text).trim_start_matches('#'), WORD_MAX)
        .map_err(|refusal| refusal.message)?;
    if tag.contains(|character: char| character.is_whitespace() || character == ',') {
        return Err(format!("tag {tag:?} holds a space or a comma; join the words with a dash"));
    }
    Ok(tag.into())
}

fn estimate(text: &str) -> Result<Value, String> {
    minutes(text).map(Value::from).ok_or_else(|| {
        format!("~{text} is no estimate; it is a number with m, h or d, such as ~90m, ~2h or ~3d")
    })
}

/// Reads `90m`, `1.5h`, `1d4h`.
fn minutes(text: &str) -> Option<u32> {
    let mut total: u64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let (number, tail) = rest.split_at_checked(end)?;
        let mut tail = tail.chars();
        let unit = match tail.next()?.to_ascii_lowercase() {
            'm' => 1,
            'h' => HOUR,
            'd' => DAY,
            _ => return None,
        };
        rest = tail.as_str();
        let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
        if 7 < whole.len() || 3 < part.len() {
            return None;
        }
        let scale = 10_u64.pow(u32::try_from(part.len()).ok()?);
        let scaled = whole.parse::<u64>().ok()? * scale + part.parse::<u64>().ok()?;
        let scaled = scaled * u64::from(unit);
        if !scaled.is_multiple_of(scale) {
            return None;
        }
        total += scaled / scale;
    }
    u32::try_from(total).ok().filter(|total| *total <= MINUTES_MAX)
}

fn amount(minutes: u64) -> String {
    let (day, hour) = (u64::from(DAY), u64::from(HOUR));
    if minutes == 0 || !minutes.is_multiple_of(hour) {
        format!("{minutes}m")
    } else if minutes.is_multiple_of(day) {
        format!("{}d", minutes / day)
    } else {
        format!("{}h", minutes / hour)
    }
}

fn due(text: &str) -> Result<Value, String> {
    let day = text.split(['T', 't']).next().unwrap_or_default();
    day.parse::<jiff::civil::Date>()
        .map(|date| date.to_string().into())
        .map_err(|_| format!("due:{text} is no day; write it as due:2026-11-30"))
}

fn after(text: &str) -> Result<Value, String> {
    let given = text.split(',').filter(|item| !item.is_empty());
    let ids: Option<Vec<String>> =
        given.map(|item| canonical_prefix('t', item).filter(|id| "t-".len() < id.len())).collect();
    let mut ids = ids.filter(|ids| !ids.is_empty()).ok_or_else(|| {
        format!("after:{text} names no task; write ids such as after:t-7k3q9xwb,t-3f9k2m1p")
    })?;
    ids.sort();
    ids.dedup();
    Ok(ids.into())
}

/// Writes a name as a word that is read back as the same.
fn encode(name: &str) -> String {
    let word = percent(name, |character| character != '%' && is_word_character(character));
    if is_word(&word) { word } else { percent(name, |_| false) }
}

fn is_plain(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.chars().all(|it| it.is_ascii_alphanumeric() || it == '-' || it == '_')
}

fn is_amount(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
        && text.chars().all(|it| it.is_ascii_alphanumeric() || it == '.')
}

fn is_list(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|it| it == ',' || is_word_character(it))
}

fn is_word(text: &str) -> bool {
    let says_something = |it: char| it.is_alphanumeric() || it == '%' || !it.is_ascii();
    text.chars().all(is_word_character)
        && text.chars().any(says_something)
        && !text.starts_with(['#', '/', '+', ':', '&', '-'])
        && !text.ends_with(['.', ':'])
}

fn is_word_character(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphanumeric() || "_-./+#:&%".contains(character);
    }
    !character.is_whitespace() && !character.is_control() && !is_invisible(character)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_are_tokens_by_their_form() {
        for (word, field, value) in [
            ("!high", "priority", json!("high")),
            ("!URGENT", "priority", json!("critical")),
            ("@implementer", "role", json!("implementer")),
            ("@code%20reviewer", "role", json!("code reviewer")),
            ("#auth", "tags", json!("auth")),
            ("#c++", "tags", json!("c++")),
            ("#1", "tags", json!("1")),
            (r"#snake\_case", "tags", json!("snake_case")),
            ("#日本語", "tags", json!("日本語")),
            ("~90m", "estimate_minutes", json!(90)),
            ("~2h", "estimate_minutes", json!(120)),
            ("~3D", "estimate_minutes", json!(1440)),
            ("~1.5h", "estimate_minutes", json!(90)),
            ("~1h30m", "estimate_minutes", json!(90)),
            ("due:2026-12-01", "due", json!("2026-12-01")),
            ("Due:2026-12-01", "due", json!("2026-12-01")),
            ("after:t-3F9k2m1p", "depends_on", json!(["t-3f9k2m1p"])),
            ("after:t-b,t-a,", "depends_on", json!(["t-a", "t-b"])),
            ("for:agent:codex", "assignee", json!("agent:codex")),
        ] {
            assert_eq!(read(word), Some(Said { field, value: Ok(value) }), "{word}");
        }
    }

    #[test]
    fn tokens_without_a_legal_value_are_tokens_with_a_problem() {
        let long = format!("#{}", "x".repeat(WORD_MAX + 1));
        for word in [
            "!urgnt",
            "~5",
            "~2w",
            "~0.7m",
            "~9999999d",
            "due:soon",
            "due:2026-02-30",
            "after:party",
            "after:t-",
            "after:,",
            "after:t-u",
            "#a%20b",
            "#a%2Cb",
            "@%0A",
            &long,
        ] {
            assert!(read(word).is_some_and(|said| said.value.is_err()), "{word}");
        }
    }

    #[test]
    fn other_words_are_words() {
        for word in [
            "!", "!!", "high!", "!high!", "@", "#", "##", "a#b", "~", "~50%", "~x", "due:", "for:",
            "after:", "note:x", "\\#1", r"#a\b", r"\#a\_b", "@bob.", "(@bob)", "C#", "",
            "http://x", "#-", "~",
        ] {
            assert_eq!(read(word), None, "{word}");
        }
    }

    #[test]
    fn amounts_are_printed_in_the_largest_unit_that_fits() {
        let printed = [0, 1, 59, 60, 90, 120, 480, 540, 1440].map(amount);
        assert_eq!(printed, ["0m", "1m", "59m", "1h", "90m", "2h", "1d", "9h", "3d"]);
    }

    #[test]
    fn any_name_is_read_back() {
        for text in ["a b", "%", "100%", "a,b", "x.", ":", "-", "é", "<!--", "\\", "\u{2003}x", "."]
        {
            let word = encode(text);
            assert!(is_word(&word), "{text:?} gives {word:?}");
            assert_eq!(unpercent(&word), text);
        }
    }
}
