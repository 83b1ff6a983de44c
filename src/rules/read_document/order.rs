//! The order of siblings: the file wins where only it changed.

use std::collections::{BTreeMap, HashMap};

use super::identity::{Identity, says_places};
use super::{Edit, Part, Plan, said};
use crate::domain::command::{Command, Place, PlaceTask};
use crate::domain::draft::{Draft, DraftRecord, RecordKind};
use crate::domain::id::TaskId;
use crate::domain::lookups::Siblings;
use crate::domain::record::RecordKey;
use crate::domain::refusal::Refusal;

/// Tasks that stand together: the places of their section's heading and of the task around them.
type Shelf = (Option<usize>, Option<usize>);

/// Plans the moves that bring siblings into the order of the document.
pub(super) fn plan(edit: &Edit<'_>, plan: &mut Plan) -> Result<(), Refusal> {
    if !says_places(edit.read.kind) || edit.read.agreed.records.is_empty() {
        return Ok(());
    }
    let agreed = ranks(&edit.read.agreed);
    let mut shelves: BTreeMap<Shelf, Vec<(usize, TaskId)>> = BTreeMap::new();
    for (at, (item, identity)) in edit.read.draft.records.iter().zip(&edit.identities).enumerate() {
        if let (RecordKind::Task, Some(RecordKey::Task(id))) = (item.kind, identity.key())
            && !matches!(identity, Identity::New(_))
            && agreed.contains_key(&id.to_string())
        {
            shelves.entry(shelf(item)).or_default().push((at, *id));
        }
    }
    for items in shelves.into_values() {
        one(edit, &agreed, &items, plan)?;
    }
    Ok(())
}

fn shelf(item: &DraftRecord) -> Shelf {
    let section = match item.section {
        crate::domain::draft::Section::Group(at) => Some(at),
        crate::domain::draft::Section::Unsaid | crate::domain::draft::Section::NoGroup => None,
    };
    (section, item.parent)
}

/// Where each record stood when both agreed last.
fn ranks(draft: &Draft) -> HashMap<String, usize> {
    let stamped = draft.records.iter().enumerate();
    stamped.filter_map(|(at, item)| Some((item.stamp.as_ref()?.record.clone(), at))).collect()
}

fn one(
    edit: &Edit<'_>,
    agreed: &HashMap<String, usize>,
    items: &[(usize, TaskId)],
    plan: &mut Plan,
) -> Result<(), Refusal> {
    let rank = |id: &TaskId| agreed.get(&id.to_string()).copied().unwrap_or(usize::MAX);
    let by_file: Vec<usize> = items.iter().map(|(_, id)| rank(id)).collect();
    if by_file.is_sorted() {
        return Ok(());
    }
    if !database_kept_order(edit, items, &rank)? || is_stale(edit, items) {
        let line = items.first().and_then(|(at, _)| edit.read.draft.records.get(*at));
        plan.complain(
            line.map_or(1, |item| item.line),
            "the order was changed in the database too, which wins; the rest of the edit holds"
                .to_owned(),
        );
        return Ok(());
    }
    let staying = longest_rising(&by_file);
    for (place, (at, id)) in items.iter().enumerate() {
        if staying.contains(&place) {
            continue;
        }
        let before = place.checked_sub(1).and_then(|before| items.get(before));
        let to = before.map_or(Place::First, |(_, other)| Place::After(*other));
        let line = edit.read.draft.records.get(*at).map_or(1, |item| item.line);
        let command = PlaceTask { id: *id, group: None, parent: None, place: Some(to) };
        plan.parts.push(Part {
            commands: vec![Command::PlaceTask(command)],
            record: id.to_string(),
            field: "position".to_owned(),
            line,
        });
    }
    Ok(())
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
