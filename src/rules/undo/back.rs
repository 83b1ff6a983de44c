//! What is known while a command is taken back: what came of it, and what of it is back already.

use std::collections::{HashMap, HashSet};

use super::super::{Scene, Write, claim};
use super::stands_in_the_way;
use crate::domain::artifact::Artifact;
use crate::domain::change::{Change, Verb};
use crate::domain::group::TaskGroup;
use crate::domain::id::{GroupId, SessionId};
use crate::domain::record::{Record, RecordKey};
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::task::{Status, Task};

/// A command on its way back.
pub(super) struct Back<'a> {
    pub(super) scene: &'a Scene<'a>,
    /// The names of the records that the command changed.
    own: HashSet<&'a str>,
    /// The records that are back already, as they will be.
    written: HashMap<RecordKey, Option<Record>>,
    /// The command brought sessions back, or took that back: their states go along with it.
    pub(super) moves_sessions: bool,
    /// What the changes are called.
    pub(super) verb: Verb,
}

impl<'a> Back<'a> {
    pub(super) fn of(scene: &'a Scene<'a>, changes: &'a [Change], verb: Verb) -> Self {
        let is_back = |verb: Verb| matches!(verb, Verb::Undone | Verb::Redone);
        let moves = |change: &Change| {
            let is_session = matches!(change.record.parse(), Ok(RecordKey::Session(_)));
            let is_moved = change.after.as_ref().is_some_and(|fields| fields.contains_key("state"));
            change.verb == Verb::SessionRestored || (is_session && is_back(change.verb) && is_moved)
        };
        Self {
            scene,
            own: changes.iter().map(|change| change.record.as_str()).collect(),
            written: HashMap::new(),
            moves_sessions: changes.iter().any(moves),
            verb,
        }
    }

    /// A record as it will be, as far as it is back.
    pub(super) fn record(&self, key: &RecordKey) -> Result<Option<Record>, Refusal> {
        match self.written.get(key) {
            Some(record) => Ok(record.clone()),
            None => self.scene.lookups.record(key),
        }
    }

    pub(super) fn wrote(&mut self, write: &Write) {
        if let Some(record) = write.after.as_ref().or(write.before.as_ref()) {
            self.written.insert(record.key(), write.after.clone());
        }
    }

    /// Refuses to take back the making of something that has since been built upon.
    pub(super) fn refuse_used(&self, change: &Change, current: &Record) -> Result<(), Refusal> {
        let in_the_way = match current {
            Record::Task(task) => self.is_used(task)?,
            Record::Group(group) => self.has_guests(group)?,
            Record::Session(_)
            | Record::Dependency(_)
            | Record::Context(_)
            | Record::Conflict(_)
            | Record::Artifact(_) => false,
        };
        if in_the_way {
            Err(stands_in_the_way(change, "other work has been built on it since"))
        } else {
            Ok(())
        }
    }

    fn is_used(&self, task: &Task) -> Result<bool, Refusal> {
        let lookups = self.scene.lookups;
        let held = task.claim.as_ref().is_some_and(|claim| !claim.is_stale(self.scene.now));
        // Children and edges made by the same command are taken back with it, before it.
        Ok(held
            || lookups.children(task.id)?.iter().any(|child| !self.is_own(&child.id.to_string()))
            || lookups
                .dependents(task.id)?
                .iter()
                .any(|other| !self.is_own(&format!("{other}>{}", task.id)))
            || lookups
                .dependencies(task.id)?
                .iter()
                .any(|on| !self.is_own(&format!("{}>{on}", task.id))))
    }

    fn has_guests(&self, group: &TaskGroup) -> Result<bool, Refusal> {
        // What came into it by the same command goes with it, before it.
        let tasks = self.scene.lookups.tasks_of_group(group.id)?;
        let groups = self.scene.lookups.groups(group.session_id)?;
        Ok(tasks.iter().any(|task| !self.is_own(&task.id.to_string()))
            || groups
                .iter()
                .filter(|other| other.parent_id == Some(group.id))
                .any(|other| !self.is_own(&other.id.to_string())))
    }

    fn is_own(&self, name: &str) -> bool {
        self.own.contains(name)
    }

    /// Refuses to bring a record back to a place that is gone or taken.
    pub(super) fn check_home(&self, change: &Change, record: &Record) -> Result<(), Refusal> {
        let why = match record {
            Record::Task(task) => match task.group_id {
                Some(group) if !self.has_group(group)? => "its group was deleted since",
                Some(_) | None => return Ok(()),
            },
            Record::Group(group) if self.is_named_so(group)? => "another group has its name now",
            Record::Session(session) if self.is_place_taken(session)? => {
                "another session is live now"
            }
            Record::Artifact(artifact) if self.has_later(artifact)? => {
                "a later edition was recorded since"
            }
            // Dependencies are asked about one after the other as they come back.
            Record::Group(_)
            | Record::Session(_)
            | Record::Dependency(_)
            | Record::Context(_)
            | Record::Conflict(_)
            | Record::Artifact(_) => return Ok(()),
        };
        Err(stands_in_the_way(change, why))
    }

    fn has_group(&self, id: GroupId) -> Result<bool, Refusal> {
        self.record(&RecordKey::Group(id)).map(|found| found.is_some())
    }

    fn is_named_so(&self, group: &TaskGroup) -> Result<bool, Refusal> {
        let groups = self.scene.lookups.groups(group.session_id)?;
        Ok(groups.into_iter().any(|other| {
            // What the command itself named goes back to its name with it.
            !self.is_own(&other.id.to_string())
                && other.id != group.id
                && other.parent_id == group.parent_id
                && other.name.to_lowercase() == group.name.to_lowercase()
        }))
    }

    fn has_later(&self, artifact: &Artifact) -> Result<bool, Refusal> {
        let newest = self.scene.lookups.newest_edition(artifact.session_id, &artifact.title)?;
        Ok(newest.is_some_and(|newest| {
            newest.id != artifact.id
                && !self.written.contains_key(&RecordKey::Artifact(newest.id))
                && artifact.edition <= newest.edition
        }))
    }

    fn is_place_taken(&self, session: &Session) -> Result<bool, Refusal> {
        let live = self.scene.lookups.live_session()?;
        let Some(live) = live.filter(|live| session.state.is_live() && live.id != session.id)
        else {
            return Ok(false);
        };
        let leaves = match self.written.get(&RecordKey::Session(live.id)) {
            Some(Some(Record::Session(after))) => !after.state.is_live(),
            _ => false,
        };
        Ok(!leaves)
    }

    /// The ends of the claims in a session that is at work no more.
    pub(super) fn let_go(&self, write: &Write) -> Result<Vec<Write>, Refusal> {
        let (Some(Record::Session(before)), Some(Record::Session(after))) =
            (&write.before, &write.after)
        else {
            return Ok(Vec::new());
        };
        if !before.state.allows_work() || after.state.allows_work() {
            return Ok(Vec::new());
        }
        self.claims(after.id)
    }

    fn claims(&self, session: SessionId) -> Result<Vec<Write>, Refusal> {
        let mut writes = Vec::new();
        for held in self.scene.lookups.held_tasks(session)? {
            let Some(Record::Task(task)) = self.record(&RecordKey::Task(held.id))? else {
                continue;
            };
            if task.claim.is_some() {
                writes.push(claim::let_go(self.scene, &task, Status::Pending, None));
            }
        }
        Ok(writes)
    }
}
