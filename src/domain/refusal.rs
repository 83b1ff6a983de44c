//! Why a command was not carried out: a stable code, a sentence, facts, and what to do instead.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $advice:literal;)*) => {
        /// The stable name of a refusal. They are documented and never change their meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)*
        }

        impl Code {
            /// Every code with its text and meaning, for the documentation.
            pub const ALL: &'static [(Self, &'static str, &'static str)] =
                &[$((Self::$name, $text, concat!($($doc),+)),)*];

            /// The code as it is written in answers.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// What to do where the refusal itself does not say.
            pub fn advice(self) -> &'static str {
                match self {
                    $(Self::$name => $advice,)*
                }
            }
        }
    };
}

codes! {
    /// No record has this id or name.
    UnknownId = "unknown_id", "list what there is, and use an id from there";
    /// Several records fit this prefix or name.
    AmbiguousId = "ambiguous_id", "give more of the id";
    /// A text is empty, too long, or holds characters it must not.
    InvalidText = "invalid_text", "send the call again with another text";
    /// A value is not one of those allowed, or out of range.
    InvalidValue = "invalid_value", "send the call again with a value as the message asks for";
    /// The call names nothing to do.
    NothingToDo = "nothing_to_do", "say what shall change";
    /// There is no live session, and the call needs one.
    NoSession = "no_session", "create a session, or resume one";
    /// Another session is live.
    SessionLive = "session_live", "suspend the live session first";
    /// The session's state does not allow this.
    SessionState = "session_state", "move the session to a state that allows it first";
    /// This move is not in the table of moves.
    IllegalMove = "illegal_move", "look where it stands now, and choose a move that is open from there";
    /// Open tasks stand in the way.
    OpenTasks = "open_tasks", "finish or cancel the open tasks first";
    /// Dependencies of the task are not completed.
    UnmetDependencies = "unmet_dependencies", "finish what it waits for first";
    /// The dependency would close a circle.
    DependencyCycle = "dependency_cycle", "remove one of these dependencies first";
    /// Other tasks wait for this one.
    HasDependents = "has_dependents", "say what becomes of the tasks that wait for it";
    /// The group or task is not empty.
    NotEmpty = "not_empty", "say where its contents go";
    /// The name is taken.
    NameTaken = "name_taken", "choose another name";
    /// The task is nested too deeply, or inside itself.
    Nesting = "nesting", "choose another place for it";
    /// Somebody else holds the task.
    TaskHeld = "task_held", "take another task";
    /// The claim has been taken over; its number is old.
    ClaimSuperseded = "claim_superseded", "look at the task again, and claim it anew if it is free";
    /// Nothing is ready to be claimed.
    NothingReady = "nothing_ready", "finish or unblock what the others wait for, or wait for a change";
    /// Somebody else's claim names the same paths.
    PathsHeld = "paths_held", "take another task, or agree with the holder";
    /// The record changed in the same field since the version given.
    VersionClash = "version_clash", "read the record again, and send what you still want to change";
    /// A gate of the mode demands evidence that is missing.
    GateClosed = "gate_closed", "supply what is missing, and send the call again";
    /// The change cannot be taken back.
    CannotUndo = "cannot_undo", "look at the record's history, and change it by hand";
    /// The idempotency key was used for another call.
    KeyReused = "key_reused", "send the call with a key of its own";
    /// A person was asked before something is replaced or removed, and has not agreed.
    Unconfirmed = "unconfirmed", "leave it as it is, or ask the person what they want instead";
    /// Only a person may do this.
    HumanOnly = "human_only", "ask a person to do it";
    /// The call belongs to another project than the one served here.
    WrongProject = "wrong_project", "connect to the server of that project";
    /// Too much is asked for at once.
    TooMuch = "too_much", "send it in several smaller calls";
    /// The queue is full or the program is shutting down.
    Busy = "busy", "send the call again in a moment";
    /// The store could not keep the change; nothing was changed.
    StoreFailed = "store_failed", "look whether the disk is full or read-only, and send the call again";
}

/// A command that was refused, and why. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// The stable code.
    #[serde(rename = "error_code")]
    pub code: Code,
    /// What was refused and why: lower case, without a final period.
    pub message: String,
    /// The facts: valid values, closest matches, present values.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub details: Map<String, Value>,
    /// What to do instead, as a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggested_action: Option<String>,
}

impl Refusal {
    /// Makes a refusal without facts or advice.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Map::new(), suggested_action: None }
    }

    /// Adds a fact.
    pub fn with(mut self, key: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        self.details.insert(key.to_owned(), value);
        self
    }

    /// Adds what to do instead.
    pub fn suggest(mut self, action: impl Into<String>) -> Self {
        self.suggested_action = Some(action.into());
        self
    }

    /// A value that is not among those allowed, with the closest of them.
    pub fn invalid_value(field: &str, given: &str, allowed: &[&str]) -> Self {
        let shown: String = given.chars().take(60).collect();
        let message = format!("{field} cannot be {shown:?}; it is one of {}", allowed.join(", "));
        let refusal =
            Self::new(Code::InvalidValue, message).with("field", field).with("allowed", allowed);
        match closest(given, allowed.iter().copied()) {
            Some(word) => refusal.with("closest", word).suggest(format!("use {word:?}")),
            None => refusal,
        }
    }
}

/// Returns the candidate that is spelled most like the text, if one is near.
pub fn closest<'a>(text: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let text: String = text.chars().take(64).collect::<String>().to_lowercase();
    let limit = (text.chars().count() / 3).max(2);
    candidates
        .map(|candidate| (distance(&text, &candidate.to_lowercase()), candidate))
        .filter(|(edits, _)| *edits <= limit)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance in characters, by one row.
pub fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(128).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, left_char) in left.chars().take(128).enumerate() {
        let mut diagonal = above;
        let mut before = above + 1;
        let mut next = Vec::with_capacity(row.len());
        next.push(before);
        for (right_char, &up) in right.iter().zip(row.iter().skip(1)) {
            let edits =
                (diagonal + usize::from(left_char != *right_char)).min(up + 1).min(before + 1);
            diagonal = up;
            before = edits;
            next.push(edits);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_in_json_is_the_code_in_the_table() {
        for (code, text, meaning) in Code::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), Value::from(*text));
            assert!(!meaning.trim().is_empty());
        }
    }

    #[test]
    fn a_slip_of_the_finger_finds_the_word_that_was_meant() {
        assert_eq!(closest("urgnt", ["low", "urgent", "high"].into_iter()), Some("urgent"));
        assert_eq!(closest("zebra", ["low", "urgent", "high"].into_iter()), None);
    }

    #[test]
    fn distances_are_those_of_the_textbook() {
        for (left, right, edits) in
            [("kitten", "sitting", 3), ("", "abc", 3), ("same", "same", 0), ("ab", "ba", 2)]
        {
            assert_eq!(distance(left, right), edits, "{left} {right}");
        }
    }
}
