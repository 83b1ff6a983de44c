//! Looking for what lies about, one sort after the other.

use super::{Item, Sort, Wanted, artifacts, feed, files, records};
use crate::domain::refusal::Refusal;
use crate::domain::time::{DAY_MS, Timestamp};
use crate::peer::Peer;
use crate::store::Reader;
use crate::upkeep::work::Work;

/// What a look has at hand.
pub(super) struct Look<'a> {
    pub(super) peer: &'a Peer,
    pub(super) wanted: &'a Wanted,
    pub(super) work: Work<'a>,
    pub(super) now: Timestamp,
}

/// Finds what lies about of the sorts that are wanted.
///
/// # Errors
///
/// When the database or a folder cannot be read, or it was cancelled.
pub fn look(peer: &Peer, wanted: &Wanted, work: Work<'_>) -> Result<Vec<Item>, Refusal> {
    let look = Look { peer, wanted, work, now: peer.clock.now() };
    let mut found = Vec::new();
    for (done, sort) in wanted.sorts.iter().enumerate() {
        work.step(done, wanted.sorts.len(), sort.as_str())?;
        found.extend(look.sort(*sort)?);
    }
    Ok(found)
}

impl Look<'_> {
    fn sort(&self, sort: Sort) -> Result<Vec<Item>, Refusal> {
        match sort {
            Sort::OrphanedTasks => records::misplaced(self),
            Sort::BrokenDependencies => records::dependencies(self),
            Sort::SyncConflicts => records::conflicts(self),
            Sort::UnusedTaskGroups => records::groups(self),
            Sort::ExpiredClaims => records::claims(self),
            Sort::StaleTasks => records::stale_tasks(self),
            Sort::AbandonedSessions => records::sessions(self),
            Sort::WrongCounts => records::counts(self),
            Sort::SearchIndex => records::search(self),
            Sort::DamagedIndexes => records::indexes(self),
            Sort::OldChanges => feed::changes(self),
            Sort::OldLogs => feed::logs(self),
            Sort::StaleLocks => Ok(files::locks(self)),
            Sort::TemporaryFiles => Ok(files::temporary(self)),
            Sort::OrphanedDocuments => files::documents(self),
            Sort::InvalidFileReferences => artifacts::references(self),
            Sort::OrphanedArtifacts => artifacts::strays(self),
            Sort::OldEditBackups => files::edits(self),
            Sort::Permissions => Ok(files::permissions(self)),
        }
    }

    /// The moment before which a thing of a sort counts as old.
    pub(super) fn old(&self, sort: Sort) -> Timestamp {
        let days = self.wanted.days.map_or_else(|| sort.days(), i64::from);
        self.now.plus_ms(-days.saturating_mul(DAY_MS))
    }

    /// A look at the database that ends when nobody waits for it.
    pub(super) fn read<T>(
        &self,
        look: impl FnOnce(&Reader) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.peer.readers.read_unless(self.work.cancel, look)
    }
}
