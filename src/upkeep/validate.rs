//! Looking what is wrong with a project. Nothing is changed, and nobody who writes has to wait.
//!
//! Each check takes a look of its own, so that no look keeps the log of the database from being
//! written back for long.

mod archives;
mod database;
mod places;
mod records;

use super::cleanup::{self, Sort, Wanted};
use super::finding::{Finding, Severity};
use super::work::Work;
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::peer::Peer;
use crate::store::Reader;

words! {
    /// How closely it is looked.
    Level("level") {
        /// What costs no time, however large the board is.
        Basic = "basic" | "quick",
        /// Every count, sum and reference; documents and artifacts against their records.
        Comprehensive = "comprehensive" | "standard",
        /// Every page and index of the database besides, and the records against their history.
        FullAudit = "full_audit" | "full" | "audit",
    }
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aim {
    pub level: Level,
    /// Only what belongs to a session, where it belongs to one at all.
    pub session: Option<SessionId>,
}

/// What is found of each level by the same looks that find what lies about.
const BASIC: &[Sort] = &[
    Sort::SyncConflicts,
    Sort::StaleLocks,
    Sort::TemporaryFiles,
    Sort::ExpiredClaims,
    Sort::AbandonedSessions,
    Sort::OrphanedDocuments,
    Sort::Permissions,
];
const COMPREHENSIVE: &[Sort] = &[
    Sort::OrphanedTasks,
    Sort::BrokenDependencies,
    Sort::InvalidFileReferences,
    Sort::OrphanedArtifacts,
    Sort::StaleTasks,
    Sort::WrongCounts,
    Sort::SearchIndex,
];

/// One check.
type Check = fn(&Look<'_>) -> Result<Vec<Finding>, Refusal>;

/// Every check with the level from which on it is made.
const CHECKS: &[(Level, &str, Check)] = &[
    (Level::Basic, "sessions", records::sessions),
    (Level::Basic, "roles", records::roles),
    (Level::Basic, "claims of strangers", records::strangers),
    (Level::Basic, "modes", |look| Ok(places::modes(look))),
    (Level::Basic, "files", |look| Ok(places::strays(look))),
    (Level::Basic, "archives of sessions", archives::packs),
    (Level::Basic, "backups", archives::kept),
    (Level::Comprehensive, "references", database::references),
    (Level::Comprehensive, "pages", database::pages),
    (Level::Comprehensive, "documents", places::documents),
];

/// What a check has at hand.
struct Look<'a> {
    peer: &'a Peer,
    aim: Aim,
    work: Work<'a>,
}

/// Everything that is wrong, the worst first.
///
/// # Errors
///
/// When the database cannot be read at all, or it was cancelled.
pub fn validate(peer: &Peer, aim: Aim, work: Work<'_>) -> Result<Vec<Finding>, Refusal> {
    let sorts = sorts(aim.level);
    let checks: Vec<_> = CHECKS.iter().filter(|(from, _, _)| *from <= aim.level).collect();
    let of = sorts.len() + checks.len();
    let look = Look { peer, aim, work };
    let mut found = Vec::new();
    for (done, (_, what, check)) in checks.iter().enumerate() {
        work.step(done, of, what)?;
        found.extend(check(&look)?);
    }
    for (done, sort) in sorts.iter().enumerate() {
        work.step(checks.len() + done, of, sort.as_str())?;
        let wanted = Wanted { sorts: vec![*sort], session: aim.session, days: None };
        found.extend(cleanup::look(peer, &wanted, work)?.iter().map(Finding::of));
    }
    found.sort_by_key(|finding| finding.severity);
    found.dedup();
    Ok(found)
}

fn sorts(level: Level) -> Vec<Sort> {
    match level {
        Level::Basic => BASIC.to_vec(),
        Level::Comprehensive => [BASIC, COMPREHENSIVE].concat(),
        Level::FullAudit => [BASIC, COMPREHENSIVE, &[Sort::DamagedIndexes]].concat(),
    }
}

/// How many there are of each severity: errors, warnings, notes.
pub fn tally(findings: &[Finding]) -> [usize; 3] {
    let of = |severity| findings.iter().filter(|one| one.severity == severity).count();
    [of(Severity::Error), of(Severity::Warning), of(Severity::Note)]
}

impl Look<'_> {
    /// A look at the database that ends when nobody waits for it.
    fn read<T>(&self, look: impl FnOnce(&Reader) -> Result<T, Refusal>) -> Result<T, Refusal> {
        self.peer.readers.read_unless(self.work.cancel, look)
    }
}
