//! The block `mode_configuration`.

use crate::domain::claim::CLAIM_MINUTES_MAX;
use crate::domain::mode::{ModeSettings, PathOverlap};
use crate::domain::task::{Complexity, DEPTH_MAX};
use crate::modes::problem::Problems;
use crate::modes::tree::Node;

use super::values::{self, Fields};

pub(super) const KEYS: &[&str] = &[
    "default_complexity",
    "auto_task_routing",
    "max_subtask_depth",
    "progress_aggregation",
    "claim_minutes",
    "path_overlap",
    "task_distribution",
];

/// The settings that a file says; the others it inherits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SettingsPart {
    default_complexity: Option<Complexity>,
    auto_task_routing: Option<bool>,
    max_subtask_depth: Option<usize>,
    claim_minutes: Option<u32>,
    path_overlap: Option<PathOverlap>,
}

impl SettingsPart {
    /// These, and where they say nothing the others.
    pub(super) fn over(self, below: Self) -> Self {
        Self {
            default_complexity: self.default_complexity.or(below.default_complexity),
            auto_task_routing: self.auto_task_routing.or(below.auto_task_routing),
            max_subtask_depth: self.max_subtask_depth.or(below.max_subtask_depth),
            claim_minutes: self.claim_minutes.or(below.claim_minutes),
            path_overlap: self.path_overlap.or(below.path_overlap),
        }
    }

    pub(super) fn settled(self) -> ModeSettings {
        let usual = ModeSettings::default();
        ModeSettings {
            default_complexity: self.default_complexity.unwrap_or(usual.default_complexity),
            auto_task_routing: self.auto_task_routing.unwrap_or(usual.auto_task_routing),
            max_subtask_depth: self.max_subtask_depth.unwrap_or(usual.max_subtask_depth),
            claim_minutes: self.claim_minutes.unwrap_or(usual.claim_minutes),
            path_overlap: self.path_overlap.unwrap_or(usual.path_overlap),
        }
    }
}

pub(super) fn settings(node: &Node, problems: &mut Problems) -> SettingsPart {
    let Some(fields) = Fields::of(node, "mode_configuration", KEYS, problems) else {
        return SettingsPart::default();
    };
    if let Some(node) = fields.get("progress_aggregation") {
        weighted_only(node, problems);
    }
    if let Some(place) = fields.place("task_distribution") {
        problems.warn(place, "task_distribution has no effect: agents take what is ready");
    }
    let minutes = usize::try_from(CLAIM_MINUTES_MAX).unwrap_or(usize::MAX);
    SettingsPart {
        default_complexity: fields
            .get("default_complexity")
            .and_then(|node| values::word(node, "default_complexity", Complexity::TEXTS, problems)),
        auto_task_routing: fields
            .get("auto_task_routing")
            .and_then(|node| values::flag(node, "auto_task_routing", problems)),
        max_subtask_depth: fields
            .get("max_subtask_depth")
            .and_then(|node| values::number(node, "max_subtask_depth", (1, DEPTH_MAX), problems)),
        claim_minutes: fields
            .get("claim_minutes")
            .and_then(|node| values::number(node, "claim_minutes", (1, minutes), problems))
            .and_then(|minutes| u32::try_from(minutes).ok()),
        path_overlap: fields
            .get("path_overlap")
            .and_then(|node| values::word(node, "path_overlap", PathOverlap::TEXTS, problems)),
    }
}

/// Progress is always weighted by estimates; a file that wants something else is told so.
fn weighted_only(node: &Node, problems: &mut Problems) {
    if values::text(node, "progress_aggregation", problems).is_some_and(|said| said != "weighted") {
        let message = "progress_aggregation has no effect: progress is weighted by estimates";
        problems.warn(node.place, message).suggest("write weighted, or remove it");
    }
}
