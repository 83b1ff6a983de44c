//! What is checked when everything that a mode consists of is known.

use crate::domain::count::counted;
use crate::domain::mode::Role;
use crate::domain::refusal::closest;
use crate::modes::problem::{Fix, Place, Problems, quote};

use super::sheet::{Listed, Sheet};

/// Longest line that says what a role is for, in characters.
const ABOUT_MAX: usize = 160;

pub(super) fn check(sheet: &mut Sheet, problems: &mut Problems) {
    let is_alone = sheet.extends.is_empty();
    if let Some(listed) = sheet.listed.take() {
        for listed in &listed {
            give_body(sheet, listed, problems);
        }
        unlisted(sheet, &listed, problems);
        sheet.listed = Some(listed);
    }
    bodies(sheet, problems);
    uses(sheet, problems);
    rules(sheet, problems);
    let has_any = !sheet.mode.roles.is_empty() || !sheet.broken.is_empty();
    if !has_any && is_alone && !problems.has_error() {
        problems
            .error(Place::START, "the file has no role")
            .suggest("begin with extends: default_roles, or with a role");
    }
    sheet.mode.roles.iter_mut().chain(&mut sheet.mode.orchestrator).for_each(settle_about);
}

/// A role that is listed and has no block says of itself what the list says.
fn give_body(sheet: &mut Sheet, listed: &Listed, problems: &mut Problems) {
    let Listed { name, about, place } = listed;
    if let Some(role) = sheet.role_mut(name) {
        if !about.is_empty() {
            about.clone_into(&mut role.about);
        }
        return;
    }
    if sheet.broken.contains(name) {
        return;
    }
    if about.is_empty() {
        let message = format!("{name} is listed, and says nowhere what it is");
        let near = closest(name, sheet.names()).map(str::to_owned);
        let problem = problems.error(*place, message);
        match near {
            Some(near) => problem.suggest(format!("did you mean {near}?")),
            None => problem.suggest(format!("add a block {name}: with role_definition")),
        };
        return;
    }
    let fix = Fix::Body { role: name.clone(), about: about.clone() };
    problems
        .warn(*place, format!("{name} is listed, but has no block; its line stands in for one"))
        .suggest(format!("add a block {name}: with role_definition"))
        .fix(fix);
    sheet.mode.roles.push(Role {
        name: name.clone(),
        about: about.clone(),
        role_definition: about.clone(),
        ..Role::default()
    });
}

/// Roles of this file that the orchestrator is not told of.
fn unlisted(sheet: &Sheet, listed: &[Listed], problems: &mut Problems) {
    for (name, place) in &sheet.role_places {
        if listed.iter().any(|listed| listed.name == *name) {
            continue;
        }
        let message = format!("{name} is not in task_orchestrator.specialist_roles");
        problems.warn(*place, message).suggest(format!("add {name} there with one line"));
    }
}

/// Every role of this file must say what it is.
fn bodies(sheet: &mut Sheet, problems: &mut Problems) {
    for (name, place) in sheet.role_places.clone() {
        let is_broken = sheet.broken.contains(&name);
        let Some(role) = sheet.role_mut(&name).filter(|_| !is_broken) else { continue };
        if !role.role_definition.is_empty() {
            continue;
        }
        if role.about.is_empty() {
            problems
                .error(place, format!("{name} has no role_definition"))
                .suggest("say in it who the agent is and what it answers for");
        } else {
            problems
                .warn(
                    place,
                    format!("{name} has no role_definition; its one line stands in for it"),
                )
                .suggest("say in it who the agent is and what it answers for");
            role.role_definition = role.about.clone();
        }
    }
}

/// Every role that is named must be there.
fn uses(sheet: &Sheet, problems: &mut Problems) {
    for used in &sheet.uses {
        let name = used.name.as_str();
        let is_there = sheet.names().any(|role| role == name);
        if is_there || sheet.broken.iter().any(|broken| broken == name) {
            continue;
        }
        let is_full = problems.is_full();
        let problem = problems.error(
            used.place,
            format!("{} names the role {}, which is not there", used.by, quote(name)),
        );
        if !is_full {
            problem.closest(name, sheet.names());
        }
    }
}

fn rules(sheet: &Sheet, problems: &mut Problems) {
    for (name, place) in &sheet.rules.required {
        let is_there = sheet.names().any(|role| role == name) || name == "task_orchestrator";
        if !is_there && !sheet.broken.contains(name) {
            problems
                .error(*place, format!("the role {} is required, and is not there", quote(name)))
                .closest(name, sheet.names());
        }
    }
    if !sheet.broken.is_empty() {
        return;
    }
    let count = sheet.mode.roles.len();
    if let Some((least, place)) = sheet.rules.least.filter(|(least, _)| count < *least) {
        problems
            .error(
                place,
                format!("the mode has {}, and asks for at least {least}", counted(count, "role")),
            )
            .suggest("add roles, or lower minimum_specialist_count");
    }
    if let Some((most, place)) = sheet.rules.most.filter(|(most, _)| *most < count) {
        problems
            .error(
                place,
                format!("the mode has {}, and asks for at most {most}", counted(count, "role")),
            )
            .suggest("remove roles, or raise maximum_specialist_count");
    }
}

/// One line for lists, from the first sentence where nothing else says it.
fn settle_about(role: &mut Role) {
    if !role.about.is_empty() {
        return;
    }
    let line = role.role_definition.split_whitespace().collect::<Vec<_>>().join(" ");
    let sentence = line.split_once(". ").map_or(line.as_str(), |(first, _)| first);
    role.about = sentence.trim_end_matches('.').chars().take(ABOUT_MAX).collect();
}
