//! What agents are told of the mode in force: its roles, and what its gates demand.
//!
//! Names of modes and roles are safe words. All other text of a mode file is the words of whoever
//! owns the file: hidden characters are made visible, and its length is bounded.

use std::sync::Arc;

use serde_json::{Value, json};

use super::answer::clip;
use crate::domain::gate::{Gate, Need, needs};
use crate::domain::mode::{Mode, Role};
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::task::{Status, Task};
use crate::domain::text::{visible, visible_line};
use crate::modes::built_in;
use crate::query;
use crate::store::Reader;

/// Names of roles that are told at once.
pub(super) const ROLES_MAX: usize = 40;
/// Gates that are told in words.
const GATES_MAX: usize = 12;
/// Bytes of a line of a mode file that is told in passing.
pub(super) const LINE_BYTES: usize = 240;
/// Bytes of a role's text: whole, and with a task that was taken.
pub(super) const ROLE_BYTES: usize = 12_000;
const ROLE_BRIEF_BYTES: usize = 1_400;

/// How much of a role's text is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RoleText {
    Brief,
    Whole,
}

/// The mode that is in force in a session; the compiled-in one where it was never bound.
pub(super) fn of(reader: &Reader, session: &Session) -> Result<Arc<Mode>, Refusal> {
    let bound = query::modes::in_force(reader, session)?;
    Ok(bound.map_or_else(built_in::compiled_in, Arc::new))
}

/// The mode of the current session, else the compiled-in one.
pub(super) fn current(reader: &Reader) -> Result<Arc<Mode>, Refusal> {
    match query::sessions::current(reader)? {
        Some(session) => of(reader, &session),
        None => Ok(built_in::compiled_in()),
    }
}

/// The mode of a session in a few words.
pub(super) fn brief(reader: &Reader, session: &Session) -> Result<Value, Refusal> {
    let mode = of(reader, session)?;
    let binding = session.binding.as_ref();
    let recovered = binding.filter(|binding| binding.source.is_recovered());
    let gates = gates_in_words(&mode);
    Ok(json!({
        "name": session.mode,
        "roles": role_names(&mode),
        "gates": (!gates.is_empty()).then_some(gates),
        "in_force_instead": recovered.map(|binding| binding.source),
        "problem": recovered
            .and_then(|binding| binding.problem.as_ref())
            .map(|problem| clip(&visible_line(problem), LINE_BYTES)),
    }))
}

/// The names of the roles, and how many more there are.
pub(super) fn role_names(mode: &Mode) -> Vec<String> {
    let mut names: Vec<String> =
        mode.roles.iter().take(ROLES_MAX).map(|role| role.name.clone()).collect();
    let more = mode.roles.len().saturating_sub(ROLES_MAX);
    if 0 < more {
        names.push(format!("and {more} more"));
    }
    names
}

/// What the gates of a mode demand, a sentence each.
pub(super) fn gates_in_words(mode: &Mode) -> Vec<String> {
    mode.gates.iter().take(GATES_MAX).map(gate_in_words).collect()
}

fn gate_in_words(gate: &Gate) -> String {
    let words: Vec<String> = gate.needs.iter().map(need_in_words).collect();
    let mut only = Vec::new();
    if !gate.roles.is_empty() {
        only.push(format!("of role {}", gate.roles.join(" or ")));
    }
    if !gate.tags.is_empty() {
        only.push(format!("tagged {}", gate.tags.join(" or ")));
    }
    let which = if only.is_empty() {
        "a task".to_owned()
    } else {
        format!("a task {}", only.join(" and "))
    };
    let sentence = format!("to be {}, {which} needs {}", gate.to, words.join(" and "));
    clip(&visible_line(&sentence), LINE_BYTES)
}

pub(super) fn need_in_words(need: &Need) -> String {
    visible_line(&need.in_words())
}

/// What completing a task demands, and what of it is there; nothing where no gate stands before it.
pub(super) fn to_complete(reader: &Reader, task: &Task) -> Result<Option<Value>, Refusal> {
    if !task.status.is_open() {
        return Ok(None);
    }
    let demands = query::modes::demands(reader, task, Status::Completed)?;
    if demands.is_empty() {
        return Ok(None);
    }
    let approval = demands.iter().any(|(need, _)| *need == Need::Approval);
    let rows: Vec<Value> = demands
        .iter()
        .map(|(need, there)| {
            let there = (*need != Need::Approval).then_some(*there);
            json!({ "needs": need_in_words(need), "there": there })
        })
        .collect();
    let next = match (approval, task.status == Status::Review) {
        (false, _) => None,
        (true, true) => Some(
            "it is in review: a person approves it or sends it back with a remark; go on with other \
             work, orchestrator_events (wait_seconds) and your inbox tell what they said",
        ),
        (true, false) => Some(
            "orchestrator_task_complete moves it to review, where a person approves it or sends it back",
        ),
    };
    Ok(Some(json!({ "demands": rows, "next": next })))
}

/// What completing demands, in one sentence; empty where nothing is demanded.
pub(super) fn to_complete_in_words(mode: &Mode, task: &Task) -> String {
    let demanded = needs(&mode.gates, task, Status::Completed);
    let words: Vec<String> = demanded.iter().map(need_in_words).collect();
    if words.is_empty() {
        return String::new();
    }
    let review = if demanded.contains(&Need::Approval) {
        "; handing it in moves it to review, and a person approves it or sends it back"
    } else {
        ""
    };
    format!("To be completed it needs {}{review}.", words.join(" and "))
}

/// The role of a task as its mode has it; a sentence where the mode does not have it.
pub(super) fn role_of(
    reader: &Reader,
    task: &Task,
    length: RoleText,
) -> Result<Option<Value>, Refusal> {
    let Some(name) = &task.role else { return Ok(None) };
    let mode = of(reader, &query::sessions::get(reader, task.session_id)?)?;
    let Some(role) = mode.role(name) else {
        return Ok(Some(json!(format!(
            "{} is not a role of mode {}; work as its name says",
            visible_line(name),
            mode.name
        ))));
    };
    let text = role_text(role);
    Ok(Some(match length {
        RoleText::Whole => json!(text),
        RoleText::Brief if text.len() <= ROLE_BRIEF_BYTES => json!(text),
        RoleText::Brief => json!({
            "text": clip(&text, ROLE_BRIEF_BYTES),
            "whole": format!("orchestrator_task_get {{\"task_id\": \"{}\", \"detail\": \"full\"}}", task.id),
        }),
    }))
}

/// What an agent reads of its role, as markdown.
pub(super) fn role_text(role: &Role) -> String {
    let title = role.name.replace('_', " ");
    let who = if role.role_definition.trim().is_empty() {
        match role.about.trim() {
            "" => format!("You are the {title} of this project."),
            about => format!("You are the {title} of this project: {about}"),
        }
    } else {
        role.role_definition.trim().to_owned()
    };
    let or = |lines: &[String], otherwise: &[&str]| {
        if lines.is_empty() {
            otherwise.iter().map(|&line| line.to_owned()).collect()
        } else {
            lines.to_vec()
        }
    };
    let expertise: Vec<String> = or(&role.expertise, &["what the role's name says"]);
    let approach: Vec<String> = or(
        &role.approach,
        &["read the task and what it builds on first", "keep to what the project does already"],
    );
    let mut text = format!(
        "# Role: {}\n\n{who}\n\n## Expertise\n\n{}\n\n## Approach\n\n{}",
        role.name,
        bullets(&expertise),
        bullets(&approach)
    );
    if !role.output_format.trim().is_empty() {
        text.push_str("\n\n## What you hand in\n\n");
        text.push_str(role.output_format.trim());
    }
    clip(&visible(&text), ROLE_BYTES)
}

fn bullets(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| format!("- {}", line.trim())).collect();
    lines.join("\n")
}

/// The name of the mode's role that a text means: letters in any case, spaces and hyphens for `_`.
pub(super) fn role_name(mode: &Mode, text: &str) -> String {
    let plain = |text: &str| text.trim().to_lowercase().replace([' ', '-'], "_");
    let wanted = plain(text);
    let known = mode.roles.iter().find(|role| plain(&role.name) == wanted);
    known.map_or(wanted, |role| role.name.clone())
}
