//! What is done to the group under the cursor.

use callboard_engine::domain::command::{Command, GroupContents};
use callboard_engine::domain::id::GroupId;
use callboard_engine::query::rows::GroupRow;

use super::board::RowKey;
use super::{Effect, Model};
use crate::overlay::finder::{Entry, Finder};
use crate::overlay::menu::Menu;
use crate::overlay::prompt::{Prompt, Purpose};
use crate::overlay::{Choice, Overlay};

/// Asks for the name of a new group: beside the one under the cursor, or inside it.
pub fn add(model: &mut Model, inside: bool) -> Vec<Effect> {
    let row = model.board.selected_group().and_then(|id| model.board.group(id));
    let (title, parent) = match row {
        Some(row) if inside => (format!("New group in {}", row.path), Some(row.group.id)),
        Some(GroupRow { group, .. }) => ("New group".to_owned(), group.parent_id),
        None => ("New group".to_owned(), None),
    };
    let hint = "a name; groups hold tasks and other groups";
    let prompt = Prompt::new(title, hint, "", Purpose::NewGroup { parent });
    model.overlay = Some(Overlay::Prompt(prompt));
    Vec::new()
}

/// Swaps the group with the one above or below it.
pub fn swap(model: &Model, id: GroupId, by: isize) -> Vec<Effect> {
    let Some(row) = model.board.group(id) else { return Vec::new() };
    let parent = row.group.parent_id;
    let siblings: Vec<GroupId> = model
        .board
        .groups
        .iter()
        .filter(|other| other.group.parent_id == parent)
        .map(|other| other.group.id)
        .collect();
    let Some(here) = siblings.iter().position(|other| *other == id) else { return Vec::new() };
    let before = if by < 0 {
        let Some(above) = here.checked_sub(1) else { return Vec::new() };
        siblings.get(above).copied()
    } else {
        if siblings.len() <= here + 1 {
            return Vec::new();
        }
        siblings.get(here + 2).copied()
    };
    Model::submit(Command::PlaceGroup { id, parent, before }, "Move group")
}

/// Offers the groups that it can be moved into.
pub fn move_to(model: &mut Model, id: GroupId) -> Vec<Effect> {
    let Some(row) = model.board.group(id) else { return Vec::new() };
    let to = |parent: Option<GroupId>, name: &str| {
        let place = Command::PlaceGroup { id, parent, before: None };
        Choice::submit(place, format!("Moved to {name}"))
    };
    let inner = format!("{} / ", row.path);
    let others = model.board.groups.iter().filter(|other| {
        other.group.id != id
            && !other.path.starts_with(&inner)
            && Some(other.group.id) != row.group.parent_id
    });
    let entry = |label: &str, note: &str, choice| Entry {
        label: label.to_owned(),
        note: note.to_owned(),
        words: String::new(),
        closed: None,
        choice,
    };
    let mut entries: Vec<Entry> = others
        .map(|other| entry(&other.path, "into this group", to(Some(other.group.id), &other.path)))
        .collect();
    if row.group.parent_id.is_some() {
        entries.push(entry("the outermost level", "", to(None, "the outermost level")));
    }
    let title = format!("Move {} to", row.path);
    model.overlay = Some(Overlay::Finder(Finder::new(title, entries)));
    Vec::new()
}

/// Asks where the group's tasks go, then deletes it.
pub fn delete(model: &mut Model, id: GroupId) -> Vec<Effect> {
    let Some(row) = model.board.group(id) else { return Vec::new() };
    let name = row.group.name.clone();
    let (tasks, parent) = (row.counts.all(), row.group.parent_id);
    let submit =
        |into| Choice::submit(Command::DeleteGroup { id, into }, format!("Deleted group {name}"));
    let mut asked = Menu::new("Delete group").keep("keep it");
    asked = if tasks == 0 {
        asked.about(format!("{name} holds no tasks.")).item(
            'y',
            "delete",
            submit(GroupContents::MoveTo(parent)),
        )
    } else {
        let asked = asked
            .about(format!("{name} holds {tasks} tasks. No task is deleted; where do they go?"));
        match parent {
            Some(parent) => {
                asked.item('p', "to the group above", submit(GroupContents::MoveTo(Some(parent))))
            }
            None => asked,
        }
        .item('o', "out of any group", submit(GroupContents::MoveTo(None)))
    };
    model.overlay = Some(Overlay::Menu(asked.ready()));
    Vec::new()
}

/// The group under the cursor.
pub fn under_cursor(model: &Model) -> Option<GroupId> {
    match model.board.cursor? {
        RowKey::Group(id) => id,
        RowKey::Task(_) | RowKey::More(_) => None,
    }
}
