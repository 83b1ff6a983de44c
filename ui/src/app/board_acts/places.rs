//! Where a task stands, and taking it away.

use callboard_engine::domain::command::{Command, Dependents, Place, PlaceTask};
use callboard_engine::domain::count::{by_count, counted};
use callboard_engine::domain::id::{GroupId, TaskId};
use callboard_engine::query::rows::TaskRow;

use super::menu;
use crate::action::Action;
use crate::app::board::RowKey;
use crate::app::{Effect, Model, group_acts};
use crate::overlay::Choice;
use crate::overlay::finder::{Entry, Finder};
use crate::overlay::menu::Menu;

pub(super) fn destinations(model: &Model, task: &TaskRow) -> Finder {
    let to = |group: Option<GroupId>,
              parent: Option<Option<TaskId>>,
              place: Option<Place>,
              name: &str| {
        let place =
            PlaceTask { id: task.id, group: parent.is_none().then_some(group), parent, place };
        Choice::submit(Command::PlaceTask(place), format!("Moved to {name}"))
    };
    let entry = |label: String, note: &str, choice| Entry {
        label,
        note: note.to_owned(),
        words: String::new(),
        closed: None,
        choice,
    };
    let mut entries: Vec<Entry> = model
        .board
        .groups
        .iter()
        .map(|row| entry(row.path.clone(), "group", to(Some(row.group.id), None, None, &row.path)))
        .collect();
    entries.push(entry("no group".to_owned(), "", to(None, None, None, "no group")));
    if task.parent_id.is_some() {
        entries.push(entry(
            "out of its parent".to_owned(),
            "",
            to(task.group_id, Some(None), None, "the group"),
        ));
    }
    let open =
        model.board.tasks.values().filter(|other| other.id != task.id && other.status.is_open());
    entries.extend(open.map(|other| {
        entry(
            other.title.clone(),
            "below this task",
            to(None, Some(Some(other.id)), None, &other.title),
        )
    }));
    Finder::new(format!("Move {} to", task.title), entries)
}

pub(super) fn swap(model: &Model, id: TaskId, by: isize) -> Vec<Effect> {
    let siblings = model.board.siblings(id);
    let Some(here) = siblings.iter().position(|other| *other == id) else { return Vec::new() };
    let Some(other) = here.checked_add_signed(by).and_then(|index| siblings.get(index)) else {
        return Vec::new();
    };
    let place = if by < 0 { Place::Before(*other) } else { Place::After(*other) };
    Model::submit(
        Command::PlaceTask(PlaceTask { id, group: None, parent: None, place: Some(place) }),
        "Move",
    )
}

pub(super) fn delete(model: &mut Model) -> Vec<Effect> {
    match model.board.cursor {
        Some(RowKey::Task(id)) => {
            let Some(task) = model.board.tasks.get(&id) else { return Vec::new() };
            let with = |dependents| {
                Choice::submit(
                    Command::DeleteTask { id, dependents },
                    format!("Deleted {}", task.title),
                )
            };
            let waiting = model
                .board
                .detail
                .as_ref()
                .filter(|detail| detail.view.task.id == id)
                .map_or(0, |detail| detail.view.dependents.len());
            let below = if 0 < task.children {
                let goes = by_count(task.children, "goes", "go");
                format!(" With it {goes} {} below it.", counted(task.children, "task"))
            } else {
                String::new()
            };
            let undo = model.keymap.shown(Action::Undo);
            let mut asked = Menu::new("Delete")
                .about(format!("{}.{below} Undo ({undo}) brings it back.", task.title))
                .keep("keep it");
            asked = if waiting == 0 {
                asked.item('y', "delete", with(Dependents::Refuse))
            } else {
                asked
                    .item(
                        'r',
                        format!("delete; {waiting} that wait for it no longer do"),
                        with(Dependents::Release),
                    )
                    .item('a', "delete, and those that wait for it too", with(Dependents::Cascade))
            };
            menu(model, asked)
        }
        Some(RowKey::Group(Some(id))) => group_acts::delete(model, id),
        Some(RowKey::Group(None) | RowKey::More(_)) | None => Vec::new(),
    }
}
