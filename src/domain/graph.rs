//! The dependency graph: no cycles, and what waits for what.
//!
//! The order of the next task is the same everywhere: highest priority, then the longest chain of
//! open work that waits for it (in estimated minutes), then the oldest.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::refusal::Refusal;

/// Most tasks looked at when a cycle is searched.
pub const WALK_MAX: usize = 200_000;

/// Returns the path from one task along its dependencies to another, both ends included.
///
/// `dependencies` names the tasks that a task waits for. A new edge `task → depends_on` closes
/// a circle exactly when such a path leads from `depends_on` to `task`.
///
/// # Errors
///
/// Whatever `dependencies` fails with.
pub fn path<Task: Copy + Eq + Hash>(
    from: Task,
    to: Task,
    mut dependencies: impl FnMut(Task) -> Result<Vec<Task>, Refusal>,
) -> Result<Option<Vec<Task>>, Refusal> {
    let mut came_from: HashMap<Task, Task> = HashMap::new();
    let mut seen = HashSet::from([from]);
    let mut stack = vec![from];
    while let Some(here) = stack.pop() {
        if here == to {
            return Ok(Some(trace(&came_from, from, to)));
        }
        for next in dependencies(here)? {
            if seen.len() < WALK_MAX && seen.insert(next) {
                came_from.insert(next, here);
                stack.push(next);
            }
        }
    }
    Ok(None)
}

fn trace<Task: Copy + Eq + Hash>(
    came_from: &HashMap<Task, Task>,
    from: Task,
    to: Task,
) -> Vec<Task> {
    let mut steps = vec![to];
    let mut here = to;
    while here != from {
        let Some(&before) = came_from.get(&here) else { break };
        steps.push(before);
        here = before;
    }
    steps.reverse();
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::TaskId;

    fn id(number: u64) -> TaskId {
        TaskId::from_random(number)
    }

    #[test]
    fn a_path_is_found_with_every_step() {
        let edges = HashMap::from([(1, vec![2, 3]), (2, vec![4]), (3, vec![5]), (5, vec![6])]);
        let numbers: HashMap<TaskId, u64> = (1..=6).map(|number| (id(number), number)).collect();
        let look = |task: TaskId| {
            let next = edges.get(&numbers[&task]).cloned().unwrap_or_default();
            Ok(next.into_iter().map(id).collect())
        };
        assert_eq!(path(id(1), id(6), look).unwrap(), Some(vec![id(1), id(3), id(5), id(6)]));
        assert_eq!(path(id(4), id(1), look).unwrap(), None);
        assert_eq!(path(id(1), id(1), look).unwrap(), Some(vec![id(1)]));
    }
}
