//! Gates: what a mode demands before a task may move.

use serde::{Deserialize, Serialize};

use super::refusal::{Code, Refusal};
use super::task::{Status, Task};
use super::text::is_invisible;

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
    /// Tells whether it is met by a task and the kinds of the artifacts that were handed in with it.
    /// A person's approval never is: it is the move itself.
    pub fn is_met(&self, task: &Task, kinds: &[String]) -> bool {
        match self {
            Self::Summary(least) => {
                let counts = |letter: &char| !letter.is_whitespace() && !is_invisible(*letter);
                let length = |text: &String| match text.chars().find(counts) {
                    Some(_) => text.trim().chars().filter(|letter| !is_invisible(*letter)).count(),
                    None => 0,
                };
                (*least).max(1) <= task.result_summary.as_ref().map_or(0, length)
            }
            Self::Artifact(kind) => kinds.iter().any(|one| one.eq_ignore_ascii_case(kind)),
            Self::Checklist => {
                let (ticked, all) = checks(&task.description);
                0 < all && ticked == all
            }
            Self::Approval => false,
        }
    }

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

/// What all gates together demand of a task that enters a status.
pub fn needs(gates: &[Gate], task: &Task, to: Status) -> Vec<Need> {
    let gates = gates.iter().filter(|gate| gate.applies(task, to));
    let mut needs: Vec<Need> = gates.flat_map(|gate| gate.needs.iter().cloned()).collect();
    needs.sort();
    needs.dedup();
    needs
}

/// The gates of a mode, or the parts of them, that another mode does not have.
pub fn lost(before: &[Gate], after: &[Gate]) -> Vec<Gate> {
    let lost = |gate: &Gate| {
        let needs: Vec<Need> =
            gate.needs.iter().filter(|need| !is_kept(gate, need, after)).cloned().collect();
        (!needs.is_empty()).then(|| Gate { needs, ..gate.clone() })
    };
    before.iter().filter_map(lost).collect()
}

fn is_kept(gate: &Gate, need: &Need, others: &[Gate]) -> bool {
    let covers = |ours: &[String], theirs: &[String]| {
        ours.is_empty() || (!theirs.is_empty() && theirs.iter().all(|one| ours.contains(one)))
    };
    let demands = |other: &Gate| {
        other.needs.iter().any(|other| match (need, other) {
            (Need::Summary(before), Need::Summary(after)) => before <= after,
            (need, other) => need == other,
        })
    };
    others.iter().any(|other| {
        other.to == gate.to
            && covers(&other.roles, &gate.roles)
            && covers(&other.tags, &gate.tags)
            && demands(other)
    })
}

/// The refusal of a mode that an agent would put in force, and that demands less.
pub fn drops(mode: &str, lost: &[Gate]) -> Refusal {
    let words: Vec<String> = lost
        .iter()
        .flat_map(|gate| {
            gate.needs.iter().map(|need| format!("{} to be {}", need.in_words(), gate.to))
        })
        .collect();
    let message = format!(
        "mode {mode} does not demand what the mode in force does ({}), and only a person may drop that",
        words.join(", ")
    );
    Refusal::new(Code::HumanOnly, message)
        .with("gates", words)
        .suggest("ask a person to select it in the terminal, or choose a mode with these gates")
}

/// The boxes of the check lists in a text: how many are ticked, and how many there are.
///
/// Boxes inside of fenced code are text.
pub fn checks(text: &str) -> (usize, usize) {
    // A fence is closed by one of the same letters, at least as long.
    let mut fence: Option<(char, usize)> = None;
    let (mut ticked, mut all) = (0, 0);
    for line in text.lines() {
        let line = line.trim_start().trim_start_matches(['>', ' ']);
        let bar = line.chars().next().filter(|letter| matches!(letter, '`' | '~'));
        let bar = bar.map(|letter| (letter, line.chars().take_while(|&one| one == letter).count()));
        match (fence, bar.filter(|(_, length)| 3 <= *length)) {
            (None, Some(opens)) => fence = Some(opens),
            (Some((open, long)), Some((closes, length))) if open == closes && long <= length => {
                fence = None;
            }
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
    let digits = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let after = if digits.len() < line.len() {
        digits.strip_prefix(['.', ')'])?
    } else {
        line.strip_prefix(['-', '*', '+'])?
    };
    let item = after.strip_prefix([' ', '\t'])?.trim_start();
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
            ("````\n```\n- [ ] code\n````\n- [x] text", (1, 1)),
            ("1. [x] one\n2) [ ] two\n-\t[ ] three", (1, 3)),
            ("- [link](x)\n- [y] odd\n[ ] no item", (0, 0)),
        ];
        for (text, found) in table {
            assert_eq!(checks(text), found, "{text}");
        }
    }
}
