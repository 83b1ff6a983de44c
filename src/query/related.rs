//! What is related to a task, why, and how closely.
//!
//! Every way to be related is looked up by an index and within a bound; a task that is related in
//! several ways is named once, with all the reasons.

mod likeness;
mod ways;

use std::collections::HashMap;

use serde::Serialize;

use super::rows::TaskRow;
use super::tasks;
use crate::domain::id::TaskId;
use crate::domain::refusal::Refusal;
use crate::store::Reader;

/// Tasks that are returned at most.
pub const RELATED_MAX: usize = 50;
/// Steps along dependencies at most.
pub const DISTANCE_MAX: usize = 3;

words! {
    /// A way in which tasks are related.
    Relation("relation") {
        /// The task waits for it.
        DependsOn = "depends_on" | "dependency" | "dependencies",
        /// It waits for the task.
        NeededBy = "needed_by" | "dependent" | "dependents" | "blocks",
        Parent = "parent",
        Child = "child" | "children" | "subtask",
        Sibling = "sibling" | "siblings" | "same_parent",
        Artifact = "artifact" | "artifacts" | "same_artifact",
        Files = "files" | "same_files" | "claim_paths",
        Tag = "tag" | "tags" | "same_tag",
        Text = "text" | "similar_text" | "similar",
        Group = "group" | "same_group",
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelatedQuery {
    pub task: TaskId,
    /// All when empty.
    pub relations: Vec<Relation>,
    /// Steps along dependencies.
    pub distance: usize,
    pub limit: usize,
}

impl RelatedQuery {
    /// Everything that is closely related to a task.
    pub fn new(task: TaskId) -> Self {
        Self { task, relations: Vec::new(), distance: 2, limit: super::LIMIT }
    }
}

/// Why a task is related.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    pub relation: Relation,
    /// In words, such as `same tag: auth`.
    pub text: String,
    #[serde(skip)]
    weight: f64,
}

/// A task that is related to another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Related {
    pub task: TaskRow,
    /// The strongest first.
    pub reasons: Vec<Reason>,
    /// The weights of the reasons together.
    pub score: f64,
}

/// The tasks related to one, the closest first.
///
/// # Errors
///
/// When there is no such task, or the store fails.
pub fn related(reader: &Reader, query: &RelatedQuery) -> Result<Vec<Related>, Refusal> {
    let view = tasks::view(reader, query.task)?;
    let wants = |relation| query.relations.is_empty() || query.relations.contains(&relation);
    let mut found = Findings::default();
    let distance = query.distance.clamp(1, DISTANCE_MAX);
    for relation in Relation::ALL.iter().copied().filter(|relation| wants(*relation)) {
        match relation {
            Relation::DependsOn | Relation::NeededBy => {
                ways::dependencies(reader, query.task, (relation, distance), &mut found)?;
            }
            Relation::Parent => found
                .add_some(view.parent.as_ref().map(|parent| parent.id), || {
                    Reason::new(relation, "its parent", 0.9)
                }),
            Relation::Child => view.children.iter().for_each(|child| {
                found.add(child.id, Reason::new(relation, "a part of it", 0.9));
            }),
            Relation::Sibling => ways::siblings(reader, &view.task, &mut found)?,
            Relation::Artifact => ways::artifacts(reader, query.task, &mut found)?,
            Relation::Files => ways::files(reader, &view.task, &mut found)?,
            Relation::Tag => ways::tags(reader, &view.task, &mut found)?,
            Relation::Text => likeness::texts(reader, &view.task, &mut found)?,
            Relation::Group => ways::group(reader, &view.task, &mut found)?,
        }
    }
    found.0.remove(&query.task);
    found.ranked(reader, query.limit.clamp(1, RELATED_MAX))
}

impl Reason {
    fn new(relation: Relation, text: impl Into<String>, weight: f64) -> Self {
        Self { relation, text: text.into(), weight }
    }
}

/// Reasons by task.
#[derive(Debug, Default)]
struct Findings(HashMap<TaskId, Vec<Reason>>);

impl Findings {
    fn add(&mut self, task: TaskId, reason: Reason) {
        let reasons = self.0.entry(task).or_default();
        if !reasons.iter().any(|known| known.text == reason.text) {
            reasons.push(reason);
        }
    }

    fn add_some(&mut self, task: Option<TaskId>, reason: impl FnOnce() -> Reason) {
        if let Some(task) = task {
            self.add(task, reason());
        }
    }

    fn ranked(self, reader: &Reader, limit: usize) -> Result<Vec<Related>, Refusal> {
        let mut ranked: Vec<(f64, TaskId, Vec<Reason>)> = self
            .0
            .into_iter()
            .map(|(task, mut reasons)| {
                reasons.sort_by(|left, right| right.weight.total_cmp(&left.weight));
                let sum: f64 = reasons.iter().map(|reason| reason.weight).sum();
                (sum, task, reasons)
            })
            .collect();
        ranked.sort_by(|(left, one, _), (right, other, _)| {
            right.total_cmp(left).then_with(|| one.cmp(other))
        });
        ranked.truncate(limit);
        let row = |(score, task, reasons): (f64, TaskId, Vec<Reason>)| {
            let score = (score * 100.0).round() / 100.0;
            Ok(Related { task: tasks::row(reader, task)?, reasons, score })
        };
        ranked.into_iter().map(row).collect()
    }
}
