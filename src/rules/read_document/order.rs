//! The order of siblings: the file wins where only it changed.

use std::collections::{BTreeMap, HashMap};

use super::identity::{Identity, place, places, says_places};
use super::{Edit, Part, Plan, said};
use crate::domain::command::{Command, Place, PlaceTask};
use crate::domain::document::{DocumentKind, POSITION};
use crate::domain::draft::{DraftRecord, RecordKind, Section};
use crate::domain::id::TaskId;
use crate::domain::lookups::Siblings;
use crate::domain::record::RecordKey;
use crate::domain::refusal::Refusal;

/// Tasks that stand together: the places of their section's heading and of the task around them.
type Shelf = (Option<usize>, Option<usize>);

/// A task on its shelf.
struct Standing {
    /// Its place in the draft.
    at: usize,
    id: TaskId,
    since: Since,
}

/// Since when a task stands there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Since {
    /// Both agreed on it last, with this rank.
    Before(usize),
    /// It comes by this edit.
    Now,
    /// It is made by this edit.
    Made,
}

/// Plans the moves that bring siblings into the order of the document.
pub(super) fn plan(edit: &Edit<'_>, plan: &mut Plan) -> Result<(), Refusal> {
    if !says_places(edit.read.kind) || edit.read.agreed.records.is_empty() {
        return Ok(());
    }
    let agreed = places(&edit.read.agreed);
    let mut shelves: BTreeMap<Shelf, Vec<Standing>> = BTreeMap::new();
    for (at, (item, identity)) in edit.read.draft.records.iter().zip(&edit.identities).enumerate() {
        let (RecordKind::Task, Some(RecordKey::Task(id))) = (item.kind, identity.key()) else {
            continue;
        };
        let name = id.to_string();
        let before = agreed.get(name.as_str()).copied();
        let stayed = before.filter(|before| has_stayed(edit, *before, item));
        let since = match (identity, stayed) {
            (Identity::New(_), _) => Some(Since::Made),
            (_, Some(rank)) => Some(Since::Before(rank)),
            (_, None) => comes(plan, &name).then_some(Since::Now),
        };
        if let Some(since) = since {
            shelves.entry(shelf(item)).or_default().push(Standing { at, id: *id, since });
        }
    }
    for items in shelves.into_values().filter(|items| may_move(items)) {
        // Who was deleted or moved away meanwhile is passed over.
        let mut there = Vec::with_capacity(items.len());
        for item in items {
            if is_there(edit, &item)? {
                there.push(item);
            }
        }
        one(edit, &there, plan)?;
    }
    Ok(())
}

/// Tells whether anything on a shelf is not where it was.
fn may_move(items: &[Standing]) -> bool {
    let rank = |item: &Standing| match item.since {
        Since::Before(rank) => Some(rank),
        Since::Now | Since::Made => None,
    };
    let ranks: Vec<Option<usize>> = items.iter().map(rank).collect();
    ranks.contains(&None) || !ranks.is_sorted()
}

fn shelf(item: &DraftRecord) -> Shelf {
    let section = match item.section {
        Section::Group(at) => Some(at),
        Section::Unsaid | Section::NoGroup => None,
    };
    (section, item.parent)
}

fn has_stayed(edit: &Edit<'_>, before: usize, item: &DraftRecord) -> bool {
    let agreed = &edit.read.agreed;
    let then = agreed.records.get(before);
    then.is_some_and(|then| place(agreed, then) == place(&edit.read.draft, item))
}

/// Tells whether this edit brings a task to where it stands.
fn comes(plan: &Plan, record: &str) -> bool {
    let fields = ["group_id", "parent_id", "status"];
    plan.parts.iter().any(|part| part.record == record && fields.contains(&part.field.as_str()))
}

fn one(edit: &Edit<'_>, items: &[Standing], plan: &mut Plan) -> Result<(), Refusal> {
    let staying = staying(edit, items, plan)?;
    let stays = |place: usize, item: &Standing| match item.since {
        Since::Before(_) => staying.as_ref().is_none_or(|staying| staying.contains(&place)),
        Since::Now => false,
        // It was made the last.
        Since::Made => items.iter().skip(place).all(|item| item.since == Since::Made),
    };
    for (place, item) in items.iter().enumerate() {
        if stays(place, item) {
            continue;
        }
        let before = place.checked_sub(1).and_then(|before| items.get(before));
        let to = before.map_or(Place::First, |other| Place::After(other.id));
        let line = edit.read.draft.records.get(item.at).map_or(1, |item| item.line);
        let command = PlaceTask { id: item.id, group: None, parent: None, place: Some(to) };
        plan.parts.push(Part {
            commands: vec![Command::PlaceTask(command)],
            record: item.id.to_string(),
            field: POSITION.to_owned(),
            line,
        });
    }
    Ok(())
}

/// Tells whether a task stands on its shelf in the database too, when this edit is done.
fn is_there(edit: &Edit<'_>, standing: &Standing) -> Result<bool, Refusal> {
    if !matches!(standing.since, Since::Before(_)) {
        return Ok(true);
    }
    let Some(task) = edit.scene.lookups.task(standing.id)? else { return Ok(false) };
    let Some(item) = edit.read.draft.records.get(standing.at) else { return Ok(false) };
    let parent = item.parent.and_then(|at| said::record_at(edit, at));
    if parent != task.parent_id.map(|id| id.to_string()) {
        return Ok(false);
    }
    let group = task.group_id.map(|id| id.to_string());
    Ok(match (item.section, edit.read.kind) {
        _ if parent.is_some() => true,
        (Section::Group(at), _) => said::record_at(edit, at) == group,
        (Section::NoGroup, _) => group.is_none(),
        (Section::Unsaid, DocumentKind::Group(id)) => group == Some(id.to_string()),
        (Section::Unsaid, _) => true,
    })
}

/// The places on a shelf of those that need not move, if some of the others do.
fn staying(
    edit: &Edit<'_>,
    items: &[Standing],
    plan: &mut Plan,
) -> Result<Option<Vec<usize>>, Refusal> {
    let ranked = items.iter().enumerate().filter_map(|(place, item)| match item.since {
        Since::Before(rank) => Some((place, item, rank)),
        Since::Now | Since::Made => None,
    });
    let ranked: Vec<(usize, &Standing, usize)> = ranked.collect();
    if ranked.is_sorted_by_key(|(_, _, rank)| *rank) {
        return Ok(None);
    }
    let residents: Vec<(usize, TaskId)> =
        ranked.iter().map(|(_, item, _)| (item.at, item.id)).collect();
    let ranks: HashMap<TaskId, usize> =
        ranked.iter().map(|(_, item, rank)| (item.id, *rank)).collect();
    let rank = |id: &TaskId| ranks.get(id).copied().unwrap_or(usize::MAX);
    if !database_kept_order(edit, &residents, &rank)? || is_stale(edit, &residents) {
        let first = residents.first().and_then(|(at, _)| edit.read.draft.records.get(*at));
        plan.complain(
            first.map_or(1, |item| item.line),
            "the order was changed in the database too, which wins; the rest of the edit holds"
                .to_owned(),
        );
        return Ok(None);
    }
    let by_file: Vec<usize> = ranked.iter().map(|(_, _, rank)| *rank).collect();
    let run = longest_rising(&by_file);
    Ok(Some(run.iter().filter_map(|at| ranked.get(*at)).map(|(place, _, _)| *place).collect()))
}

/// Tells whether the database has the siblings in the order that both agreed on last.
fn database_kept_order(
    edit: &Edit<'_>,
    items: &[(usize, TaskId)],
    rank: &impl Fn(&TaskId) -> usize,
) -> Result<bool, Refusal> {
    let Some((_, first)) = items.first() else { return Ok(true) };
    let Some(task) = edit.scene.lookups.task(*first)? else { return Ok(true) };
    let siblings = Siblings {
        session_id: task.session_id,
        group_id: task.group_id,
        parent_id: task.parent_id,
    };
    let all = edit.scene.lookups.siblings(siblings)?;
    let shown = all.iter().filter(|task| items.iter().any(|(_, id)| *id == task.id));
    let ranks: Vec<usize> = shown.map(|task| rank(&task.id)).collect();
    Ok(ranks.is_sorted())
}

/// Tells whether the document is of an earlier time: an order in it is then not an edit.
fn is_stale(edit: &Edit<'_>, items: &[(usize, TaskId)]) -> bool {
    let agreed = said::agreed_items(edit);
    for (at, id) in items {
        let mark = |item: &DraftRecord| item.stamp.as_ref().and_then(|stamp| stamp.mark);
        let now = edit.read.draft.records.get(*at).and_then(mark);
        let then = agreed.get(id.to_string().as_str()).and_then(|item| mark(item));
        if now.is_some() && then.is_some() && now != then {
            return true;
        }
    }
    false
}

/// The places of a longest rising run of numbers: what need not move.
fn longest_rising(numbers: &[usize]) -> Vec<usize> {
    // `ends[length]` is the place of the smallest number that ends a run of that length.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; numbers.len()];
    for (place, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|end| numbers.get(*end).is_some_and(|it| it < number));
        if let Some(slot) = before.get_mut(place) {
            *slot = length.checked_sub(1).and_then(|shorter| ends.get(shorter)).copied();
        }
        match ends.get_mut(length) {
            Some(end) => *end = place,
            None => ends.push(place),
        }
    }
    let mut run = Vec::new();
    let mut here = ends.last().copied();
    while let Some(place) = here {
        run.push(place);
        here = before.get(place).copied().flatten();
    }
    run.reverse();
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_need_not_move_is_the_longest_rising_run() {
        for (numbers, run) in [
            (vec![], vec![]),
            (vec![1, 2, 3], vec![0, 1, 2]),
            (vec![2, 3, 1], vec![0, 1]),
            (vec![3, 1, 2], vec![1, 2]),
            (vec![5, 1, 4, 2, 3], vec![1, 3, 4]),
        ] {
            assert_eq!(longest_rising(&numbers), run, "{numbers:?}");
        }
    }
}
