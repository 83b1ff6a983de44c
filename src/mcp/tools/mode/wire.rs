//! Modes as an agent reads them. Words of mode files are data.

use serde_json::{Value, json};

use crate::binding::{self, Restored, Selected};
use crate::domain::mode::Mode;
use crate::domain::refusal::Refusal;
use crate::domain::text::visible_line;
use crate::mcp::answer::clip;
use crate::mcp::mode::{LINE_BYTES, ROLES_MAX, gates_in_words, role_names};
use crate::mcp::params::Detail;
use crate::modes::built_in;
use crate::modes::folder::{Backup, ListedMode, Mended};
use crate::modes::{ModeProblem, ModesFolder, Severity};
use crate::query::modes::StrayRole;

/// Problems of a file, and roles that tasks have and the mode has not, that are told.
const PROBLEMS_MAX: usize = 30;
const STRAYS_MAX: usize = 20;

/// What a mode brings.
pub(super) fn details(mode: &Mode) -> Value {
    let gates = gates_in_words(mode);
    let custom = custom_roles(mode);
    json!({
        "total_roles": mode.roles.len(),
        "specialist_roles": role_names(mode),
        "custom_roles": (!custom.is_empty()).then_some(custom),
        "default_complexity": mode.settings.default_complexity,
        "auto_task_routing": mode.settings.auto_task_routing,
        "claim_minutes": mode.settings.claim_minutes,
        "gates": (!gates.is_empty()).then_some(gates),
    })
}

/// Roles that are not among the default ones.
fn custom_roles(mode: &Mode) -> Vec<String> {
    let defaults = built_in::compiled_in();
    let names = mode.roles.iter().map(|role| role.name.clone());
    names.filter(|name| defaults.role(name).is_none()).take(ROLES_MAX).collect()
}

/// A mode that was put in force.
pub(super) fn selected(selected: &Selected) -> Value {
    json!({
        "mode_activated": selected.loaded.mode.name,
        "session_id": selected.session.as_ref().map(|session| session.id),
        "previous_mode": selected.previous,
        "mode_details": details(&selected.loaded.mode),
        "backup_location": selected.backup.as_ref().map(|backup| backup.file.clone()),
        "stray_tasks": strays(&selected.strays),
    })
}

/// Open tasks whose role the mode does not have, by role.
fn strays(strays: &[StrayRole]) -> Option<Value> {
    if strays.is_empty() {
        return None;
    }
    let rows: Vec<Value> = strays
        .iter()
        .take(STRAYS_MAX)
        .map(|stray| json!({ "role": visible_line(&stray.role), "tasks": stray.tasks, "first": stray.first }))
        .collect();
    let more = strays.len().saturating_sub(STRAYS_MAX);
    Some(json!({
        "roles": rows,
        "more_roles": (0 < more).then_some(more),
        "next": "they keep their role; orchestrator_task_batch_update gives them another",
    }))
}

/// A mode in the list.
pub(super) fn listed(mode: &ListedMode, current: Option<&str>, detail: Detail) -> Value {
    let is_full = detail == Detail::Full;
    let line =
        |text: &str| (!text.trim().is_empty()).then(|| clip(&visible_line(text), LINE_BYTES));
    let roles = || mode.roles.iter().take(ROLES_MAX).collect::<Vec<_>>();
    json!({
        "mode": mode.name,
        "filename": mode.file,
        "status": mode.state,
        "is_current": (current == Some(mode.name.as_str())).then_some(true),
        "specialist_count": mode.roles.len(),
        "gates": (0 < mode.gates).then_some(mode.gates),
        "description": line(&mode.description),
        "error": mode.problem.as_deref().and_then(line),
        "title": is_full.then(|| line(&mode.title)).flatten(),
        "version": is_full.then(|| line(&mode.version)).flatten(),
        "specialist_roles": is_full.then(roles),
        "custom_roles": is_full.then(|| mode.custom_roles.iter().take(ROLES_MAX).collect::<Vec<_>>()),
        "routing_rules": is_full.then_some(mode.routing_rules),
        "warnings": (is_full && 0 < mode.warnings).then_some(mode.warnings),
        "last_modified": mode.modified.filter(|_| is_full).map(|at| at.to_string()),
    })
}

pub(super) fn backup(backup: &Backup) -> Value {
    json!({
        "backup_file": backup.name,
        "mode": backup.mode,
        "created_at": backup.created_at.to_string(),
        "size": backup.size,
    })
}

/// What is wrong with a mode's file, and what repair would do.
pub(super) fn checked(folder: &ModesFolder, name: &str) -> Result<Value, Refusal> {
    let loaded = folder.look(name).map_err(|error| binding::refused(&error))?;
    let mut answer = problems(&loaded.reading.problems);
    let mode = loaded.reading.mode.as_ref();
    merge(
        &mut answer,
        json!({
            "mode": loaded.name,
            "file": loaded.file,
            "is_valid": mode.is_some(),
            "specialist_roles": mode.map(role_names),
            "custom_roles": mode.map(custom_roles),
            "gates": mode.map(gates_in_words).filter(|gates| !gates.is_empty()),
        }),
    );
    // What cannot be repaired has no proposal.
    if let Ok(proposed) = folder.propose_repair(name)
        && !proposed.repaired.repairs.is_empty()
    {
        merge(
            &mut answer,
            json!({
                "repair_suggestions": repairs(&proposed),
                "valid_after_repair": proposed.repaired.reading.is_valid(),
                "next": format!("orchestrator_mode_validate {{\"mode\": \"{}\", \"repair\": true}}", loaded.name),
            }),
        );
    }
    Ok(answer)
}

/// A file that was repaired.
pub(super) fn mended(mended: &Mended) -> Value {
    let reading = &mended.repaired.reading;
    let mut answer = problems(&reading.problems);
    merge(
        &mut answer,
        json!({
            "file": mended.file,
            "is_valid": reading.is_valid(),
            "repaired": repairs(mended),
            "backup": mended.backup.as_ref().map(|backup| backup.file.clone()),
        }),
    );
    answer
}

fn repairs(mended: &Mended) -> Vec<String> {
    let lines = mended.repaired.repairs.iter().take(PROBLEMS_MAX);
    lines
        .map(|repair| {
            clip(&visible_line(&format!("line {}: {}", repair.line, repair.what)), LINE_BYTES)
        })
        .collect()
}

/// Problems by how bad they are, in the order of their places.
fn problems(problems: &[ModeProblem]) -> Value {
    let told = |severity: Severity| {
        let lines: Vec<String> = problems
            .iter()
            .filter(|problem| problem.severity == severity)
            .take(PROBLEMS_MAX)
            .map(|problem| clip(&visible_line(&problem.to_string()), LINE_BYTES))
            .collect();
        (!lines.is_empty()).then_some(lines)
    };
    json!({
        "errors": told(Severity::Error),
        "warnings": told(Severity::Warning),
        "problems": problems.len(),
    })
}

/// A backup that was put in the place of its mode's file.
pub(super) fn restored(restored: &Restored) -> Value {
    let mut answer = json!({
        "restored_mode": restored.restored.mode,
        "file": restored.restored.file,
        "replaced_backup": restored.restored.replaced.as_ref().map(|backup| backup.file.clone()),
        "mode_activated": restored.selected.is_some(),
    });
    if let Some(selected) = &restored.selected {
        merge(
            &mut answer,
            json!({
                "session_id": selected.session.as_ref().map(|session| session.id),
                "mode_details": details(&selected.loaded.mode),
                "stray_tasks": strays(&selected.strays),
            }),
        );
    }
    answer
}

fn merge(answer: &mut Value, more: Value) {
    if let (Value::Object(fields), Value::Object(more)) = (answer, more) {
        fields.extend(more);
    }
}
