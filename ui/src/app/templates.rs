//! Task templates: which there are, to choose one and fill it in.

use callboard_engine::domain::count::counted;
use callboard_engine::task_templates::Entry;

use super::{Effect, Model};
use crate::overlay::finder::{self, Finder};
use crate::overlay::{Choice, Overlay};

/// The title by which the list is known while it is open.
const TITLE: &str = "Plan from a template";

/// Opens the list, which fills as soon as the files are read.
pub fn open(model: &mut Model) -> Vec<Effect> {
    model.overlay = Some(Overlay::Finder(Finder::new(TITLE, Vec::new())));
    vec![Effect::Templates]
}

/// Takes the templates into the list, if it is still open.
pub fn listed(model: &mut Model, entries: Vec<Entry>) -> Vec<Effect> {
    let Some(Overlay::Finder(finder)) = &mut model.overlay else { return Vec::new() };
    if finder.title == TITLE && finder.entries.is_empty() {
        finder.extend(entries.into_iter().map(entry).collect());
    }
    Vec::new()
}

fn entry(entry: Entry) -> finder::Entry {
    let template = entry.template;
    let closed = match entry.problems.as_slice() {
        [] => None,
        [only] => Some(only.to_string()),
        [first, ..] => Some(format!("{}: {first}", counted(entry.problems.len(), "problem"))),
    };
    let title = if template.title.is_empty() { &template.name } else { &template.title };
    finder::Entry {
        label: title.clone(),
        note: template.name.clone(),
        words: template.description.clone(),
        closed,
        choice: Choice::Template(Box::new(template)),
    }
}
