//! The chains of open work, counted anew: each task after all that wait for it, so that every
//! dependency is looked at once, however long the chains are.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, params};

use crate::store::derived::{CHAIN_MAX, CHAIN_MINUTES};

/// Every dependency of open work: the task that is waited for, who waits, and what that weighs.
const EDGES: &str = "
    SELECT other.number, waiting.number, coalesce(waiting.estimate_minutes, ?)
    FROM task_dependencies JOIN tasks AS waiting ON waiting.id = task_id
        JOIN tasks AS other ON other.id = depends_on
    WHERE waiting.status IN ('pending', 'active', 'blocked', 'review')";

/// One dependency, by the numbers of its tasks.
struct Edge {
    on: i64,
    waiting: i64,
    minutes: i64,
}

/// Writes every chain that has a length, and returns how many were off. What is in a circle of
/// waiting work, or waited for by one, has none: it stays as it is until the circle is opened.
pub(super) fn recount(connection: &Connection) -> rusqlite::Result<usize> {
    let edges = edges(connection)?;
    let Order { chains, unknown } = ordered(&edges);
    let mut statement =
        connection.prepare("SELECT number, chain FROM tasks WHERE chain <> 0 OR number IN (SELECT value FROM json_each(?))")?;
    let named: Vec<i64> =
        chains.iter().filter(|(_, chain)| **chain != 0).map(|(number, _)| *number).collect();
    let list = serde_json::to_string(&named).unwrap_or_default();
    let found = statement.query_map([list], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let kept: Vec<(i64, i64)> = found.collect::<rusqlite::Result<_>>()?;
    let mut update = connection.prepare("UPDATE tasks SET chain = ? WHERE number = ?")?;
    let mut changed = 0;
    for (number, chain) in kept {
        let right = chains.get(&number).copied().unwrap_or(0);
        if right != chain && !unknown.contains(&number) {
            changed += update.execute(params![right, number])?;
        }
    }
    Ok(changed)
}

fn edges(connection: &Connection) -> rusqlite::Result<Vec<Edge>> {
    let mut statement = connection.prepare(EDGES)?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Edge { on: row.get(0)?, waiting: row.get(1)?, minutes: row.get(2)? })
    };
    statement.query_map([CHAIN_MINUTES], read)?.collect()
}

/// How long the chain behind each task is, and for which that cannot be said.
struct Order {
    chains: HashMap<i64, i64>,
    unknown: HashSet<i64>,
}

fn ordered(edges: &[Edge]) -> Order {
    let mut left: HashMap<i64, usize> = HashMap::new();
    let mut waits_for: HashMap<i64, Vec<&Edge>> = HashMap::new();
    for edge in edges {
        left.entry(edge.waiting).or_default();
        *left.entry(edge.on).or_default() += 1;
        waits_for.entry(edge.waiting).or_default().push(edge);
    }
    let mut free: Vec<i64> =
        left.iter().filter(|(_, count)| **count == 0).map(|(number, _)| *number).collect();
    let mut chains: HashMap<i64, i64> = HashMap::new();
    while let Some(done) = free.pop() {
        let behind = chains.get(&done).copied().unwrap_or(0);
        for edge in waits_for.get(&done).into_iter().flatten() {
            let chain = chains.entry(edge.on).or_default();
            *chain = (*chain).max(behind.saturating_add(edge.minutes)).min(CHAIN_MAX);
            let Some(count) = left.get_mut(&edge.on) else { continue };
            *count -= 1;
            if *count == 0 {
                free.push(edge.on);
            }
        }
    }
    let unknown = left.into_iter().filter(|(_, count)| 0 < *count).map(|(number, _)| number);
    Order { chains, unknown: unknown.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge((on, waiting, minutes): (i64, i64, i64)) -> Edge {
        Edge { on, waiting, minutes }
    }

    #[test]
    fn a_long_chain_is_walked_once() {
        let edges: Vec<Edge> = (1..200_000).map(|n| edge((n, n + 1, 2))).collect();
        let order = ordered(&edges);
        assert_eq!(order.chains.get(&1), Some(&399_998));
        assert!(order.unknown.is_empty());
    }

    #[test]
    fn the_longest_way_counts_and_a_circle_has_no_length() {
        let edges: Vec<Edge> =
            [(1, 2, 5), (1, 3, 1), (3, 4, 9), (5, 6, 1), (6, 7, 1), (7, 6, 1), (6, 8, 1)]
                .map(edge)
                .into();
        let Order { chains, unknown } = ordered(&edges);
        assert_eq!((chains.get(&1), chains.get(&3)), (Some(&10), Some(&9)));
        assert_eq!(unknown, HashSet::from([5, 6, 7]));
    }
}
