//! Edits of a TOML file of another program: one table of its own, the rest byte for byte.

use serde_json::{Map, Value};

/// What begins and ends a text of several lines.
const QUOTES: [&str; 2] = ["\"\"\"", "'''"];

/// Why a text was left alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    #[error("a text of several lines does not end")]
    Open,
    #[error("{section:?} is written there in a form that is not edited; add the entry by hand")]
    Form { section: String },
}

/// The lines of a table, counted from 0; the end is the line after the last that says something.
struct Block {
    start: usize,
    end: usize,
}

/// The text with a table more; where it is there already, with its lines replaced.
pub(super) fn put(text: &str, place: (&str, &str), table: &str) -> Result<String, Problem> {
    let mut lines: Vec<&str> = text.lines().collect();
    match find(text, place)? {
        Some(block) => {
            lines.splice(block.start..block.end, table.lines());
            Ok(joined(&lines))
        }
        None if text.trim().is_empty() => Ok(table.to_owned()),
        None => {
            let newline = if text.ends_with('\n') { "" } else { "\n" };
            Ok(format!("{text}{newline}\n{table}"))
        }
    }
}

/// The names of the tables of a section.
pub(super) fn names(text: &str, section: &str) -> Result<Vec<String>, Problem> {
    find(text, (section, ""))?;
    let within = format!("{section}.");
    let mut names: Vec<String> = Vec::new();
    let mut open = None;
    for line in text.lines() {
        let is_text = open.is_some();
        open = still_open(open, line);
        if is_text || !line.trim_start().starts_with('[') {
            continue;
        }
        let header = header(line);
        let name = header.strip_prefix(&within).and_then(|rest| rest.split('.').next());
        names.extend(name.map(str::to_owned).filter(|name| !names.contains(name)));
    }
    Ok(names)
}

/// The values of a table, as far as they are written as JSON writes them.
pub(super) fn plain(table: &str) -> Value {
    let value = |line: &str| {
        let (key, value) = line.split_once('=')?;
        Some((key.trim().to_owned(), serde_json::from_str(value.trim()).ok()?))
    };
    table.lines().filter_map(value).collect::<Map<String, Value>>().into()
}

/// The table as it stands there.
pub(super) fn get(text: &str, place: (&str, &str)) -> Result<Option<String>, Problem> {
    let lines: Vec<&str> = text.lines().collect();
    let block = find(text, place)?;
    Ok(block.and_then(|block| lines.get(block.start..block.end)).map(joined))
}

/// The text without the table.
pub(super) fn remove(text: &str, place: (&str, &str)) -> Result<String, Problem> {
    let Some(block) = find(text, place)? else { return Ok(text.to_owned()) };
    let mut lines: Vec<&str> = text.lines().collect();
    lines.drain(block.start..block.end);
    let is_blank = |at: usize| lines.get(at).is_none_or(|line| line.trim().is_empty());
    if block.start.checked_sub(1).is_some_and(is_blank) && is_blank(block.start) {
        lines.remove(block.start - 1);
    }
    Ok(joined(&lines))
}

fn joined(lines: &[&str]) -> String {
    lines.iter().fold(String::new(), |text, line| text + line + "\n")
}

fn find(text: &str, (section, name): (&str, &str)) -> Result<Option<Block>, Problem> {
    let own = format!("{section}.{name}");
    let inner = format!("{own}.");
    let mut block: Option<Block> = None;
    let (mut inside, mut at_root) = (false, true);
    let mut open = None;
    for (number, line) in text.lines().enumerate() {
        let is_text = open.is_some();
        open = still_open(open, line);
        if !is_text && line.trim_start().starts_with('[') {
            let header = header(line);
            at_root = false;
            inside = header == own || header.starts_with(&inner);
            if inside && block.is_none() {
                block = Some(Block { start: number, end: number + 1 });
            }
        } else if !is_text && at_root && key(line).is_some_and(|key| is_form(&key, section)) {
            return Err(Problem::Form { section: section.to_owned() });
        }
        let says = !line.trim().is_empty() && !line.trim_start().starts_with('#');
        if let Some(block) = block.as_mut().filter(|_| inside && (says || is_text)) {
            block.end = number + 1;
        }
    }
    if open.is_some() { Err(Problem::Open) } else { Ok(block) }
}

/// The name in a table's header, without quotes and blanks.
fn header(line: &str) -> String {
    let inner = line.trim_start().trim_start_matches('[').split(']').next().unwrap_or_default();
    inner.chars().filter(|character| !matches!(character, '"' | '\'' | ' ' | '\t')).collect()
}

fn key(line: &str) -> Option<String> {
    line.split_once('=').map(|(key, _)| header(key))
}

/// Tells whether a key writes the section as an inline table or with dots.
fn is_form(key: &str, section: &str) -> bool {
    key == section || key.strip_prefix(section).is_some_and(|rest| rest.starts_with('.'))
}

/// The quotes of a text of several lines that is open after a line.
fn still_open(mut open: Option<&'static str>, line: &str) -> Option<&'static str> {
    let mut rest = line;
    loop {
        let wanted = QUOTES.into_iter().filter(|quotes| open.is_none_or(|open| open == *quotes));
        let found = wanted.filter_map(|quotes| Some((rest.find(quotes)?, quotes))).min();
        let Some((at, quotes)) = found else { return open };
        open = if open.is_some() { None } else { Some(quotes) };
        rest = rest.get(at + quotes.len()..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: (&str, &str) = ("mcp_servers", "board");
    const TABLE: &str = "[mcp_servers.board]\ncommand = \"x\"\n";

    #[test]
    fn a_table_is_added_at_the_end_and_all_else_stays() {
        let check = |before: &str, after: &str| {
            assert_eq!(put(before, PLACE, TABLE).unwrap(), after);
            assert_eq!(get(after, PLACE).unwrap().as_deref(), Some(TABLE));
            assert_eq!(put(after, PLACE, TABLE).unwrap(), after);
        };
        check("", TABLE);
        check("a = 1 # mine", &format!("a = 1 # mine\n\n{TABLE}"));
        check("[x]\ny = 2\n", &format!("[x]\ny = 2\n\n{TABLE}"));
        check(
            "[mcp_servers.\"board\"]\nurl = \"y\"\n[mcp_servers.board.env]\nA = \"1\"\n\n# next\n[z]\n",
            &format!("{TABLE}\n# next\n[z]\n"),
        );
        check(
            "t = \"\"\"\n[mcp_servers.board]\n\"\"\"\n",
            &format!("t = \"\"\"\n[mcp_servers.board]\n\"\"\"\n\n{TABLE}"),
        );
    }

    #[test]
    fn other_forms_are_left_to_their_owner() {
        for text in
            ["mcp_servers = { board = {} }\n", "mcp_servers.board.url = \"x\"\n", "t = '''\nopen\n"]
        {
            assert!(put(text, PLACE, TABLE).is_err(), "{text}");
        }
    }

    #[test]
    fn a_table_is_removed_and_all_else_stays() {
        let before = format!("a = 1\n\n{TABLE}\n# next\n[z]\nb = 2\n");
        assert_eq!(remove(&before, PLACE).unwrap(), "a = 1\n\n# next\n[z]\nb = 2\n");
        assert_eq!(remove("a = 1\n", PLACE).unwrap(), "a = 1\n");
        assert_eq!(remove(TABLE, PLACE).unwrap(), "");
    }
}
