//! Gates: what a mode demands before a task may move.

use serde::{Deserialize, Serialize};

use super::task::{Status, Task};

/// What must be there before a task enters a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// The status that is entered.
    pub to: Status,
    /// Only for tasks of these roles; for all when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Only for tasks with one of these tags; for all when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    pub needs: Vec<Need>,
}

/// One thing that a gate demands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// A result summary of at least so many characters.
    Summary(usize),
    /// An artifact of this kind that was handed in with the task.
    Artifact(String),
    /// A check list in the description, with every box ticked.
    Checklist,
    /// The word of a person.
    Approval,
}

impl Gate {
    /// Tells whether the gate stands before a task that enters a status.
    pub fn applies(&self, task: &Task, to: Status) -> bool {
        let role = || task.role.as_ref().is_some_and(|role| self.roles.contains(role));
        let tag = || self.tags.iter().any(|tag| task.tags.contains(tag));
        self.to == to && (self.roles.is_empty() || role()) && (self.tags.is_empty() || tag())
    }
}

impl Need {
    /// The need in words: what must be there.
    pub fn in_words(&self) -> String {
        match self {
            Self::Summary(1) => "a summary".to_owned(),
            Self::Summary(least) => format!("a summary of at least {least} characters"),
            Self::Artifact(kind) => format!("an artifact of kind {kind}"),
            Self::Checklist => "a check list with every box ticked".to_owned(),
            Self::Approval => "a person's approval".to_owned(),
        }
    }
}

/// The boxes of the check lists in a text: how many are ticked, and how many there are.
///
/// Boxes inside of fenced code are text.
pub fn checks(text: &str) -> (usize, usize) {
    let mut fence: Option<&str> = None;
    let (mut ticked, mut all) = (0, 0);
    for line in text.lines() {
        let line = line.trim_start().trim_start_matches(['>', ' ']);
        let opens = ["```", "~~~"].into_iter().find(|fence| line.starts_with(fence));
        match (fence, opens) {
            (None, Some(opens)) => fence = Some(opens),
            (Some(open), Some(closes)) if open == closes => fence = None,
            (None, None) => match check(line) {
                Some(true) => (ticked, all) = (ticked + 1, all + 1),
                Some(false) => all += 1,
                None => {}
            },
            (Some(_), _) => {}
        }
    }
    (ticked, all)
}

/// Tells of a line with a box whether it is ticked.
fn check(line: &str) -> Option<bool> {
    let item = line.strip_prefix(['-', '*', '+'])?.strip_prefix(' ')?.trim_start();
    let mark = item.strip_prefix('[')?;
    let (mark, rest) = mark.split_once(']')?;
    let is_item = rest.is_empty() || rest.starts_with([' ', '\t']);
    match mark {
        "x" | "X" => is_item.then_some(true),
        " " | "" => is_item.then_some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_counted_where_markdown_sees_boxes() {
        let table = [
            ("", (0, 0)),
            ("- [x] one\n- [ ] two\n* [X] three", (2, 3)),
            ("  - [ ] nested\n> - [x] quoted", (1, 2)),
            ("```\n- [ ] code\n```\n- [x] text", (1, 1)),
            ("- [link](x)\n- [y] odd\n[ ] no item", (0, 0)),
        ];
        for (text, found) in table {
            assert_eq!(checks(text), found, "{text}");
        }
    }
}
