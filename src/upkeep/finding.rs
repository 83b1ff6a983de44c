//! What a look finds, and what mends it.

use serde::Serialize;

use super::cleanup::{Item, Sort};
use crate::domain::text::visible_line;

words! {
    /// How bad a finding is.
    Severity("severity") {
        /// Something is broken, or will be wrong.
        Error = "error",
        /// Somebody should look after it.
        Warning = "warning",
        /// Good to know; nothing suffers.
        Note = "note",
    }
}

words! {
    /// What a finding is about.
    Kind("kind") {
        Damage = "damage",
        BrokenReference = "broken_reference",
        WrongCounts = "wrong_counts",
        SearchIndex = "search_index",
        MisplacedTask = "misplaced_task",
        BrokenDependency = "broken_dependency",
        WaitsInVain = "waits_in_vain",
        Claim = "claim",
        StaleTask = "stale_task",
        Session = "session",
        UnknownRole = "unknown_role",
        UnknownAgent = "unknown_agent",
        Conflict = "conflict",
        Document = "document",
        Artifact = "artifact",
        Mode = "mode",
        StrayFile = "stray_file",
        LeftoverFile = "leftover_file",
        Permissions = "permissions",
        Backup = "backup",
        UnusedGroup = "unused_group",
        OldRows = "old_rows",
        Surroundings = "surroundings",
    }
}

/// Something that a look found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub kind: Kind,
    pub severity: Severity,
    /// The record's id, the file's path, or what else it is about.
    pub record: String,
    /// What is wrong, as a sentence without its period.
    pub message: String,
    pub fix: Fix,
}

/// What mends a finding: the exact call of a tool, the exact command of a shell, or words where
/// neither can.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Fix {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shell: Option<String>,
    /// The sort of cleaning that does it without a decision of anybody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleanup: Option<Sort>,
}

impl Fix {
    /// What a cleaning does.
    pub fn cleaning(sort: Sort) -> Self {
        Self {
            tool: Some(format!(
                "orchestrator_cleanup {{\"cleanup_types\": [\"{sort}\"], \"dry_run\": false}}"
            )),
            shell: Some(format!("callboard cleanup --only {sort} --yes")),
            cleanup: Some(sort),
        }
    }

    /// What one does at a shell, or by hand.
    pub fn shell(command: impl Into<String>) -> Self {
        Self { shell: Some(command.into()), ..Self::default() }
    }

    /// The same, and the call that does it.
    pub fn or_tool(self, call: impl Into<String>) -> Self {
        Self { tool: Some(call.into()), ..self }
    }
}

/// Text as one word of a shell, whoever wrote it: nothing in it is taken for a command.
pub fn quoted(text: &str) -> String {
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || "-_./:@%+=,".contains(character);
    let text = visible_line(text);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(is_plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

impl Finding {
    /// A finding that a person or a call mends.
    pub fn new(
        (kind, severity): (Kind, Severity),
        record: impl Into<String>,
        message: impl Into<String>,
        fix: Fix,
    ) -> Self {
        Self { kind, severity, record: record.into(), message: message.into(), fix }
    }

    /// What lies about, as a finding.
    pub(super) fn of(item: &Item) -> Self {
        let (kind, severity) = item.sort.standing();
        let fix = item.act.advice().cloned().unwrap_or_else(|| Fix::cleaning(item.sort));
        Self { kind, severity, record: item.record.clone(), message: item.message.clone(), fix }
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn no_text_becomes_a_command() {
        for (text, word) in [
            ("sessions/a-s-1/artifacts/x.md", "sessions/a-s-1/artifacts/x.md"),
            ("two words.md", "'two words.md'"),
            ("a'; curl x|sh; '.md", r"'a'\''; curl x|sh; '\''.md'"),
            ("$(id)", "'$(id)'"),
            ("-rf", "'-rf'"),
            ("a\nb", "'a b'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(text), word, "{text}");
        }
    }
}
