//! Commands that are made of others: batches, decisions, edits of documents.
//!
//! Their parts are judged one after the other, each seeing what the ones before it wrote, under one
//! command number, so that one undo takes back all.

use super::Request;
use crate::domain::command::{BATCH_MAX, Command};
use crate::domain::conflict::ResolveConflict;
use crate::domain::document::ReadDocument;
use crate::domain::judgement::Judgement;
use crate::domain::outcome::{Answer, Outcome};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::restore::Purpose;
use crate::domain::text::{REMARK_MAX, many_lines};
use crate::domain::time::Timestamp;
use crate::rules::read_document::{self, Part, Plan};
use crate::rules::{self, Scene, conflict};
use crate::store::Transaction;

/// How often parts of an edit are tried again that came too early.
const ROUNDS_MAX: usize = 8;

/// One command being carried out in a transaction.
pub(super) struct Composer<'a, 'b> {
    transaction: &'a mut Transaction<'b>,
    request: &'a Request,
    now: Timestamp,
    owner: &'a str,
    /// The sequence number of the first change of the command.
    first: i64,
    /// Why, of changes that have no reason of their own.
    reason: Option<&'a str>,
    notes: Vec<String>,
}

impl<'a, 'b> Composer<'a, 'b> {
    pub(super) fn new(
        transaction: &'a mut Transaction<'b>,
        request: &'a Request,
        now: Timestamp,
        owner: &'a str,
    ) -> Self {
        let first = transaction.seq() + 1;
        Self { transaction, request, now, owner, first, reason: None, notes: Vec::new() }
    }

    /// Carries out the request's command, whatever it is made of.
    pub(super) fn carry_out(mut self) -> Result<Outcome, Refusal> {
        let command = &self.request.command;
        let answer = if let Command::Batch { commands, reason } = command {
            self.reason = reason.as_deref();
            self.batch(commands)?
        } else if let Command::ResolveConflict(wanted) = command {
            self.resolve(wanted)?
        } else if let Command::ReadDocument(read) = command {
            self.read(read)?
        } else if is_trial(command) {
            self.try_out(command)?
        } else {
            self.step(command)?
        };
        let seq = self.transaction.seq();
        let seq = if seq < self.first { 0 } else { seq };
        Ok(Outcome { answer, notes: self.notes, seq })
    }

    fn scene(&self) -> Scene<'_> {
        Scene {
            lookups: &*self.transaction,
            actor: &self.request.actor,
            now: self.now,
            random: &crate::peer::random,
            loaded: self.request.loaded.as_deref(),
            owner: self.owner,
        }
    }

    /// Judges one command, applies it, and asks whether the new state stands.
    fn step(&mut self, command: &Command) -> Result<Answer, Refusal> {
        let judgement = rules::judge(&self.scene(), command)?;
        self.apply(judgement)
    }

    fn apply(&mut self, mut judgement: Judgement) -> Result<Answer, Refusal> {
        for write in &mut judgement.writes {
            write.reason = write.reason.take().or_else(|| self.reason.map(str::to_owned));
        }
        self.transaction.apply_from(&judgement, &self.request.actor, self.now, self.first)?;
        rules::verify(&self.scene(), &judgement)?;
        self.notes.extend(judgement.notes);
        Ok(judgement.answer)
    }

    /// Carries out a command whole and takes all of it back: what it would do is known then.
    fn try_out(&mut self, command: &Command) -> Result<Answer, Refusal> {
        self.transaction.run("SAVEPOINT trial")?;
        let before = self.transaction.mark();
        let result = self.step(command);
        self.transaction.run("ROLLBACK TO trial")?;
        self.transaction.back_to(before);
        self.transaction.run("RELEASE trial")?;
        result
    }

    fn batch(&mut self, commands: &[Command]) -> Result<Answer, Refusal> {
        if commands.is_empty() {
            return Err(Refusal::new(Code::NothingToDo, "the batch is empty"));
        }
        if let Some(reason) = self.reason {
            many_lines("reason", reason, REMARK_MAX)?;
        }
        if BATCH_MAX < commands.len() {
            let message = format!("{} commands at once; the limit is {BATCH_MAX}", commands.len());
            return Err(Refusal::new(Code::TooMuch, message));
        }
        let mut answers = Vec::with_capacity(commands.len());
        for (index, command) in commands.iter().enumerate() {
            let answer = if let Command::ResolveConflict(wanted) = command {
                self.resolve(wanted)
            } else {
                self.step(command)
            };
            answers.push(answer.map_err(|refusal| refusal.with("index", index))?);
        }
        Ok(Answer::Batch(answers))
    }

    /// Carries out a decision: all of it, or nothing.
    fn resolve(&mut self, wanted: &ResolveConflict) -> Result<Answer, Refusal> {
        let decision = conflict::decide(&self.scene(), wanted)?;
        for command in &decision.commands {
            self.step(command)?;
        }
        self.apply(decision.judgement)
    }

    /// Merges an edit: what the rules refuse is held and reported, the rest goes through.
    fn read(&mut self, read: &ReadDocument) -> Result<Answer, Refusal> {
        let mut plan = read_document::plan(&self.scene(), read)?;
        let mut early = Vec::new();
        while let Some(part) = plan.next_part() {
            match self.attempt(&part) {
                Ok(()) => plan.applied += part.commands.len(),
                Err(refusal) if is_failure(&refusal) => return Err(refusal),
                Err(refusal) if waits_for_others(&refusal) => early.push((part, refusal)),
                Err(refusal) => plan.hold(&part, &refusal),
            }
        }
        self.try_again(early, &mut plan)?;
        self.transaction.agree(read, plan.adopted(), self.now)?;
        let judgement = read_document::conclude(&self.scene(), read, plan)?;
        self.apply(judgement)
    }

    /// Tries those parts again that came before what they wait for: a document need not say the end
    /// of a task below the end of another that it waits for.
    fn try_again(
        &mut self,
        mut early: Vec<(Part, Refusal)>,
        plan: &mut Plan,
    ) -> Result<(), Refusal> {
        for _ in 0..ROUNDS_MAX {
            let tried = early.len();
            // The other way round, so that no chain needs a round for each of its links.
            for (part, _) in std::mem::take(&mut early).into_iter().rev() {
                match self.attempt(&part) {
                    Ok(()) => plan.applied += part.commands.len(),
                    Err(refusal) if is_failure(&refusal) => return Err(refusal),
                    Err(refusal) => early.push((part, refusal)),
                }
            }
            if early.is_empty() || early.len() == tried {
                break;
            }
        }
        for (part, refusal) in early {
            plan.hold(&part, &refusal);
        }
        Ok(())
    }

    /// Carries out the commands of a part, or none of them.
    fn attempt(&mut self, part: &Part) -> Result<(), Refusal> {
        self.transaction.run("SAVEPOINT part")?;
        let before = self.transaction.mark();
        let noted = self.notes.len();
        let result = part.commands.iter().try_for_each(|command| self.step(command).map(drop));
        if result.is_err() {
            self.transaction.run("ROLLBACK TO part")?;
            self.transaction.back_to(before);
            self.notes.truncate(noted);
        }
        self.transaction.run("RELEASE part")?;
        result
    }
}

/// Tells whether a command is only tried.
fn is_trial(command: &Command) -> bool {
    matches!(command, Command::RestoreBackup(wanted) if wanted.purpose == Purpose::Try)
}

/// Tells whether a part may be carried out once others are.
fn waits_for_others(refusal: &Refusal) -> bool {
    matches!(refusal.code, Code::UnmetDependencies | Code::OpenTasks)
}

/// Tells a store that fails from a rule that forbids.
fn is_failure(refusal: &Refusal) -> bool {
    matches!(refusal.code, Code::StoreFailed | Code::Busy)
}
