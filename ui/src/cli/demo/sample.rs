//! The sample project as it is written in `sample.yaml`.

use std::collections::BTreeMap;

use callboard_engine::domain::task::Priority;
use serde::Deserialize;

const TEXT: &str = include_str!("sample.yaml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sample {
    pub(super) previous: Stretch,
    pub(super) current: Stretch,
    /// What agents find out.
    pub(super) notes: Vec<String>,
    /// What comes of tasks.
    pub(super) results: Vec<String>,
    /// What stops tasks.
    pub(super) blockers: Vec<String>,
    /// What becomes work once the plan is done.
    pub(super) follow_ups: Vec<FollowUp>,
    /// What always remains to be done about something, which stands for `{}`.
    pub(super) chores: Vec<String>,
}

/// A session.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stretch {
    pub(super) name: String,
    pub(super) goal: String,
    pub(super) groups: Vec<Group>,
    #[serde(default)]
    pub(super) context: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) tasks: Vec<Item>,
}

/// A task.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Item {
    pub(super) title: String,
    #[serde(default)]
    pub(super) local: Option<String>,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) priority: Option<Priority>,
    #[serde(default)]
    pub(super) role: Option<String>,
    #[serde(default)]
    pub(super) estimate: Option<u32>,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    #[serde(default)]
    pub(super) after: Vec<String>,
    #[serde(default)]
    pub(super) parts: Vec<Self>,
    /// What came of it, when it is done from the beginning.
    #[serde(default)]
    pub(super) done: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FollowUp {
    pub(super) title: String,
    pub(super) group: String,
    pub(super) priority: Priority,
    pub(super) role: String,
    pub(super) estimate: u32,
}

impl Sample {
    /// Reads the sample that is built in.
    ///
    /// # Errors
    ///
    /// With what is wrong with the file; a test holds that nothing is.
    pub(super) fn built_in() -> Result<Self, String> {
        serde_yaml::from_str(TEXT).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_a_lively_project() {
        let sample = Sample::built_in().unwrap();
        let tasks: usize = sample
            .current
            .groups
            .iter()
            .flat_map(|group| &group.tasks)
            .map(|task| 1 + task.parts.len())
            .sum();
        assert!((35..50).contains(&tasks), "{tasks} tasks");
        for follow_up in &sample.follow_ups {
            assert!(sample.current.groups.iter().any(|group| group.name == follow_up.group));
        }
    }
}
