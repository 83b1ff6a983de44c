//! What stands in a backup: `backup_metadata` and `original_content`.

use std::fmt::Write as _;

use serde::Serialize;

use crate::modes::folder::create::quoted;
use crate::modes::problem::Problems;
use crate::modes::tree::{Entry, Node, Value, read_tree};

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Content {
    pub source_mode: String,
    pub created_at: String,
    pub session_id: Option<String>,
    pub reason: String,
    /// The file, to the byte.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

impl Content {
    /// The text of a backup's file.
    pub(super) fn to_yaml(&self) -> String {
        let mut text = String::from("backup_metadata:\n");
        let mut line = |key: &str, value: &str| {
            // Writing to a string cannot fail.
            writeln!(text, "  {key}: {}", quoted(value)).ok();
        };
        line("created_at", &self.created_at);
        line("source_mode", &self.source_mode);
        if let Some(session_id) = &self.session_id {
            line("session_id", session_id);
        }
        line("backup_reason", &self.reason);
        let content = match std::str::from_utf8(&self.bytes) {
            Ok(original) => format!("original_content: {}", held(original)),
            Err(_) => format!("original_bytes: \"{}\"\n", to_hex(&self.bytes)),
        };
        text + &content
    }

    /// Reads a backup's file; one of the first generation may hold the original as YAML.
    pub(super) fn of(bytes: &[u8], mode: &str) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        let mut problems = Problems::of("");
        let tree = read_tree(text, &mut problems);
        if let Some(problem) = problems.first_error() {
            return Err(format!("line {}: {}", problem.line, problem.message));
        }
        let Some(Node { value: Value::Map(entries), .. }) = tree.root else {
            return Err("it is no map".to_owned());
        };
        let metadata = find(&entries, "backup_metadata");
        let said = |key: &str| -> Option<String> {
            let Some(Node { value: Value::Map(entries), .. }) = metadata else { return None };
            match &find(entries, key)?.value {
                Value::Text { text, .. } => Some(text.clone()),
                Value::Nothing | Value::List(_) | Value::Map(_) => None,
            }
        };
        Ok(Self {
            source_mode: said("source_mode")
                .map_or_else(|| mode.to_owned(), |mode| crate::modes::read::stem(&mode).to_owned()),
            created_at: said("created_at").unwrap_or_default(),
            session_id: said("session_id"),
            reason: said("backup_reason").unwrap_or_default(),
            bytes: original(text, &entries).ok_or("it has no original_content")?,
        })
    }
}

fn find<'a>(entries: &'a [Entry], key: &str) -> Option<&'a Node> {
    entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
}

fn original(text: &str, entries: &[Entry]) -> Option<Vec<u8>> {
    if let Some(Node { value: Value::Text { text, .. }, .. }) = find(entries, "original_bytes") {
        return from_hex(text);
    }
    match &find(entries, "original_content")?.value {
        Value::Text { text, .. } => Some(text.clone().into_bytes()),
        Value::Nothing => Some(Vec::new()),
        Value::List(_) | Value::Map(_) => Some(nested(text)?.into_bytes()),
    }
}

/// The original where it stands in the backup as YAML: its lines, indented less.
fn nested(text: &str) -> Option<String> {
    let mut lines = text.lines().skip_while(|line| !line.starts_with("original_content:"));
    lines.next()?;
    let below: Vec<&str> =
        lines.take_while(|line| line.is_empty() || line.starts_with([' ', '#', '\t'])).collect();
    let indent = |line: &&str| line.len().saturating_sub(line.trim_start().len());
    let least = below.iter().filter(|line| !line.trim().is_empty()).map(indent).min()?;
    let cut = |line: &&str| line.get(least..).unwrap_or_default().to_owned() + "\n";
    Some(below.iter().map(cut).collect())
}

/// The text as a block that can be read, where a block gives it back; else in double quotes.
fn held(original: &str) -> String {
    let gives_back = |block: &String| {
        original_of(&format!("original_content: {block}")).is_some_and(|found| found == original)
    };
    literal(original).filter(gives_back).unwrap_or_else(|| format!("{}\n", quoted(original)))
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let pairs = digits?;
    let byte = |pair: &[u32]| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    };
    pairs.chunks(2).map(byte).collect()
}

/// The text as a block with its own line ends; none where a block cannot hold it.
fn literal(text: &str) -> Option<String> {
    let is_odd = |letter: char| {
        (letter.is_control() && letter != '\n' && letter != '\t')
            || matches!(letter, '\u{FEFF}' | '\u{2028}' | '\u{2029}')
    };
    if text.trim().is_empty() || text.contains(is_odd) {
        return None;
    }
    let (chomping, body) = match text.strip_suffix('\n') {
        Some(body) => ("+", body),
        None => ("-", text),
    };
    let indented = |line: &str| if line.is_empty() { String::new() } else { format!("  {line}") };
    let lines: Vec<String> = body.split('\n').map(indented).collect();
    Some(format!("|2{chomping}\n{}\n", lines.join("\n")))
}

fn original_of(whole: &str) -> Option<String> {
    let tree = read_tree(whole, &mut Problems::of(""));
    let Some(Node { value: Value::Map(entries), .. }) = tree.root else { return None };
    String::from_utf8(original(whole, &entries)?).ok()
}
