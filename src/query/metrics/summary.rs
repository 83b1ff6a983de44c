//! How the work goes, over a stretch of time: what was finished, how long it took, how the tools
//! answered, by whom.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{calls, finished};
use crate::domain::id::SessionId;
use crate::domain::progress::share;
use crate::domain::refusal::Refusal;
use crate::domain::time::{DAY_MS, MINUTE_MS, Timestamp};
use crate::store::Reader;

/// Rows of measures, and finished tasks, that one look takes; the newest count.
const ROWS_MAX: i64 = 20_000;
const FINISHED_MAX: i64 = 5_000;
/// Parts of the longest stretch.
const PARTS: i64 = 30;
const HOUR_MS: i64 = 60 * MINUTE_MS;

words! {
    /// A stretch of time that ends now.
    Range("range") {
        Hour = "1h" | "hour",
        Day = "24h" | "day" | "1d",
        Week = "7d" | "week",
        All = "all",
    }
}

impl Range {
    /// How long a part of it is, and how many there are; none where that depends.
    fn parts(self) -> Option<(i64, i64)> {
        match self {
            Self::Hour => Some((5 * MINUTE_MS, 12)),
            Self::Day => Some((HOUR_MS, 24)),
            Self::Week => Some((6 * HOUR_MS, 28)),
            Self::All => None,
        }
    }
}

/// One part of the stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Bucket {
    pub from: Timestamp,
    /// Tasks that were finished.
    pub finished: u64,
    pub calls: u64,
    pub errors: u64,
    /// Microseconds of all calls together.
    pub total_us: u64,
}

impl Bucket {
    /// The mean time of a call, in microseconds.
    pub fn mean_us(&self) -> u64 {
        self.total_us.checked_div(self.calls).unwrap_or(0)
    }
}

/// An agent, a role or a tool, over the whole stretch.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Row {
    pub name: String,
    pub finished: u64,
    /// The median time from the beginning of a task to its end, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycle_ms: Option<i64>,
    pub calls: u64,
    pub errors: u64,
    /// Microseconds.
    pub mean_us: u64,
    pub max_us: u64,
}

/// Everything about a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub range: Range,
    /// How long a part is.
    pub part_ms: i64,
    /// The oldest first.
    pub parts: Vec<Bucket>,
    pub finished: u64,
    /// Half of the tasks took no longer, and nine of ten.
    pub cycle_p50_ms: Option<i64>,
    pub cycle_p90_ms: Option<i64>,
    pub calls: u64,
    pub errors: u64,
    pub mean_us: u64,
    pub max_us: u64,
    /// Who did most, first.
    pub agents: Vec<Row>,
    pub roles: Vec<Row>,
    pub tools: Vec<Row>,
}

/// What is gathered of a row while it is counted.
#[derive(Default)]
struct Sums {
    finished: u64,
    cycles: Vec<i64>,
    calls: u64,
    errors: u64,
    total_us: u64,
    max_us: u64,
}

impl Sums {
    fn row(mut self, name: String) -> Row {
        Row {
            name,
            finished: self.finished,
            cycle_ms: share(&mut self.cycles, 50),
            calls: self.calls,
            errors: self.errors,
            mean_us: self.total_us.checked_div(self.calls).unwrap_or(0),
            max_us: self.max_us,
        }
    }
}

/// How the work went until now.
pub fn summary(
    reader: &Reader,
    session: Option<SessionId>,
    (range, now): (Range, Timestamp),
) -> Result<Summary, Refusal> {
    let (mut part_ms, mut count) = range.parts().unwrap_or((DAY_MS, PARTS));
    let since = match range.parts() {
        Some((part, count)) => Timestamp(ending(now, part).0 - part * count),
        None => Timestamp(0),
    };
    let done = match session {
        Some(session) => finished(reader, session, (since, FINISHED_MAX))?,
        None => Vec::new(),
    };
    let calls = calls(reader, since, ROWS_MAX)?;
    if range == Range::All {
        let oldest = done.iter().map(|one| one.at).chain(calls.iter().map(|row| row.hour)).min();
        let days = now.since_ms(oldest.unwrap_or(now)).div_euclid(DAY_MS) + 1;
        part_ms = DAY_MS * ((days + PARTS - 1) / PARTS).max(1);
        count = days.min(PARTS);
    }
    let first = Timestamp(ending(now, part_ms).0 - part_ms * count);
    let mut parts: Vec<Bucket> = (0..count)
        .map(|index| Bucket { from: first.plus_ms(index * part_ms), ..Bucket::default() })
        .collect();
    let [mut agents, mut roles, mut tools]: [BTreeMap<String, Sums>; 3] = Default::default();
    let mut all = Sums::default();
    for one in &done {
        let cycle = one.begun.map(|begun| one.at.since_ms(begun)).filter(|cycle| 0 <= *cycle);
        if let Some(part) = part(&mut parts, (first, part_ms), one.at) {
            part.finished += 1;
        }
        let role = one.role.clone().unwrap_or_else(|| "none".to_owned());
        let by = agents.entry(one.actor.name().to_owned()).or_default();
        for sums in [&mut all, by, roles.entry(role).or_default()] {
            sums.finished += 1;
            sums.cycles.extend(cycle);
        }
    }
    for row in &calls {
        let [calls, errors, total, longest] =
            [row.count, row.errors, row.total_us, row.max_us].map(i64::unsigned_abs);
        if let Some(part) = part(&mut parts, (first, part_ms), row.hour.max(first)) {
            part.calls += calls;
            part.errors += errors;
            part.total_us += total;
        }
        let by = agents.entry(row.agent.clone()).or_default();
        for sums in [&mut all, by, tools.entry(row.tool.clone()).or_default()] {
            sums.calls += calls;
            sums.errors += errors;
            sums.total_us += total;
            sums.max_us = sums.max_us.max(longest);
        }
    }
    let [agents, roles, tools] = [agents, roles, tools].map(rows);
    let [cycle_p50_ms, cycle_p90_ms] = [50, 90].map(|percent| share(&mut all.cycles, percent));
    let all = all.row(String::new());
    Ok(Summary {
        range,
        part_ms,
        parts,
        finished: all.finished,
        cycle_p50_ms,
        cycle_p90_ms,
        calls: all.calls,
        errors: all.errors,
        mean_us: all.mean_us,
        max_us: all.max_us,
        agents,
        roles,
        tools,
    })
}

/// The end of the part that a moment lies in.
fn ending(now: Timestamp, part_ms: i64) -> Timestamp {
    Timestamp((now.0.div_euclid(part_ms) + 1) * part_ms)
}

fn part(
    parts: &mut [Bucket],
    (first, part_ms): (Timestamp, i64),
    at: Timestamp,
) -> Option<&mut Bucket> {
    let index = at.since_ms(first).div_euclid(part_ms);
    usize::try_from(index).ok().and_then(|index| parts.get_mut(index))
}

fn rows(sums: BTreeMap<String, Sums>) -> Vec<Row> {
    let mut rows: Vec<Row> = sums.into_iter().map(|(name, sums)| sums.row(name)).collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.finished, row.calls)));
    rows
}
