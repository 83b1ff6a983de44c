//! Backups: what is known of their files. It is no state of the board, so it is not in the feed.

use super::Judgement;
use crate::domain::backup::BackupNote;
use crate::domain::outcome::Answer;

/// Notes which backups are there, and which are gone.
pub(super) fn note(notes: &[BackupNote]) -> Judgement {
    let mut judgement = Judgement::new(Answer::Done);
    judgement.backups = notes.to_vec();
    judgement
}
