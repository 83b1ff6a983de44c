//! Opening whatever lies above a row that is to be shown.

use callboard_engine::domain::id::{GroupId, SessionId, TaskId};
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::query::tasks;
use callboard_engine::store::Reader;

use super::Snapshot;
use crate::app::board::{Container, LOADED_MAX, PAGE, RowKey};

/// Parents that a task has at most.
const PARENTS_MAX: usize = 32;

/// Opens whatever the row that is to be shown lies in, and asks for as many rows as it takes.
pub(super) fn reveal(
    reader: &Reader,
    session: SessionId,
    snapshot: &mut Snapshot,
) -> Result<(), Refusal> {
    match snapshot.wanted.reveal {
        Some(RowKey::Task(id)) => task(reader, (session, id), snapshot),
        Some(RowKey::Group(Some(id))) => {
            open_above(snapshot, id);
            Ok(())
        }
        Some(RowKey::Group(None) | RowKey::More(_)) | None => Ok(()),
    }
}

fn task(
    reader: &Reader,
    (session, id): (SessionId, TaskId),
    snapshot: &mut Snapshot,
) -> Result<(), Refusal> {
    let Ok(view) = tasks::view(reader, id) else { return Ok(()) };
    if view.task.session_id != session {
        return Ok(());
    }
    if let Some(group) = view.task.group_id {
        open_above(snapshot, group);
    }
    let wanted = &mut snapshot.wanted;
    wanted.hide_done &= view.task.status.is_open();
    wanted.closed.remove(&Container::Group(view.task.group_id));
    let mut inside = Container::Group(view.task.group_id);
    let mut above = view.task.parent_id;
    for depth in 0..PARENTS_MAX {
        let Some(parent) = above else { break };
        if depth == 0 {
            inside = Container::Task(parent);
        }
        wanted.closed.remove(&Container::Task(parent));
        above = tasks::view(reader, parent)?.task.parent_id;
    }
    let siblings = match inside {
        Container::Task(parent) => tasks::view(reader, parent)?.children_total,
        Container::Group(Some(id)) => {
            let row = snapshot.groups.iter().find(|row| row.group.id == id);
            row.map_or(0, |row| row.counts.all())
        }
        Container::Group(None) => snapshot.ungrouped.all(),
    };
    if i64::try_from(PAGE).unwrap_or(i64::MAX) < siblings {
        wanted.limits.insert(inside, LOADED_MAX);
    }
    Ok(())
}

/// Opens the groups that a group lies in.
fn open_above(snapshot: &mut Snapshot, id: GroupId) {
    let parent = |id: GroupId| {
        let row = snapshot.groups.iter().find(|row| row.group.id == id);
        row.and_then(|row| row.group.parent_id)
    };
    let above = std::iter::successors(parent(id), |id| parent(*id)).take(snapshot.groups.len());
    let above: Vec<Container> = above.map(|id| Container::Group(Some(id))).collect();
    for container in above {
        snapshot.wanted.closed.remove(&container);
    }
}
