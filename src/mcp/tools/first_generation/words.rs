//! The words of the first generation, and what its statuses are called today.

use crate::domain::task::{Complexity, Status};
use crate::mcp::params::Words;

words! {
    /// How hard a plan is.
    Level("complexity_level") {
        Simple = "simple" | "trivial",
        Moderate = "moderate",
        Complex = "complex",
        VeryComplex = "very_complex",
    }
}

words! {
    /// What is to happen after a subtask was worked on.
    NextAction("next_action") {
        /// It is done; go on with the next.
        Continue = "continue",
        /// It is not right yet.
        NeedsRevision = "needs_revision",
        /// It cannot be finished now.
        Blocked = "blocked",
        /// It is done.
        Complete = "complete" | "completed" | "done",
    }
}

words! {
    /// What kind of work was handed over.
    ArtifactType("artifact_type") {
        Code = "code",
        Documentation = "documentation",
        Analysis = "analysis",
        Design = "design",
        Test = "test",
        Config = "config",
        General = "general",
    }
}

words! {
    /// What the maintenance coordinator is to do.
    Chore("action") {
        ScanCleanup = "scan_cleanup",
        ValidateStructure = "validate_structure",
        UpdateDocumentation = "update_documentation",
        PrepareHandover = "prepare_handover",
    }
}

words! {
    /// How far the maintenance coordinator looks.
    Scope("scope") {
        CurrentSession = "current_session",
        FullProject = "full_project",
        SpecificSubtask = "specific_subtask",
    }
}

words! {
    /// How closely the maintenance coordinator looks.
    Thoroughness("validation_level") {
        Basic = "basic",
        Comprehensive = "comprehensive",
        FullAudit = "full_audit",
    }
}

macro_rules! words_of {
    ($($name:ident),+) => {$(
        impl Words for $name {
            const TEXTS: &'static [&'static str] = Self::TEXTS;
        }
    )+};
}

words_of!(Level, NextAction, ArtifactType, Chore, Scope, Thoroughness);

impl Level {
    pub(super) fn complexity(self) -> Complexity {
        match self {
            Self::Simple => Complexity::Simple,
            Self::Moderate => Complexity::Moderate,
            Self::Complex => Complexity::Complex,
            Self::VeryComplex => Complexity::VeryComplex,
        }
    }
}

impl NextAction {
    /// The status that it leads to.
    pub(super) fn status(self) -> Status {
        match self {
            Self::Continue | Self::Complete => Status::Completed,
            Self::NeedsRevision => Status::Review,
            Self::Blocked => Status::Blocked,
        }
    }
}

/// What the first generation calls a status.
pub(super) fn status_word(status: Status) -> &'static str {
    match status {
        Status::Pending => "pending",
        Status::Active => "active",
        Status::Blocked => "blocked",
        Status::Review => "needs_revision",
        Status::Completed => "completed",
        Status::Cancelled => "cancelled",
        Status::Failed => "failed",
    }
}
