//! The rules' questions, answered inside the writer's transaction.

mod feed;

use std::sync::Arc;

use rusqlite::{OptionalExtension as _, Params, Row, params};

use super::rows::task::{ASTRAY, HOLDER_DIED};
use super::rows::{artifact, change, conflict, document, group, parsed, session, task};
use super::{Transaction, refuse};
use crate::domain::actor::Actor;
use crate::domain::artifact::Artifact;
use crate::domain::change::{Change, Verb};
use crate::domain::conflict::Conflict;
use crate::domain::document::Document;
use crate::domain::group::TaskGroup;
use crate::domain::id::{ArtifactId, ConflictId, GroupId, SessionId, TaskId};
use crate::domain::lookups::{Finished, Look, Lookups, ReadyFilter, Siblings};
use crate::domain::mode::Mode;
use crate::domain::record::{Record, RecordKey};
use crate::domain::session::{ARTIFACT_KEY, ContextEntry, Session, SessionState};
use crate::domain::task::{Status, Task};
use crate::domain::time::Timestamp;

/// The words of a task that has work left, for partial indexes.
pub(crate) const OPEN: &str = "status IN ('pending', 'active', 'blocked', 'review')";

/// Claims freed in one turn.
const CLAIMS_MAX: i64 = 500;
/// Tasks lately made by one actor that are looked at.
const MADE_MAX: i64 = 200;
/// Conflicts of one record that are looked at.
const CONFLICTS_MAX: i64 = 200;

impl Transaction<'_> {
    fn one<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Look<Option<T>> {
        let look = || self.connection.prepare_cached(sql)?.query_row(values, read).optional();
        look().map_err(|error| refuse(&error))
    }

    fn many<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Look<Vec<T>> {
        let look = || {
            self.connection
                .prepare_cached(sql)?
                .query_map(values, read)?
                .collect::<rusqlite::Result<Vec<T>>>()
        };
        look().map_err(|error| refuse(&error))
    }

    fn sessions(&self, condition: &str, values: impl Params) -> Look<Vec<Session>> {
        let sql =
            format!("SELECT {} FROM orchestration_sessions WHERE {condition}", session::COLUMNS);
        self.many(&sql, values, session::read)
    }

    fn tasks(&self, rest: &str, values: impl Params) -> Look<Vec<Task>> {
        self.many(&format!("SELECT {} FROM tasks WHERE {rest}", task::COLUMNS), values, task::read)
    }

    fn place(
        &self,
        what: &str,
        siblings: Siblings,
        rest: &str,
        position: f64,
    ) -> Look<Option<f64>> {
        let sql = format!(
            "SELECT {what}(position) FROM tasks
             WHERE session_id = ?1 AND group_id IS ?2 AND parent_id IS ?3 AND {rest}"
        );
        let (session, group, parent) = names(siblings);
        let found = self.one(&sql, params![session, group, parent, position], |row| {
            row.get::<_, Option<f64>>(0)
        })?;
        Ok(found.flatten())
    }
}

fn names(siblings: Siblings) -> (String, Option<String>, Option<String>) {
    (
        siblings.session_id.to_string(),
        siblings.group_id.map(|id| id.to_string()),
        siblings.parent_id.map(|id| id.to_string()),
    )
}

impl Lookups for Transaction<'_> {
    fn session(&self, id: SessionId) -> Look<Option<Session>> {
        self.sessions("id = ?", [id.to_string()]).map(|found| found.into_iter().next())
    }

    fn live_session(&self) -> Look<Option<Session>> {
        self.sessions("state IN ('active', 'resuming', 'completing')", [])
            .map(|found| found.into_iter().next())
    }

    fn transient_sessions(&self) -> Look<Vec<Session>> {
        self.sessions("state IN ('initializing', 'resuming', 'completing')", [])
    }

    fn state_before(&self, id: SessionId) -> Look<Option<SessionState>> {
        let sql = "SELECT from_state FROM session_state_transitions WHERE session_id = ? ORDER BY number DESC LIMIT 1";
        let found = self.one(sql, [id.to_string()], |row| super::rows::parsed_option(row, 0))?;
        Ok(found.flatten())
    }

    fn mode(&self, session: &Session) -> Look<Arc<Mode>> {
        self.modes.of(self.connection, session).map_err(|error| refuse(&error))
    }

    fn artifact(&self, id: ArtifactId) -> Look<Option<Artifact>> {
        artifact::find(self.connection, id).map_err(|error| refuse(&error))
    }

    fn newest_edition(&self, session: SessionId, title: &str) -> Look<Option<Artifact>> {
        artifact::newest(self.connection, session, title).map_err(|error| refuse(&error))
    }

    fn artifact_kinds(&self, session: SessionId, task: TaskId) -> Look<Vec<String>> {
        let key = format!("{ARTIFACT_KEY}{task}");
        let values = params![task.to_string(), session.to_string(), key];
        self.many(artifact::KINDS, values, |row| row.get(0))
    }

    fn context(&self, session: SessionId, key: &str) -> Look<Option<ContextEntry>> {
        let sql = format!(
            "SELECT {} FROM session_context_data WHERE session_id = ? AND key = ?",
            session::CONTEXT_COLUMNS
        );
        self.one(&sql, params![session.to_string(), key], session::read_context)
    }

    fn group(&self, id: GroupId) -> Look<Option<TaskGroup>> {
        let sql = format!("SELECT {} FROM task_groups WHERE id = ?", group::COLUMNS);
        self.one(&sql, [id.to_string()], group::read)
    }

    fn groups(&self, session: SessionId) -> Look<Vec<TaskGroup>> {
        let sql = format!(
            "SELECT {} FROM task_groups WHERE session_id = ? ORDER BY position, id",
            group::COLUMNS
        );
        self.many(&sql, [session.to_string()], group::read)
    }

    fn tasks_of_group(&self, group: GroupId) -> Look<Vec<Task>> {
        self.tasks("session_id = (SELECT session_id FROM task_groups WHERE id = ?1) AND group_id = ?1 ORDER BY number", [group.to_string()])
    }

    fn task(&self, id: TaskId) -> Look<Option<Task>> {
        let sql = format!("SELECT {} FROM tasks WHERE id = ?", task::COLUMNS);
        self.one(&sql, [id.to_string()], task::read)
    }

    fn children(&self, id: TaskId) -> Look<Vec<Task>> {
        self.tasks("parent_id = ? ORDER BY position, number", [id.to_string()])
    }

    fn open_tasks(&self, session: SessionId, limit: usize) -> Look<(usize, Vec<Task>)> {
        let open: i64 = self
            .counts(session)?
            .into_iter()
            .filter(|(status, _)| status.is_open())
            .map(|(_, count)| count)
            .sum();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rest = format!("session_id = ?1 AND {OPEN} ORDER BY priority, number LIMIT ?2");
        let first = self.tasks(&rest, params![session.to_string(), limit])?;
        Ok((usize::try_from(open).unwrap_or(0), first))
    }

    fn finished(&self, session: SessionId) -> Look<Vec<Finished>> {
        super::whole::finished(self.connection, session).map_err(|error| refuse(&error))
    }

    fn counts(&self, session: SessionId) -> Look<Vec<(Status, i64)>> {
        let sql = "SELECT status, tasks FROM task_tallies WHERE owner = ? AND tasks <> 0";
        self.many(sql, [session.to_string()], |row| Ok((parsed(row, 0)?, row.get(1)?)))
    }

    fn claims_ending_by(&self, moment: Timestamp) -> Look<Vec<Task>> {
        let rest = "claim_holder IS NOT NULL AND claim_until <= ? ORDER BY claim_until LIMIT ?";
        self.tasks(rest, [moment.0, CLAIMS_MAX])
    }

    fn claims_of_the_dead(&self, moment: Timestamp) -> Look<Vec<Task>> {
        let rest =
            format!("claim_holder IS NOT NULL AND {HOLDER_DIED} ORDER BY claim_until LIMIT ?");
        self.tasks(&rest, [moment.0, CLAIMS_MAX])
    }

    fn claims_astray(&self, moment: Timestamp) -> Look<Vec<Task>> {
        self.tasks(&format!("{ASTRAY} ORDER BY claim_until LIMIT ?2"), [moment.0, CLAIMS_MAX])
    }

    fn held_tasks(&self, session: SessionId) -> Look<Vec<Task>> {
        self.tasks(
            "session_id = ? AND claim_holder IS NOT NULL ORDER BY claim_holder, number",
            [session.to_string()],
        )
    }

    fn ready_tasks(
        &self,
        session: SessionId,
        filter: &ReadyFilter,
        limit: usize,
    ) -> Look<Vec<Task>> {
        super::ready::tasks(self.connection, session, filter, limit).map_err(|error| refuse(&error))
    }

    fn last_position(&self, siblings: Siblings) -> Look<Option<f64>> {
        self.place("max", siblings, "?4 = ?4", 0.0)
    }

    fn first_position(&self, siblings: Siblings) -> Look<Option<f64>> {
        self.place("min", siblings, "?4 = ?4", 0.0)
    }

    fn position_before(&self, siblings: Siblings, position: f64) -> Look<Option<f64>> {
        self.place("max", siblings, "position < ?4", position)
    }

    fn position_after(&self, siblings: Siblings, position: f64) -> Look<Option<f64>> {
        self.place("min", siblings, "?4 < position", position)
    }

    fn siblings(&self, siblings: Siblings) -> Look<Vec<Task>> {
        let (session, group, parent) = names(siblings);
        let rest = "session_id = ? AND group_id IS ? AND parent_id IS ? ORDER BY position, number";
        self.tasks(rest, params![session, group, parent])
    }

    fn dependencies(&self, id: TaskId) -> Look<Vec<TaskId>> {
        let sql = "SELECT depends_on FROM task_dependencies WHERE task_id = ?";
        self.many(sql, [id.to_string()], |row| parsed(row, 0))
    }

    fn dependents(&self, id: TaskId) -> Look<Vec<TaskId>> {
        let sql = "SELECT task_id FROM task_dependencies WHERE depends_on = ? ORDER BY task_id";
        self.many(sql, [id.to_string()], |row| parsed(row, 0))
    }

    fn record(&self, key: &RecordKey) -> Look<Option<Record>> {
        Ok(match key {
            RecordKey::Session(id) => self.session(*id)?.map(Record::Session),
            RecordKey::Group(id) => self.group(*id)?.map(Record::Group),
            RecordKey::Task(id) => self.task(*id)?.map(|task| Record::Task(Box::new(task))),
            RecordKey::Context(session, key) => self.context(*session, key)?.map(Record::Context),
            RecordKey::Dependency(task, on) => {
                let sql =
                    "SELECT task_id, depends_on, session_id, created_at FROM task_dependencies
                           WHERE task_id = ? AND depends_on = ?";
                self.one(sql, [task.to_string(), on.to_string()], group::read_dependency)?
                    .map(Record::Dependency)
            }
            RecordKey::Conflict(id) => {
                self.conflict(*id)?.map(|conflict| Record::Conflict(Box::new(conflict)))
            }
            RecordKey::Artifact(id) => {
                self.artifact(*id)?.map(|artifact| Record::Artifact(Box::new(artifact)))
            }
        })
    }

    fn records(&self, session: SessionId) -> Look<Vec<Record>> {
        let mut found = Vec::new();
        super::whole::each(self.connection, session, |record| {
            found.push(record);
            Ok(())
        })?;
        Ok(found)
    }

    fn is_empty(&self) -> Look<bool> {
        super::whole::is_empty(self.connection).map_err(|error| refuse(&error))
    }

    fn history(&self, key: &RecordKey) -> Look<Vec<Change>> {
        feed::history(self, key)
    }

    fn conflict(&self, id: ConflictId) -> Look<Option<Conflict>> {
        let sql = format!("SELECT {} FROM conflicts WHERE id = ?", conflict::COLUMNS);
        self.one(&sql, [id.to_string()], conflict::read)
    }

    fn conflicts_of(&self, record: &str) -> Look<Vec<Conflict>> {
        let sql = format!(
            "SELECT {} FROM conflicts WHERE record = ? ORDER BY number DESC LIMIT ?",
            conflict::COLUMNS
        );
        self.many(&sql, params![record, CONFLICTS_MAX], conflict::read)
    }

    fn open_conflicts_from(&self, side: &Actor) -> Look<Vec<Conflict>> {
        let sql = format!(
            "SELECT {} FROM conflicts WHERE theirs_by = ? AND state = 'open' ORDER BY number",
            conflict::COLUMNS
        );
        self.many(&sql, [side.to_string()], conflict::read)
    }

    fn made_lately(&self, actor: &Actor, since: Timestamp) -> Look<Vec<Task>> {
        let sql = format!(
            "SELECT {} FROM tasks WHERE {OPEN} AND id IN (
                 SELECT record FROM changes WHERE actor = ? AND ? <= at AND verb = 'task.created'
                 ORDER BY seq DESC LIMIT ?)
             ORDER BY number DESC",
            task::COLUMNS
        );
        self.many(&sql, params![actor.to_string(), since.0, MADE_MAX], task::read)
    }

    fn document(&self, path: &str) -> Look<Option<Document>> {
        let sql = format!("SELECT {} FROM documents WHERE path = ?", document::COLUMNS);
        self.one(&sql, [path], document::read)
    }

    fn rendered(&self, session: SessionId) -> Look<Vec<String>> {
        let sql = "SELECT rendered FROM documents WHERE session_id = ? ORDER BY path";
        self.many(sql, [session.to_string()], |row| row.get(0))
    }

    fn changes_since(&self, key: &RecordKey, version: i64) -> Look<Vec<Change>> {
        let sql = format!(
            "SELECT {} FROM changes WHERE record = ? AND ? < version ORDER BY seq",
            change::COLUMNS
        );
        self.many(&sql, params![key.to_string(), version], change::read)
    }

    fn is_newest(&self, change: &Change) -> Look<bool> {
        // Messages stand under their session, and are no versions of it.
        if change.verb == Verb::MessageSent {
            return Ok(false);
        }
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM changes
            WHERE record = ? AND ? < seq AND verb <> 'message.sent')";
        Ok(self.one(sql, params![change.record, change.seq], |row| row.get(0))?.unwrap_or(false))
    }

    fn changes_of_command(&self, seq: i64) -> Look<Vec<Change>> {
        let sql = format!(
            "SELECT {} FROM changes WHERE command = (SELECT command FROM changes WHERE seq = ?) ORDER BY seq",
            change::COLUMNS
        );
        self.many(&sql, [seq], change::read)
    }

    fn undoes(&self, command: i64) -> Look<Option<i64>> {
        let sql = "SELECT undoes FROM changes WHERE command = ? LIMIT 1";
        Ok(self.one(sql, [command], |row| row.get(0))?.flatten())
    }

    fn newest_standing(&self, actor: &Actor, before: i64) -> Look<Option<i64>> {
        feed::newest_standing(self, actor, before)
    }

    fn newest_redoable(&self, actor: &Actor) -> Look<Option<i64>> {
        feed::newest_redoable(self, actor)
    }
}
