//! Edits of JSON files of other programs, in their text: order, comments and layout stay.
//!
//! The text is read only as far as finding places needs; what is not understood is refused whole.
//! Comments and trailing commas are understood, as editors write them.

mod scan;

use serde_json::Value;

use scan::{Node, Span, read};

/// Why a text was left alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    #[error("line {line} is not JSON: {what}")]
    Syntax { line: usize, what: &'static str },
    #[error("{key:?} is not an object there")]
    NoObject { key: String },
}

/// The text with an entry in a section, both made where they are missing.
pub(super) fn put(
    text: &str,
    (section, name): (&str, &str),
    entry: &str,
) -> Result<String, Problem> {
    if text.trim().is_empty() {
        let inner = indented(&format!("{}: {entry}", quoted(name)), "    ", "  ");
        return Ok(format!("{{\n  {}: {{\n    {inner}\n  }}\n}}\n", quoted(section)));
    }
    let root = read(text)?;
    let unit = unit(text, &root);
    let Some(found) = root.member(section) else {
        let body = indented(&format!("{}: {entry}", quoted(name)), &unit, &unit);
        let member = format!("{}: {{\n{unit}{body}\n}}", quoted(section));
        return Ok(insert(text, &root, (&member, &unit)));
    };
    if found.value.members.is_none() {
        return Err(Problem::NoObject { key: section.to_owned() });
    }
    if let Some(old) = found.value.member(name) {
        let entry = indented(entry, &margin(text, old.start), &unit);
        Ok(spliced(text, old.value.span, &entry))
    } else {
        let member = format!("{}: {entry}", quoted(name));
        Ok(insert(text, &found.value, (&member, &unit)))
    }
}

/// The names of the entries of a section.
pub(super) fn names(text: &str, section: &str) -> Result<Vec<String>, Problem> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let root = read(text)?;
    let members = root.member(section).and_then(|section| section.value.members.as_deref());
    Ok(members.unwrap_or_default().iter().map(|member| member.key.clone()).collect())
}

/// An entry as it stands in a section.
pub(super) fn get(text: &str, (section, name): (&str, &str)) -> Result<Option<String>, Problem> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let root = read(text)?;
    let found = root.member(section).and_then(|section| section.value.member(name));
    Ok(found.and_then(|member| {
        text.get(member.value.span.start..member.value.span.end).map(str::to_owned)
    }))
}

/// The text without an entry of a section.
pub(super) fn remove(text: &str, (section, name): (&str, &str)) -> Result<String, Problem> {
    let root = read(text)?;
    let Some(section) = root.member(section) else { return Ok(text.to_owned()) };
    let members = section.value.members.as_deref().unwrap_or_default();
    let Some(at) = members.iter().rposition(|member| member.key == name) else {
        return Ok(text.to_owned());
    };
    let before = at.checked_sub(1).and_then(|before| members.get(before));
    let (own, next) = (members.get(at), members.get(at + 1));
    let Some(own) = own else { return Ok(text.to_owned()) };
    let span = match (before, next) {
        (_, Some(next)) => Span { start: own.start, end: next.start },
        (Some(before), None) => Span { start: before.value.span.end, end: own.value.span.end },
        (None, None) => {
            let end = section.value.comma.unwrap_or(own.value.span.end);
            Span { start: section.value.span.start + 1, end: end.max(own.value.span.end) }
        }
    };
    let left = spliced(text, span, "");
    // `{\n  }` is left where the only entry went.
    Ok(if members.len() == 1 { closed_up(&left, section.value.span.start) } else { left })
}

/// The text with the blanks of an empty object at a place taken out.
fn closed_up(text: &str, open: usize) -> String {
    let (head, tail) = text.split_at_checked(open + 1).unwrap_or((text, ""));
    let rest = tail.trim_start();
    if rest.starts_with('}') { format!("{head}{rest}") } else { text.to_owned() }
}

/// The text with a member more at the end of an object.
fn insert(text: &str, object: &Node, (member, unit): (&str, &str)) -> String {
    let Some(last) = object.members.iter().flatten().next_back() else {
        return insert_first(text, object.span, (member, unit));
    };
    let margin = margin(text, last.start);
    let margin = if margin.is_empty() { unit.to_owned() } else { margin };
    let member = indented(member, &margin, unit);
    let (at, with) = match object.comma {
        Some(comma) => (comma, format!("\n{margin}{member},")),
        None => (last.value.span.end, format!(",\n{margin}{member}")),
    };
    spliced(text, Span { start: at, end: at }, &with)
}

fn insert_first(text: &str, object: Span, (member, unit): (&str, &str)) -> String {
    let outer = margin(text, object.start);
    let margin = format!("{outer}{unit}");
    let member = indented(member, &margin, unit);
    let (start, end) = (object.start + 1, object.end - 1);
    let inside = text.get(start..end).unwrap_or_default().trim_end();
    spliced(text, Span { start, end }, &format!("{inside}\n{margin}{member}\n{outer}"))
}

fn spliced(text: &str, span: Span, with: &str) -> String {
    let head = text.get(..span.start).unwrap_or_default();
    let tail = text.get(span.end..).unwrap_or_default();
    format!("{head}{with}{tail}")
}

/// The blanks at the beginning of the line of a place.
fn margin(text: &str, at: usize) -> String {
    let line = text.get(..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
    line.chars().take_while(|character| matches!(character, ' ' | '\t')).collect()
}

/// One step of indentation as this file has it.
fn unit(text: &str, root: &Node) -> String {
    let first = root.members.iter().flatten().next();
    let unit = first.map(|member| margin(text, member.start)).unwrap_or_default();
    if unit.is_empty() { "  ".to_owned() } else { unit }
}

/// Lines after the first moved to a margin, steps of two blanks made the file's own.
fn indented(text: &str, margin: &str, unit: &str) -> String {
    let line = |line: &str| {
        let inner = line.trim_start_matches(' ');
        let steps = (line.len() - inner.len()) / 2;
        format!("{margin}{}{inner}", unit.repeat(steps))
    };
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    lines.fold(first, |all, next| format!("{all}\n{}", line(next)))
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests;
