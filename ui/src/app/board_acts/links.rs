//! What a task waits for.

use callboard_engine::domain::command::{Command, Edge};
use callboard_engine::domain::id::TaskId;
use callboard_engine::query::rows::TaskRow;

use crate::app::Model;
use crate::overlay::Choice;
use crate::overlay::finder::{Entry, Finder};

pub(super) fn depends(model: &Model, task: &TaskRow) -> Finder {
    let waits: Vec<TaskId> = match &model.board.detail {
        Some(detail) if detail.view.task.id == task.id => {
            detail.view.depends_on.iter().map(|link| link.id).collect()
        }
        Some(_) | None => Vec::new(),
    };
    let mut others: Vec<&TaskRow> =
        model.board.tasks.values().filter(|other| other.id != task.id).collect();
    others.sort_by_key(|other| {
        (!waits.contains(&other.id), !other.status.is_open(), other.title.clone())
    });
    let entries = others.into_iter().map(|other| {
        let edge = vec![Edge { task: task.id, depends_on: other.id }];
        let waiting = waits.contains(&other.id);
        let (add, remove) = if waiting { (Vec::new(), edge) } else { (edge, Vec::new()) };
        let what = if waiting { "No longer waits" } else { "Waits" };
        Entry {
            label: other.title.clone(),
            note: if waiting {
                "waits: Enter removes".to_owned()
            } else {
                other.status.to_string()
            },
            words: other.id.to_string(),
            closed: None,
            choice: Choice::submit(
                Command::ChangeDependencies { add, remove },
                format!("{what} for {}", other.title),
            ),
        }
    });
    Finder::new(format!("{} waits for", task.title), entries.collect())
}
