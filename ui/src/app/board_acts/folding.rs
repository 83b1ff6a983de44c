//! Opening and closing what contains tasks.

use crate::app::board::{Container, RowKey};
use crate::app::{Effect, Model, Pane};

pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    match model.board.cursor {
        Some(RowKey::Task(_)) => {
            model.focus = Pane::Details;
            Vec::new()
        }
        Some(RowKey::Group(id)) => toggle(model, Container::Group(id)),
        Some(RowKey::More(_)) => vec![model.reload()],
        None => Vec::new(),
    }
}

fn toggle(model: &mut Model, container: Container) -> Vec<Effect> {
    if !model.board.closed.remove(&container) {
        model.board.closed.insert(container);
    }
    vec![model.reload()]
}

pub(super) fn fold(model: &mut Model, close: bool) -> Vec<Effect> {
    let Some(key) = model.board.cursor else { return Vec::new() };
    let container = match key {
        RowKey::Group(id) => Some(Container::Group(id)),
        RowKey::Task(id) => model
            .board
            .tasks
            .get(&id)
            .filter(|task| 0 < task.children)
            .map(|task| Container::Task(task.id)),
        RowKey::More(_) => None,
    };
    match container {
        Some(container) if close != model.board.closed.contains(&container) => {
            toggle(model, container)
        }
        Some(_) | None if close => {
            let parent = model.board.parent_key(key);
            if let Some(index) =
                parent.and_then(|parent| model.board.rows.iter().position(|row| row.key == parent))
            {
                model.board.go(index);
                return vec![model.reload()];
            }
            Vec::new()
        }
        Some(_) | None => Vec::new(),
    }
}
