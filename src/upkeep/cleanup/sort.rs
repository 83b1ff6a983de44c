//! The sorts of things that lie about.

use crate::upkeep::finding::{Kind, Severity};

words! {
    /// A sort of things that lie about.
    Sort("cleanup_types") {
        /// Tasks in groups or below tasks that are not there, or nested too deeply.
        OrphanedTasks = "orphaned_tasks",
        /// Dependencies on nothing, in circles, or on what contains the task.
        BrokenDependencies = "broken_dependencies",
        /// Conflicts about records that are gone.
        SyncConflicts = "sync_conflicts",
        /// Artifacts whose files are gone or are others now.
        InvalidFileReferences = "invalid_file_references",
        /// Groups that hold nothing.
        UnusedTaskGroups = "unused_task_groups",
        /// What processes that ended have left in `run/`.
        StaleLocks = "stale_locks",
        /// Files that were being written when a process ended.
        TemporaryFiles = "temporary_files",
        /// Claims that ran out, or that nobody can have.
        ExpiredClaims = "expired_claims" | "stale_claims",
        /// Active tasks that nobody holds and nobody has changed for long, by role.
        StaleTasks = "stale_tasks",
        /// Sessions whose move was broken off, and suspended or completed ones of long ago.
        AbandonedSessions = "abandoned_sessions",
        /// Documents and directories of sessions that are not in the database.
        OrphanedDocuments = "orphaned_documents",
        /// Files of artifacts that are not recorded.
        OrphanedArtifacts = "orphaned_artifacts",
        /// Changes of long ago that nothing stands on.
        OldChanges = "old_changes" | "history",
        /// Texts of people that were replaced long ago.
        OldEditBackups = "old_edit_backups",
        /// Lines of the log of errors, and measures, of long ago.
        OldLogs = "old_logs" | "old_metrics" | "old_errors",
        /// Sums and counts that are not what the records say.
        WrongCounts = "wrong_counts" | "counts",
        /// Search indexes that miss something.
        SearchIndex = "search_index",
        /// Indexes of the database that are not what their tables say.
        DamagedIndexes = "damaged_indexes",
        /// Private files that others can read.
        Permissions = "permissions",
    }
}

words! {
    /// Where it is cleaned.
    Scope("cleanup_scope") {
        ActiveSession = "active_session" | "current_session",
        AllSessions = "all_sessions" | "full_project" | "all",
        DatabaseOnly = "database_only" | "database",
        FileSystemOnly = "file_system_only" | "files",
    }
}

impl Scope {
    /// Tells whether things of a sort are there.
    pub fn holds(self, sort: Sort) -> bool {
        match self {
            Self::ActiveSession | Self::AllSessions => true,
            Self::DatabaseOnly => !sort.is_of_files(),
            Self::FileSystemOnly => sort.is_of_files(),
        }
    }
}

/// Hours after which active work that nobody holds counts as left, by role; others: see
/// [`STALE_HOURS`].
pub(super) const STALE_BY_ROLE: &[(&str, i64)] = &[
    ("architect", 7 * 24),
    ("researcher", 7 * 24),
    ("reviewer", 5 * 24),
    ("documenter", 5 * 24),
    ("tester", 3 * 24),
    ("debugger", 24),
];
/// Hours after which other active work counts as left.
pub(super) const STALE_HOURS: i64 = 2 * 24;

impl Sort {
    /// Tells whether clearing it is a person's to decide: nothing brings it back.
    pub fn is_a_persons(self) -> bool {
        matches!(self, Self::OldChanges | Self::OldEditBackups | Self::OrphanedArtifacts)
    }

    /// What an earlier tool cleared when nothing was named, and what surely nobody wants.
    pub const USUAL: &'static [Self] = &[
        Self::OrphanedTasks,
        Self::BrokenDependencies,
        Self::SyncConflicts,
        Self::StaleLocks,
        Self::TemporaryFiles,
        Self::ExpiredClaims,
        Self::WrongCounts,
        Self::SearchIndex,
        Self::Permissions,
    ];

    /// What is told of where nothing is named: all but what reads the whole database for it.
    pub fn told() -> Vec<Self> {
        Self::ALL.iter().copied().filter(|sort| *sort != Self::DamagedIndexes).collect()
    }

    /// Tells whether it is about files rather than rows.
    pub fn is_of_files(self) -> bool {
        match self {
            Self::InvalidFileReferences
            | Self::StaleLocks
            | Self::TemporaryFiles
            | Self::OrphanedDocuments
            | Self::OrphanedArtifacts
            | Self::OldEditBackups
            | Self::Permissions => true,
            Self::OrphanedTasks
            | Self::BrokenDependencies
            | Self::SyncConflicts
            | Self::UnusedTaskGroups
            | Self::ExpiredClaims
            | Self::StaleTasks
            | Self::AbandonedSessions
            | Self::OldChanges
            | Self::OldLogs
            | Self::WrongCounts
            | Self::SearchIndex
            | Self::DamagedIndexes => false,
        }
    }

    /// Days from which on a thing of this sort counts as old.
    pub(super) fn days(self) -> i64 {
        match self {
            Self::AbandonedSessions | Self::OldEditBackups => 30,
            Self::OldChanges | Self::OldLogs => 90,
            Self::UnusedTaskGroups | Self::OrphanedArtifacts => 7,
            Self::OrphanedTasks
            | Self::BrokenDependencies
            | Self::SyncConflicts
            | Self::InvalidFileReferences
            | Self::StaleLocks
            | Self::TemporaryFiles
            | Self::ExpiredClaims
            | Self::StaleTasks
            | Self::OrphanedDocuments
            | Self::WrongCounts
            | Self::SearchIndex
            | Self::DamagedIndexes
            | Self::Permissions => 0,
        }
    }

    /// What a thing of this sort is as a finding.
    pub(in crate::upkeep) fn standing(self) -> (Kind, Severity) {
        match self {
            Self::OrphanedTasks => (Kind::MisplacedTask, Severity::Error),
            Self::BrokenDependencies => (Kind::BrokenDependency, Severity::Error),
            Self::SyncConflicts => (Kind::Conflict, Severity::Warning),
            Self::InvalidFileReferences => (Kind::Artifact, Severity::Warning),
            Self::UnusedTaskGroups => (Kind::UnusedGroup, Severity::Note),
            Self::StaleLocks | Self::TemporaryFiles => (Kind::LeftoverFile, Severity::Warning),
            Self::ExpiredClaims => (Kind::Claim, Severity::Warning),
            Self::StaleTasks => (Kind::StaleTask, Severity::Warning),
            Self::AbandonedSessions => (Kind::Session, Severity::Warning),
            Self::OrphanedDocuments => (Kind::Document, Severity::Warning),
            Self::OrphanedArtifacts => (Kind::Artifact, Severity::Note),
            Self::OldChanges | Self::OldEditBackups | Self::OldLogs => {
                (Kind::OldRows, Severity::Note)
            }
            Self::WrongCounts => (Kind::WrongCounts, Severity::Error),
            Self::SearchIndex => (Kind::SearchIndex, Severity::Error),
            Self::DamagedIndexes => (Kind::Damage, Severity::Error),
            Self::Permissions => (Kind::Permissions, Severity::Error),
        }
    }
}
