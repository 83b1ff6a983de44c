//! Names of resources: what a `callboard://…` URI means, and the URI of a thing.

use std::fmt;
use std::fmt::Write as _;

/// What every URI begins with.
const SCHEME: &str = "callboard://";
/// Longest URI that is looked at.
pub(in crate::mcp) const URI_MAX: usize = 2_048;

/// What a URI names, its parts as they were written: ids, or names where they are unique.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::mcp) enum Named {
    /// The live session, else the one that was worked on last.
    Current,
    Session(String),
    Task(String),
    Group(String),
    Artifact(String),
    /// A session's document, by its path in the session's directory.
    Document {
        session: String,
        path: String,
    },
    /// The conflicts that wait for a decision.
    Conflicts,
    Mode(String),
}

impl Named {
    /// What a URI names; none where it is none of ours.
    pub(in crate::mcp) fn read(uri: &str) -> Option<Self> {
        if URI_MAX < uri.len() {
            return None;
        }
        let (kind, rest) = uri.strip_prefix(SCHEME)?.split_once('/').unwrap_or((uri, ""));
        if uri == Self::Conflicts.to_string() {
            return Some(Self::Conflicts);
        }
        if kind == "document" {
            let (session, path) = rest.split_once('/')?;
            return Some(Self::Document { session: decoded(session)?, path: decoded(path)? });
        }
        let name = decoded(rest)?;
        match kind {
            "session" if name == "current" => Some(Self::Current),
            "session" => Some(Self::Session(name)),
            "task" => Some(Self::Task(name)),
            "group" => Some(Self::Group(name)),
            "artifact" => Some(Self::Artifact(name)),
            "mode" => Some(Self::Mode(name)),
            _ => None,
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(SCHEME)?;
        match self {
            Self::Current => formatter.write_str("session/current"),
            Self::Session(name) => write!(formatter, "session/{}", encoded(name, "")),
            Self::Task(name) => write!(formatter, "task/{}", encoded(name, "")),
            Self::Group(name) => write!(formatter, "group/{}", encoded(name, "")),
            Self::Artifact(name) => write!(formatter, "artifact/{}", encoded(name, "")),
            Self::Document { session, path } => {
                write!(formatter, "document/{}/{}", encoded(session, ""), encoded(path, "/"))
            }
            Self::Conflicts => formatter.write_str("conflicts"),
            Self::Mode(name) => write!(formatter, "mode/{}", encoded(name, "")),
        }
    }
}

/// A part of a URI in plain; none for an empty one, and for codes of what is no text.
fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%' {
            let code = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(code, 16).ok()?);
            rest = after.get(2..)?;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
}

/// A text as part of a URI; the characters of `also` stay as they are.
fn encoded(text: &str, also: &str) -> String {
    let mut part = String::with_capacity(text.len());
    for byte in text.bytes() {
        let character = char::from(byte);
        let is_plain = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'.' | b'~')
            || also.contains(character);
        if is_plain && byte.is_ascii() {
            part.push(character);
        } else {
            // Writing to a text does not fail.
            write!(part, "%{byte:02X}").ok();
        }
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written() {
        let text = |text: &str| text.to_owned();
        for (named, uri) in [
            (Named::Current, "callboard://session/current"),
            (Named::Session(text("Work & play")), "callboard://session/Work%20%26%20play"),
            (Named::Task(text("t-7k3q")), "callboard://task/t-7k3q"),
            (Named::Artifact(text("a-1")), "callboard://artifact/a-1"),
            (Named::Group(text("Backend / API")), "callboard://group/Backend%20%2F%20API"),
            (
                Named::Document { session: text("s-1"), path: text("tasks/active_tasks.md") },
                "callboard://document/s-1/tasks/active_tasks.md",
            ),
            (Named::Conflicts, "callboard://conflicts"),
            (Named::Mode(text("größer")), "callboard://mode/gr%C3%B6%C3%9Fer"),
        ] {
            assert_eq!(named.to_string(), uri);
            assert_eq!(Named::read(uri), Some(named), "{uri}");
        }
    }

    #[test]
    fn what_is_no_name_is_not_read() {
        for uri in [
            "",
            "callboard://",
            "callboard://task/",
            "callboard://task",
            "callboard://document/s-1",
            "callboard://document/s-1/",
            "callboard://conflicts/x",
            "callboard://task/%zz",
            "callboard://task/%ff",
            "callboard://task/%é",
            "file:///etc/passwd",
            "test://watched-resource",
        ] {
            assert_eq!(Named::read(uri), None, "{uri}");
        }
    }
}
