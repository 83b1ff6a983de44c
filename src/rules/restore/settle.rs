//! Making records fit together that come from two times: no orphans, no circles, no names twice.
//!
//! A backup was in order when it was made, and so is what is there; only together they may not be.
//! What does not fit gives way, the record that came before the record that was there, and is
//! named in the answer.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Rows;
use crate::domain::group::{GROUP_DEPTH_MAX, TaskGroup};
use crate::domain::id::{GroupId, TaskId};
use crate::domain::record::{Record, RecordKey};
use crate::domain::restore::Restored;
use crate::domain::task::DEPTH_MAX;
use crate::domain::text::NAME_MAX;

/// What a group is called whose name was given to another since.
const AGAIN: &str = " (restored)";

/// The places of tasks in an order in which each comes after those that wait for it.
pub(super) type Order = HashMap<TaskId, usize>;

type Parents = BTreeMap<TaskId, Option<TaskId>>;

/// Makes the records fit together.
pub(super) fn settle(
    after: &mut Rows,
    known: &BTreeSet<&RecordKey>,
    restored: &mut Restored,
) -> Order {
    groups(after, known, restored);
    let parents = tasks(after, restored);
    edges_fit(after, &parents, restored);
    editions(after, known, restored);
    no_circles(after, known, restored)
}

fn groups(after: &mut Rows, known: &BTreeSet<&RecordKey>, restored: &mut Restored) {
    let mut groups: BTreeMap<GroupId, TaskGroup> = BTreeMap::new();
    for record in after.values() {
        if let Record::Group(group) = record {
            groups.insert(group.id, group.clone());
        }
    }
    let ids: Vec<GroupId> = groups.keys().copied().collect();
    for id in &ids {
        if !is_rooted(&groups, *id)
            && let Some(group) = groups.get_mut(id)
        {
            restored.clash(&id, "parent_id", "the group that held it is gone, or inside of it");
            group.parent_id = None;
        }
    }
    let mut taken: BTreeSet<(Option<GroupId>, String)> = BTreeSet::new();
    let (old, new): (Vec<GroupId>, Vec<GroupId>) =
        ids.iter().partition(|id| known.contains(&RecordKey::Group(**id)));
    for id in old.into_iter().chain(new) {
        let Some(group) = groups.get_mut(&id) else { continue };
        while !taken.insert((group.parent_id, group.name.to_lowercase())) {
            restored.clash(&id, "name", "another group has its name now");
            let room = NAME_MAX.saturating_sub(AGAIN.len());
            let name: String = group.name.chars().take(room).collect();
            group.name = name + AGAIN;
            if taken.contains(&(group.parent_id, group.name.to_lowercase())) {
                group.name = id.to_string();
            }
        }
    }
    for (id, group) in groups {
        after.insert(RecordKey::Group(id), Record::Group(group));
    }
}

/// Tells whether the way up from a group ends, and in time.
fn is_rooted(groups: &BTreeMap<GroupId, TaskGroup>, id: GroupId) -> bool {
    let mut here = Some(id);
    for _ in 0..=GROUP_DEPTH_MAX {
        let Some(id) = here else { return true };
        let Some(group) = groups.get(&id) else { return false };
        here = group.parent_id;
    }
    here.is_none()
}

/// Gives every task a parent that is there, and the group of its parent.
fn tasks(after: &mut Rows, restored: &mut Restored) -> Parents {
    let mut parents: Parents = after
        .values()
        .filter_map(|record| match record {
            Record::Task(task) => Some((task.id, task.parent_id)),
            Record::Session(_)
            | Record::Group(_)
            | Record::Dependency(_)
            | Record::Context(_)
            | Record::Conflict(_)
            | Record::Artifact(_) => None,
        })
        .collect();
    let ids: Vec<TaskId> = parents.keys().copied().collect();
    for id in &ids {
        if root(&parents, *id).is_none() {
            restored.clash(&id, "parent_id", "its parent is gone, inside of it, or too deep");
            parents.insert(*id, None);
        }
    }
    for id in &ids {
        let home = root(&parents, *id).and_then(|root| match after.get(&RecordKey::Task(root)) {
            Some(Record::Task(root)) => root.group_id,
            _ => None,
        });
        let home = home.filter(|group| after.contains_key(&RecordKey::Group(*group)));
        let Some(Record::Task(task)) = after.get_mut(&RecordKey::Task(*id)) else { continue };
        task.parent_id = parents.get(id).copied().flatten();
        if task.group_id != home {
            restored.clash(&id, "group_id", "its group is gone, or its parent is in another");
            task.group_id = home;
        }
    }
    parents
}

/// The uppermost task above one; none where the way up does not end in time.
fn root(parents: &Parents, id: TaskId) -> Option<TaskId> {
    let mut here = id;
    for _ in 0..DEPTH_MAX {
        match parents.get(&here)? {
            None => return Some(here),
            Some(above) => here = *above,
        }
    }
    None
}

fn is_above(parents: &Parents, upper: TaskId, lower: TaskId) -> bool {
    let mut here = Some(lower);
    for _ in 0..=DEPTH_MAX {
        match here {
            None => return false,
            Some(id) if id == upper => return true,
            Some(id) => here = parents.get(&id).copied().flatten(),
        }
    }
    false
}

fn edges(after: &Rows) -> Vec<(TaskId, TaskId)> {
    let edge = |key: &RecordKey| match key {
        RecordKey::Dependency(task, on) => Some((*task, *on)),
        RecordKey::Session(_)
        | RecordKey::Group(_)
        | RecordKey::Task(_)
        | RecordKey::Context(..)
        | RecordKey::Conflict(_)
        | RecordKey::Artifact(_) => None,
    };
    after.keys().filter_map(edge).collect()
}

/// Drops dependencies of tasks that are gone, and between tasks that contain one another.
fn edges_fit(after: &mut Rows, parents: &Parents, restored: &mut Restored) {
    for (task, on) in edges(after) {
        let are_there = parents.contains_key(&task) && parents.contains_key(&on);
        let is_within = is_above(parents, task, on) || is_above(parents, on, task);
        if !are_there || is_within {
            after.remove(&RecordKey::Dependency(task, on));
            restored.clash(&task, "depends_on", "one of the two is gone, or contains the other");
        }
    }
}

/// What was recorded twice under one title and number is an edition of its own.
fn editions(after: &mut Rows, known: &BTreeSet<&RecordKey>, restored: &mut Restored) {
    let mut newest: HashMap<String, u32> = HashMap::new();
    let mut taken: BTreeSet<(String, u32)> = BTreeSet::new();
    for (key, record) in after.iter() {
        let Record::Artifact(artifact) = record else { continue };
        let last = newest.entry(artifact.title.clone()).or_default();
        *last = (*last).max(artifact.edition);
        if known.contains(key) {
            taken.insert((artifact.title.clone(), artifact.edition));
        }
    }
    for (key, record) in after.iter_mut().filter(|(key, _)| !known.contains(key)) {
        let Record::Artifact(artifact) = record else { continue };
        if !taken.insert((artifact.title.clone(), artifact.edition)) {
            restored.clash(&key, "edition", "another one has this number here");
            let last = newest.entry(artifact.title.clone()).or_default();
            *last += 1;
            artifact.edition = *last;
        }
    }
}

/// Drops dependencies that came and close a circle; those that were there stay.
fn no_circles(after: &mut Rows, known: &BTreeSet<&RecordKey>, restored: &mut Restored) -> Order {
    let all = edges(after);
    let order = ordered(&all);
    let doubtful = between_ends(all, &order);
    if doubtful.is_empty() {
        return order;
    }
    let is_known =
        |(task, on): &(TaskId, TaskId)| known.contains(&RecordKey::Dependency(*task, *on));
    let (old, new): (Vec<_>, Vec<_>) = doubtful.into_iter().partition(is_known);
    // Circles that were there before any restore have no right to stay.
    let is_sound = between_ends(old.clone(), &ordered(&old)).is_empty();
    let (given, asked) =
        if is_sound { (old, new) } else { (Vec::new(), old.into_iter().chain(new).collect()) };
    let mut next: HashMap<TaskId, Vec<TaskId>> = HashMap::new();
    for (task, on) in given {
        next.entry(task).or_default().push(on);
    }
    for (task, on) in asked {
        if leads_to(&next, on, task) {
            after.remove(&RecordKey::Dependency(task, on));
            restored.clash(&task, "depends_on", "it would close a circle");
        } else {
            next.entry(task).or_default().push(on);
        }
    }
    ordered(&edges(after))
}

/// The dependencies that are in circles or between two: what is left when tasks that nothing left
/// waits for, or that wait for nothing left, are taken away from both ends.
fn between_ends(edges: Vec<(TaskId, TaskId)>, order: &Order) -> Vec<(TaskId, TaskId)> {
    let has_no_place = |order: &Order, (task, on): &(TaskId, TaskId)| {
        !order.contains_key(task) && !order.contains_key(on)
    };
    let back: Vec<(TaskId, TaskId)> = edges
        .into_iter()
        .filter(|edge| has_no_place(order, edge))
        .map(|(task, on)| (on, task))
        .collect();
    let order = ordered(&back);
    let left = back.into_iter().filter(|edge| has_no_place(&order, edge));
    left.map(|(on, task)| (task, on)).collect()
}

/// Tells whether a task waits for another, at however many removes.
fn leads_to(next: &HashMap<TaskId, Vec<TaskId>>, from: TaskId, to: TaskId) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(task) = open.pop() {
        if task == to {
            return true;
        }
        let waits_for = next.get(&task).into_iter().flatten();
        open.extend(waits_for.copied().filter(|on| seen.insert(*on)));
    }
    false
}

/// Puts tasks after those that wait for them; those in circles, and those that only these wait for,
/// have no place.
fn ordered(edges: &[(TaskId, TaskId)]) -> Order {
    let mut waiting: HashMap<TaskId, usize> = HashMap::new();
    let mut next: HashMap<TaskId, Vec<TaskId>> = HashMap::new();
    for (task, on) in edges {
        waiting.entry(*task).or_default();
        *waiting.entry(*on).or_default() += 1;
        next.entry(*task).or_default().push(*on);
    }
    let mut free: Vec<TaskId> =
        waiting.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
    free.sort();
    let mut order = Order::new();
    while let Some(id) = free.pop() {
        order.insert(id, order.len());
        for on in next.get(&id).into_iter().flatten() {
            let Some(count) = waiting.get_mut(on) else { continue };
            *count -= 1;
            if *count == 0 {
                free.push(*on);
            }
        }
    }
    order
}
