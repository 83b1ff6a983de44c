//! Progress: the estimate-weighted mean of the tasks, computed from their tallies.

use serde::{Deserialize, Serialize};

/// Sums over some tasks. A task without an estimate weighs as much as the mean of the estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Tasks, cancelled ones not counted.
    pub tasks: i64,
    /// Those of them that are completed.
    pub completed: i64,
    /// Those of them that have an estimate.
    pub estimated: i64,
    /// The sum of the estimates, in minutes.
    pub minutes: i64,
    /// The sum of progress (0 to 100) over the tasks without an estimate.
    pub points: i64,
    /// The sum of progress times estimate over the tasks with one.
    pub weighted_points: i64,
}

impl Tally {
    /// Adds the sums of other tasks.
    pub fn plus(self, other: Self) -> Self {
        Self {
            tasks: self.tasks + other.tasks,
            completed: self.completed + other.completed,
            estimated: self.estimated + other.estimated,
            minutes: self.minutes + other.minutes,
            points: self.points + other.points,
            weighted_points: self.weighted_points + other.weighted_points,
        }
    }

    /// The mean progress, 0 to 100; 100 only when every task is completed, 0 for no tasks.
    pub fn percent(self) -> u8 {
        if self.tasks == 0 {
            return 0;
        }
        if self.completed == self.tasks {
            return 100;
        }
        let plain = i128::from(self.tasks - self.estimated);
        let (estimated, minutes) = (i128::from(self.estimated), i128::from(self.minutes));
        let (points, weighted) = (i128::from(self.points), i128::from(self.weighted_points));
        // The mean estimate is minutes / estimated; everything is multiplied by `estimated`.
        let mean = if estimated == 0 || minutes == 0 {
            (points + if minutes == 0 { 0 } else { weighted }) / i128::from(self.tasks)
        } else {
            (weighted * estimated + points * minutes) / (minutes * estimated + minutes * plain)
        };
        u8::try_from(mean.clamp(0, 99)).unwrap_or(0)
    }
}

/// The value that so many of a hundred do not exceed; the median for 50.
pub fn share(values: &mut [i64], percent: usize) -> Option<i64> {
    values.sort_unstable();
    let last = values.len().checked_sub(1)?;
    values.get((last * percent).div_ceil(100)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(tasks: &[(u8, Option<i64>)]) -> Tally {
        tasks.iter().fold(Tally::default(), |sum, (progress, estimate)| {
            let progress = i64::from(*progress);
            sum.plus(Tally {
                tasks: 1,
                completed: i64::from(progress == 100),
                estimated: i64::from(estimate.is_some()),
                minutes: estimate.unwrap_or(0),
                points: if estimate.is_none() { progress } else { 0 },
                weighted_points: estimate.map_or(0, |minutes| minutes * progress),
            })
        })
    }

    #[test]
    fn progress_is_the_weighted_mean() {
        type Leaf = (u8, Option<i64>);
        let table: &[(&[Leaf], u8)] = &[
            (&[], 0),
            (&[(0, None), (100, None)], 50),
            (&[(100, Some(10)), (0, Some(30))], 25),
            (&[(100, Some(10)), (0, None)], 50),
            (&[(50, None), (100, None), (0, None)], 50),
            (&[(100, Some(90)), (100, None)], 100),
            (&[(100, Some(1_000_000)), (0, Some(1))], 99),
            (&[(100, None), (99, None)], 99),
        ];
        for (tasks, percent) in table {
            assert_eq!(tally(tasks).percent(), *percent, "{tasks:?}");
        }
    }
}
