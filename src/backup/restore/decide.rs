//! The one moment of a restore before which all is old, and after which all will be new: its command
//! is in the feed, or its journal says that no row changes.

use super::journal::{Decided, Journal, Staging};
use super::plan::Plan;
use super::{Report, Restore, unwritten};
use crate::domain::command::Command;
use crate::domain::outcome::Answer;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::restore::Source;
use crate::door::Request;
use crate::query;

impl Restore<'_> {
    /// What tells whether it was begun.
    pub(super) fn decided(
        &self,
        plan: &Plan,
        command: Option<&Command>,
        reason: String,
    ) -> Result<Decided, Refusal> {
        match &plan.snapshot {
            None => Ok(Decided::Already),
            Some(open) if command.is_some_and(is_whole) => {
                let (seq, entry) = open.last_entry()?.unwrap_or_default();
                Ok(Decided::ByFeed { seq, entry })
            }
            Some(_) => {
                let after = self.peer.readers.read(query::changes::latest)?;
                Ok(Decided::ByEntry { after, reason })
            }
        }
    }

    /// Sends the command. From here on nothing is refused any more.
    pub(super) fn decide(
        &self,
        command: Command,
        (staging, journal): (&Staging, &mut Journal),
        report: &mut Report,
    ) -> Result<(), Refusal> {
        if let Err(refusal) = self.send(command, report) {
            if !journal.is_decided(self.peer)? {
                return Err(refusal);
            }
            report
                .notes
                .push(format!("the records are restored all the same: {}", refusal.message));
        } else if report.seq == 0 {
            // Nothing differs, so no entry in the feed tells of it.
            journal.decided = Decided::Already;
            staging.write(journal).map_err(|error| unwritten(&error))?;
        }
        Ok(())
    }

    pub(super) fn send(&self, command: Command, report: &mut Report) -> Result<(), Refusal> {
        let is_whole = is_whole(&command);
        let request = Request::new(self.wanted.actor.clone(), command);
        let outcome = self.peer.door.submit_blocking(request)?;
        let Answer::Restored(restored) = outcome.answer else {
            return Err(Refusal::new(Code::StoreFailed, "the answer to a restore is unknown"));
        };
        report.rows = Some(*restored);
        report.notes.extend(outcome.notes);
        report.seq = outcome.seq;
        let is_change = !report.dry_run && 0 < outcome.seq;
        // Into an empty project the feed came along: its last entry is an old one.
        report.undo = Some(outcome.seq).filter(|_| is_change && !is_whole);
        Ok(())
    }
}

/// Tells whether a command fills an empty database with every row of a backup.
fn is_whole(command: &Command) -> bool {
    matches!(command, Command::RestoreBackup(wanted) if matches!(wanted.source, Source::Whole(_)))
}
