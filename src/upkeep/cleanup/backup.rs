//! The backup before a cleaning.

use std::ops::ControlFlow;

use crate::backup::{self, Progress, Request};
use crate::domain::actor::Actor;
use crate::domain::backup::{Reason, Scope};
use crate::domain::refusal::Refusal;
use crate::peer::Peer;
use crate::upkeep::work::Work;

/// Keeps the database as it is before it is cleaned, and returns what the backup is called.
///
/// # Errors
///
/// When it cannot be made; then nothing is to be cleaned.
pub fn back_up(peer: &Peer, actor: &Actor, work: Work<'_>) -> Result<Option<String>, Refusal> {
    let request = Request {
        actor: actor.clone(),
        ..Request::automatic(Scope::Database, Reason::BeforeCleanup)
    };
    let watch = |progress: Progress| {
        let [done, of] =
            [progress.done, progress.total].map(|bytes| usize::try_from(bytes).unwrap_or(0));
        match work.step(done, of, "a backup") {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    };
    let made = backup::create(peer, &request, &watch)?;
    Ok(Some(made.id.to_string()))
}
