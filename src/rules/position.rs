//! Places among siblings: numbers between numbers, spread out anew when there is no room.

use super::{Scene, Write, write_task};
use crate::domain::change::Verb;
use crate::domain::command::Place;
use crate::domain::lookups::Siblings;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::Task;

/// The distance between neighbours that were appended one after the other.
pub(super) const STEP: f64 = 1024.0;
/// Neighbours closer than this are spread out anew.
const ROOM_MIN: f64 = 1e-6;

/// A position, and the writes that made room for it.
pub(super) struct Room {
    pub position: f64,
    pub writes: Vec<Write>,
}

/// Finds the position for a place among siblings.
pub(super) fn find(
    scene: &Scene<'_>,
    siblings: Siblings,
    place: Place,
    moving: Option<&Task>,
) -> Result<Room, Refusal> {
    if let Some(position) = between(scene, siblings, place)? {
        return Ok(Room { position, writes: Vec::new() });
    }
    spread(scene, siblings, place, moving)
}

fn between(scene: &Scene<'_>, siblings: Siblings, place: Place) -> Result<Option<f64>, Refusal> {
    let (low, high) = match place {
        Place::Last => (scene.lookups.last_position(siblings)?, None),
        Place::First => (None, scene.lookups.first_position(siblings)?),
        Place::Before(id) => {
            let position = anchor(scene, siblings, id)?.position;
            (scene.lookups.position_before(siblings, position)?, Some(position))
        }
        Place::After(id) => {
            let position = anchor(scene, siblings, id)?.position;
            (Some(position), scene.lookups.position_after(siblings, position)?)
        }
    };
    Ok(match (low, high) {
        (None, None) => Some(STEP),
        (Some(low), None) => Some(low + STEP),
        (None, Some(high)) => Some(high - STEP),
        (Some(low), Some(high)) => (ROOM_MIN < high - low).then_some(f64::midpoint(low, high)),
    })
}

fn anchor(
    scene: &Scene<'_>,
    siblings: Siblings,
    id: crate::domain::id::TaskId,
) -> Result<Task, Refusal> {
    let task = scene.task(id)?;
    let here = Siblings {
        session_id: task.session_id,
        group_id: task.group_id,
        parent_id: task.parent_id,
    };
    if here == siblings {
        return Ok(task);
    }
    let message = format!("task {id} is in another group or under another parent");
    Err(Refusal::new(Code::InvalidValue, message)
        .suggest("name a task of the same group and parent"))
}

fn spread(
    scene: &Scene<'_>,
    siblings: Siblings,
    place: Place,
    moving: Option<&Task>,
) -> Result<Room, Refusal> {
    let mut room = Room { position: STEP, writes: Vec::new() };
    let mut next = STEP;
    for task in scene.lookups.siblings(siblings)? {
        if moving.is_some_and(|mover| mover.id == task.id) {
            continue;
        }
        if place == Place::Before(task.id) {
            room.position = next;
            next += STEP;
        }
        let after = Task { position: next, ..task.clone() };
        next += STEP;
        if place == Place::After(task.id) {
            room.position = next;
            next += STEP;
        }
        room.writes.push(write_task(scene, Verb::TaskMoved, &task, after).1);
    }
    Ok(room)
}
