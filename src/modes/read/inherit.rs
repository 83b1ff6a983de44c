//! `extends`: what a mode takes over from others.
//!
//! Roles are joined part by part, settings one by one; routing rules of the same name are replaced,
//! and so are the gates of a status that the file speaks of. Of several modes that are extended the
//! later ones stand above the earlier.

use crate::domain::mode::{Mode, Role};
use crate::modes::problem::{Place, Problems, quote};

use super::sheet::Sheet;
use super::{Around, EXTENDED_MAX, sheet_of, stem};

pub(super) fn inherit(sheet: &mut Sheet, around: Around<'_>, problems: &mut Problems) {
    let name = sheet.mode.name.clone();
    let mut extends = sheet.extends.clone();
    if let Some((_, place)) = extends.get(EXTENDED_MAX) {
        problems.error(*place, format!("a mode extends at most {EXTENDED_MAX} others"));
        extends.truncate(EXTENDED_MAX);
    }
    for (parent, place) in extends.into_iter().rev() {
        if let Some(below) = parent_sheet(&name, &parent, place, around, problems) {
            join(sheet, below);
        }
    }
}

fn parent_sheet(
    name: &str,
    parent: &str,
    place: Place,
    around: Around<'_>,
    problems: &mut Problems,
) -> Option<Sheet> {
    let parent = stem(parent);
    if parent == name {
        problems.error(place, "a mode cannot extend itself").suggest("remove extends");
        return None;
    }
    if let Some(at) = around.above.iter().position(|above| above == parent) {
        let circle = around.above.iter().skip(at).map(String::as_str);
        let circle: Vec<&str> = circle.chain([name, parent]).collect();
        let message = format!("these modes extend each other: {}", circle.join(" → "));
        problems.error(place, message).suggest("remove extends from one of them");
        return None;
    }
    if around.left.get() == 0 {
        problems.error(place, "too many modes are extended, one through the other");
        return None;
    }
    around.left.set(around.left.get().saturating_sub(1));
    let Some(source) = around.others.find(parent) else {
        let names = around.others.names();
        let near = names.iter().map(String::as_str).filter(|other| *other != name);
        problems
            .error(place, format!("there is no mode {} to extend", quote(parent)))
            .closest(parent, near);
        return None;
    };
    let mut aside = Problems::of(&source.file);
    let above: Vec<String> = around.above.iter().cloned().chain([name.to_owned()]).collect();
    let around = Around { above: &above, ..around };
    let found = sheet_of(parent, &source.bytes, around, &mut aside);
    if let Some(error) = aside.first_error() {
        let message = format!("{parent}, which is extended, has an error: {error}");
        problems.error(place, message).suggest(format!("mend {} first", source.file));
        return None;
    }
    found
}

/// Puts what is extended below what a file says.
fn join(sheet: &mut Sheet, below: Sheet) {
    sheet.settings = sheet.settings.over(below.settings);
    let Mode { orchestrator, roles, routing, gates, .. } = below.mode;
    sheet.mode.orchestrator = match (sheet.mode.orchestrator.take(), orchestrator) {
        (Some(mut above), Some(below)) => {
            fill(&mut above, below);
            Some(above)
        }
        (above, below) => above.or(below),
    };
    let mut all = Vec::with_capacity(roles.len());
    for below in roles {
        let own = sheet.mode.roles.iter().position(|role| role.name == below.name);
        all.push(match own {
            Some(at) => {
                let mut above = sheet.mode.roles.remove(at);
                fill(&mut above, below);
                above
            }
            None => below,
        });
    }
    all.append(&mut sheet.mode.roles);
    sheet.mode.roles = all;
    let has_rule =
        |name: &str, sheet: &Sheet| sheet.mode.routing.iter().any(|rule| rule.name == name);
    for rule in routing {
        if !has_rule(&rule.name, sheet) {
            sheet.mode.routing.push(rule);
        }
    }
    let gated = sheet.gated.clone();
    sheet.mode.gates.extend(gates.into_iter().filter(|gate| !gated.contains(&gate.to)));
    sheet.gated.extend(below.gated);
}

/// Gives a role the parts that it does not say itself.
fn fill(role: &mut Role, below: Role) {
    let text = |own: &mut String, below: String| {
        if own.is_empty() {
            *own = below;
        }
    };
    text(&mut role.about, below.about);
    text(&mut role.role_definition, below.role_definition);
    text(&mut role.output_format, below.output_format);
    if role.expertise.is_empty() {
        role.expertise = below.expertise;
    }
    if role.approach.is_empty() {
        role.approach = below.approach;
    }
}
