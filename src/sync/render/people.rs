//! Who holds what, and what came of it: the values of the two documents on people and agents.

use std::collections::{BTreeMap, HashMap};

use tera::Value;

use super::context::{Parts, Subject};
use super::text;
use super::values::map;
use crate::domain::id::TaskId;
use crate::domain::task::{Status, Task};
use crate::domain::time::minutes_text;

/// Rows of each table.
const ROWS_MAX: usize = 1_000;
/// What stands for no role, no assignee.
const NOBODY: &str = "";

/// Open tasks of a role or a person.
#[derive(Debug, Default)]
struct Load {
    pending: u32,
    active: u32,
    blocked: u32,
    review: u32,
    minutes: u32,
}

/// What a role or an agent has done.
#[derive(Debug, Default)]
struct Record {
    completed: u32,
    failed: u32,
    reopened: u32,
    /// From start to end, of the tasks of which both are known.
    cycles_ms: Vec<i64>,
    estimated: u64,
    actual: u64,
}

/// Who holds which task, and how the open work is spread.
pub(super) fn assignments(subject: &Subject<'_>, path: &str) -> Parts {
    let open =
        || subject.state.tasks.iter().map(|state| &state.task).filter(|task| task.status.is_open());
    let mut held: Vec<(&Task, &crate::domain::claim::Claim)> =
        open().filter_map(|task| Some((task, task.claim.as_ref()?))).collect();
    held.sort_by_key(|(task, claim)| (claim.holder.clone(), claim.since, task.id));
    let value = |(task, claim): &(&Task, &crate::domain::claim::Claim)| {
        let group = task.group_id.and_then(|id| subject.headings.row(id));
        map([
            ("holder", claim.holder.name().into()),
            ("title", task.title.as_str().into()),
            ("role", task.role.as_deref().into()),
            ("since", text::minute(claim.since).into()),
            ("paths", claim.paths.iter().map(String::as_str).collect::<Vec<_>>().into()),
            ("file", group.and_then(|row| subject.file(path, row)).into()),
        ])
    };
    let held: Vec<Value> = held.iter().take(ROWS_MAX).map(value).collect();
    vec![
        ("held", held.into()),
        ("roles", loads(open(), |task| task.role.as_deref())),
        ("people", loads(open(), |task| task.assignee.as_deref())),
    ]
}

fn loads<'a>(
    tasks: impl Iterator<Item = &'a Task>,
    owner: impl Fn(&'a Task) -> Option<&'a str>,
) -> Value {
    let mut loads: BTreeMap<&str, Load> = BTreeMap::new();
    for task in tasks {
        let load = loads.entry(owner(task).unwrap_or(NOBODY)).or_default();
        load.minutes = load.minutes.saturating_add(task.estimate_minutes.unwrap_or(0));
        match task.status {
            Status::Pending => load.pending += 1,
            Status::Active => load.active += 1,
            Status::Blocked => load.blocked += 1,
            Status::Review => load.review += 1,
            Status::Completed | Status::Cancelled | Status::Failed => {}
        }
    }
    let rows = in_rows(loads).map(|(name, load)| {
        map([
            ("name", name.into()),
            ("pending", load.pending.into()),
            ("active", load.active.into()),
            ("blocked", load.blocked.into()),
            ("review", load.review.into()),
            ("open", (load.pending + load.active + load.blocked + load.review).into()),
            ("estimate", (0 < load.minutes).then(|| minutes_text(load.minutes)).into()),
        ])
    });
    rows.collect::<Vec<_>>().into()
}

/// What each role and each agent has done.
pub(super) fn performance(subject: &Subject<'_>) -> Parts {
    let (finishers, reopened) = history(subject);
    let (mut roles, mut agents) = (BTreeMap::new(), BTreeMap::new());
    for state in &subject.state.tasks {
        let task = &state.task;
        let finisher = finishers.get(&task.id).copied().or(task.assignee.as_deref());
        note(roles.entry(task.role.as_deref().unwrap_or(NOBODY)).or_default(), task);
        note(agents.entry(finisher.unwrap_or(NOBODY)).or_default(), task);
        for (by, times) in reopened.get(&task.id).into_iter().flatten() {
            roles.entry(task.role.as_deref().unwrap_or(NOBODY)).or_default().reopened += times;
            agents.entry(by).or_default().reopened += times;
        }
    }
    let has_done = |record: &Record| 0 < record.completed + record.failed + record.reopened;
    roles.retain(|_, record| has_done(record));
    agents.retain(|_, record| has_done(record));
    vec![("roles", records(roles)), ("agents", records(agents))]
}

type Finishers<'a> = HashMap<TaskId, &'a str>;
type Reopened<'a> = HashMap<TaskId, BTreeMap<&'a str, u32>>;

/// Who finished each task last, and whose results were opened again how often.
fn history<'a>(subject: &Subject<'a>) -> (Finishers<'a>, Reopened<'a>) {
    let mut finishers: Finishers<'_> = HashMap::new();
    let mut reopened: Reopened<'_> = HashMap::new();
    for work in &subject.state.work {
        if work.reopened {
            let by = finishers.remove(&work.task).unwrap_or(NOBODY);
            *reopened.entry(work.task).or_default().entry(by).or_default() += 1;
        } else {
            finishers.insert(work.task, work.actor.name());
        }
    }
    (finishers, reopened)
}

fn note(record: &mut Record, task: &Task) {
    match task.status {
        Status::Completed => record.completed += 1,
        Status::Failed => record.failed += 1,
        Status::Pending | Status::Active | Status::Blocked | Status::Review | Status::Cancelled => {
            return;
        }
    }
    if let (Some(started), Some(finished)) = (task.started_at, task.finished_at) {
        record.cycles_ms.push(finished.since_ms(started).max(0));
    }
    if let (Some(estimate), Some(actual)) = (task.estimate_minutes, task.actual_minutes) {
        record.estimated += u64::from(estimate);
        record.actual += u64::from(actual);
    }
}

fn records(records: BTreeMap<&str, Record>) -> Value {
    let rows = in_rows(records).map(|(name, record)| {
        map([
            ("name", name.into()),
            ("completed", record.completed.into()),
            ("failed", record.failed.into()),
            ("reopened", record.reopened.into()),
            ("cycle", median(record.cycles_ms).map(span).into()),
            (
                "accuracy",
                (0 < record.estimated).then(|| record.actual * 100 / record.estimated).into(),
            ),
        ])
    });
    rows.collect::<Vec<_>>().into()
}

/// In the order of the names, nobody's last.
fn in_rows<T>(mut all: BTreeMap<&str, T>) -> impl Iterator<Item = (&str, T)> {
    let nobody = all.remove(NOBODY);
    all.into_iter().take(ROWS_MAX).chain(nobody.map(|row| (NOBODY, row)))
}

fn median(mut values: Vec<i64>) -> Option<i64> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

/// A span in its two largest units.
fn span(milliseconds: i64) -> String {
    let minutes = milliseconds / 60_000;
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}
