//! One turn at writing: commands are applied one by one, each under a savepoint, then kept together.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use super::modes::KnownModes;
use super::room::{self, Room};
use super::rows::{artifact, backup, change, conflict, document, group, mode, session, task};
use super::{Store, copy, derived, measure, refuse};
use crate::domain::actor::Actor;
use crate::domain::change::{Change, Verb};
use crate::domain::document::ReadDocument;
use crate::domain::id::SessionId;
use crate::domain::judgement::{Judgement, Message, Write};
use crate::domain::mode::Bound;
use crate::domain::record::{Record, difference};
use crate::domain::refusal::Refusal;
use crate::domain::session::{Session, SessionState, Transition};
use crate::domain::time::Timestamp;

/// A transaction for writing. Dropped without [`Transaction::commit`], it leaves no trace.
#[derive(Debug)]
pub struct Transaction<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) modes: &'a KnownModes,
    seq: i64,
    touched: BTreeSet<SessionId>,
    open: bool,
    room: Room,
}

/// What all entries of a command share.
struct Stamp<'a> {
    actor: &'a Actor,
    now: Timestamp,
    command: i64,
    undoes: Option<i64>,
}

impl Store {
    /// Begins a transaction for writing.
    ///
    /// # Errors
    ///
    /// When the database cannot be written to.
    pub fn begin(&mut self) -> Result<Transaction<'_>, Refusal> {
        self.place.check()?;
        let connection = &self.connection;
        let begin = || -> rusqlite::Result<i64> {
            connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
            connection
                .prepare_cached("SELECT coalesce(max(seq), 0) FROM changes")?
                .query_row([], |row| row.get(0))
        };
        let seq = begin().map_err(|error| {
            // Whatever was begun must not outlive the failure; there may be nothing to roll back.
            connection.execute_batch("ROLLBACK").ok();
            refuse(&error)
        })?;
        Ok(Transaction {
            connection,
            modes: &self.modes,
            seq,
            touched: BTreeSet::new(),
            open: true,
            room: Room::Usual,
        })
    }
}

impl Transaction<'_> {
    /// The sequence number of the newest change.
    pub fn seq(&self) -> i64 {
        self.seq
    }

    /// Runs one command's work: kept as a whole, or undone as a whole when it is refused.
    ///
    /// # Errors
    ///
    /// What `work` refuses with.
    pub fn attempt<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let (seq, touched) = (self.seq, self.touched.clone());
        self.run("SAVEPOINT attempt")?;
        let result = work(self);
        if result.is_err() {
            self.run("ROLLBACK TO attempt")?;
            (self.seq, self.touched) = (seq, touched);
        }
        self.run("RELEASE attempt")?;
        result
    }

    /// Applies a judgement: its records, its entries in the feed, and what is derived from both.
    ///
    /// `command` is the sequence number of the first change of the command, if it made one before.
    ///
    /// # Errors
    ///
    /// When the store fails; the caller rolls back.
    pub fn apply(
        &mut self,
        judgement: &Judgement,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.apply_from(judgement, actor, now, self.seq + 1)
    }

    /// Applies a judgement as part of the command whose first change has the number `command`.
    ///
    /// # Errors
    ///
    /// When the store fails; the caller rolls back.
    pub fn apply_from(
        &mut self,
        judgement: &Judgement,
        actor: &Actor,
        now: Timestamp,
        command: i64,
    ) -> Result<(), Refusal> {
        if room::is_great(judgement) {
            self.room = Room::Large;
            self.room.make(self.connection).map_err(|error| refuse(&error))?;
        }
        let stamp = Stamp { actor, now, command, undoes: judgement.undoes };
        let mut work = || -> rusqlite::Result<()> {
            for loaded in &judgement.modes {
                mode::write_content(self.connection, &loaded.binding.hash, &loaded.mode)?;
            }
            for (hash, text) in &judgement.texts {
                artifact::write_text(self.connection, hash, text)?;
            }
            for write in &judgement.writes {
                self.write(write, actor, now)?;
                self.record(write, &stamp)?;
            }
            for id in &judgement.checked {
                artifact::note_check(self.connection, *id, now)?;
            }
            for note in &judgement.documents {
                document::note(self.connection, note, now)?;
            }
            for note in &judgement.backups {
                backup::note(self.connection, note)?;
            }
            if let Some(message) = &judgement.message {
                self.message(message, &stamp)?;
            }
            for command in &judgement.forgets {
                change::forget(self.connection, *command)?;
            }
            if let Some(target) = judgement.undoes {
                change::mark_undone(self.connection, target, command)?;
            }
            Ok(())
        };
        work().map_err(|error| refuse(&error))?;
        if let Some(snapshot) = &judgement.copies {
            self.seq = copy::copy(self.connection, snapshot).map_err(|error| refuse(&error))?;
        }
        Ok(())
    }

    /// What goes back with a savepoint and is not in the database.
    pub(crate) fn mark(&self) -> (i64, BTreeSet<SessionId>) {
        (self.seq, self.touched.clone())
    }

    /// Goes back to a mark, after the savepoint was rolled back.
    pub(crate) fn back_to(&mut self, (seq, touched): (i64, BTreeSet<SessionId>)) {
        (self.seq, self.touched) = (seq, touched);
    }

    /// Notes the text that a document and the database agree on since an edit was read, and the
    /// records that its items became.
    ///
    /// # Errors
    ///
    /// When the store fails; the caller rolls back.
    pub(crate) fn agree(
        &self,
        read: &ReadDocument,
        adopted: &[(usize, String)],
        now: Timestamp,
    ) -> Result<(), Refusal> {
        document::agree(self.connection, read, adopted, now).map_err(|error| refuse(&error))
    }

    /// Keeps everything that was applied. When this returns, it survives power loss.
    ///
    /// # Errors
    ///
    /// When the store could not keep it; nothing was changed then.
    pub fn commit(mut self, now: Timestamp) -> Result<i64, Refusal> {
        for session in std::mem::take(&mut self.touched) {
            self.connection
                .prepare_cached("UPDATE orchestration_sessions SET touched_at = ?2 WHERE id = ?1")
                .and_then(|mut statement| statement.execute(params![session.to_string(), now.0]))
                .map_err(|error| refuse(&error))?;
        }
        self.run("COMMIT")?;
        self.open = false;
        Ok(self.seq)
    }

    pub(crate) fn run(&self, sql: &'static str) -> Result<(), Refusal> {
        let run = || self.connection.prepare_cached(sql)?.execute([]);
        run().map(drop).map_err(|error| refuse(&error))
    }

    fn write(&self, write: &Write, actor: &Actor, now: Timestamp) -> rusqlite::Result<()> {
        let connection = self.connection;
        match (&write.before, &write.after) {
            (before, Some(Record::Session(after))) => {
                session::write(connection, after)?;
                self.bound(write, after, actor, now)?;
                self.transition(before.as_ref(), after, actor, now)
            }
            (_, Some(Record::Group(after))) => group::write(connection, after),
            (_, Some(Record::Dependency(after))) => {
                group::write_dependency(connection, after)?;
                derived::dependency_added(connection, after.task_id, after.depends_on)
            }
            (_, Some(Record::Context(after))) => session::write_context(connection, after),
            (_, Some(Record::Conflict(after))) => conflict::write(connection, after),
            (_, Some(Record::Artifact(after))) => artifact::write(connection, after),
            (Some(Record::Task(before)), Some(Record::Task(after))) => {
                task::update(connection, before, after)?;
                derived::task_changed(connection, Some(before), Some(after))
            }
            (_, Some(Record::Task(after))) => {
                task::insert(connection, after)?;
                derived::task_changed(connection, None, Some(after))
            }
            (Some(before), None) => self.remove(before),
            (None, None) => Ok(()),
        }
    }

    fn remove(&self, record: &Record) -> rusqlite::Result<()> {
        let connection = self.connection;
        match record {
            // Sessions are archived, never removed.
            Record::Session(_) => Ok(()),
            Record::Group(before) => group::delete(connection, before),
            Record::Task(before) => {
                derived::task_changed(connection, Some(before), None)?;
                task::delete(connection, before)
            }
            Record::Dependency(before) => {
                group::delete_dependency(connection, before)?;
                derived::dependency_removed(connection, before.task_id, before.depends_on)
            }
            Record::Context(before) => session::delete_context(connection, before),
            Record::Conflict(before) => conflict::delete(connection, before),
            Record::Artifact(before) => artifact::delete(connection, before),
        }
    }

    /// Adds what a session is bound to from now on to the history of its bindings.
    fn bound(
        &self,
        write: &Write,
        after: &Session,
        actor: &Actor,
        now: Timestamp,
    ) -> rusqlite::Result<()> {
        let before = match &write.before {
            Some(Record::Session(before)) => Some(before),
            Some(_) | None => None,
        };
        let is_same =
            |before: &Session| before.mode == after.mode && before.binding == after.binding;
        if before.is_some_and(is_same) {
            return Ok(());
        }
        let bound = Bound {
            number: 0,
            session_id: after.id,
            from: before.map(|before| before.mode.clone()),
            to: after.mode.clone(),
            binding: after.binding.clone(),
            reason: write.reason.clone(),
            actor: actor.clone(),
            at: now,
        };
        if let Some(problem) = after.binding.as_ref().and_then(|known| known.problem.as_deref()) {
            let (source, code) = ("mode".to_owned(), "invalid_value".to_owned());
            let message = format!("mode {} is not as its file says: {problem}", after.mode);
            let actor = actor.clone();
            measure::fail(
                self.connection,
                &measure::Failure { actor, source, code, message, at: now },
            )?;
        }
        mode::write_bound(self.connection, &bound)
    }

    fn transition(
        &self,
        before: Option<&Record>,
        after: &Session,
        actor: &Actor,
        now: Timestamp,
    ) -> rusqlite::Result<()> {
        let from: Option<SessionState> = match before {
            Some(Record::Session(before)) => Some(before.state),
            Some(_) | None => None,
        };
        if from == Some(after.state) {
            return Ok(());
        }
        let (session_id, to, reason) = (after.id, after.state, after.reason.clone());
        if let Some(from) = from.filter(|from| to.is_failure_of(*from)) {
            let message = format!(
                "session {session_id} went from {from} back to {to}: {}",
                reason.as_deref().unwrap_or("no reason was given")
            );
            let (source, code) = ("session".to_owned(), "illegal_move".to_owned());
            measure::fail(
                self.connection,
                &measure::Failure { actor: actor.clone(), source, code, message, at: now },
            )?;
        }
        session::write_transition(
            self.connection,
            &Transition { session_id, from, to, reason, actor: actor.clone(), at: now },
        )
    }

    fn record(&mut self, write: &Write, stamp: &Stamp<'_>) -> rusqlite::Result<()> {
        let Some(record) = write.after.as_ref().or(write.before.as_ref()) else { return Ok(()) };
        let (before, after) = difference(write.before.as_ref(), write.after.as_ref());
        self.seq += 1;
        self.touched.insert(record.session_id());
        let entry = Change {
            seq: self.seq,
            command: stamp.command,
            at: stamp.now,
            actor: stamp.actor.clone(),
            session_id: record.session_id(),
            record: record.key().to_string(),
            version: record.version() + i64::from(write.after.is_none()),
            verb: write.verb,
            before,
            after,
            reason: write.reason.clone(),
        };
        change::write(self.connection, &entry, stamp.undoes)
    }

    fn message(&mut self, message: &Message, stamp: &Stamp<'_>) -> rusqlite::Result<()> {
        let session = message.session_id.to_string();
        self.connection
            .prepare_cached(
                "INSERT INTO session_user_interactions (session_id, at, actor, recipient, text) VALUES (?, ?, ?, ?, ?)",
            )?
            .execute(params![session, stamp.now.0, stamp.actor.to_string(), message.to, message.text])?;
        self.seq += 1;
        self.touched.insert(message.session_id);
        let fields = serde_json::Map::from_iter([
            ("to".to_owned(), message.to.clone().into()),
            ("text".to_owned(), message.text.clone().into()),
        ]);
        let entry = Change {
            seq: self.seq,
            command: stamp.command,
            at: stamp.now,
            actor: stamp.actor.clone(),
            session_id: message.session_id,
            record: session,
            version: 0,
            verb: Verb::MessageSent,
            before: None,
            after: Some(fields),
            reason: None,
        };
        change::write(self.connection, &entry, None)
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.open {
            // A failed commit may already have rolled back; then there is nothing left to do.
            self.connection.execute_batch("ROLLBACK").ok();
        }
        if self.room == Room::Large {
            // It only takes more memory than it should where this fails.
            Room::Usual.make(self.connection).ok();
        }
    }
}
