//! Archived sessions that came from another clone, or outlived their database.

use super::super::{Deed, Keeper};
use super::{assemble, drafts};
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::session::SessionState;
use crate::door::Request;
use crate::packing::{self, Packing};
use crate::peer::Peer;

impl Keeper {
    /// Brings archived sessions back that only their archives tell of; they stay archived.
    pub(in crate::sync::keeper) fn rebuild_archived(&mut self) {
        let Peer { paths, readers, clock, .. } = self.peer.clone();
        let packing = Packing { paths: &paths, readers: &readers, clock: &clock };
        for found in packing::rebuilt(&packing) {
            let rebuilt = match found {
                Ok(rebuilt) => rebuilt,
                Err((name, refusal)) => {
                    self.fail(&format!("archives/{name}"), &refusal.message);
                    continue;
                }
            };
            let home = rebuilt.home();
            let drafts = drafts(&home, &home.join(&rebuilt.directory), rebuilt.session);
            let Some(mut rebuild) = assemble(rebuilt.session, &drafts, clock.now()) else {
                self.fail(&rebuilt.directory, "session.md in its archive does not tell of it");
                continue;
            };
            rebuild.session.state = SessionState::Archived;
            rebuild.session.reason = Some("brought back from its archive".to_owned());
            let command = Command::RebuildSession(Box::new(rebuild));
            let actor = Actor::File(rebuilt.directory.clone());
            match self.peer.door.submit_blocking(Request::new(actor, command)) {
                Ok(_) => self.did(&rebuilt.directory, Deed::Rebuilt),
                Err(refusal) => self.refused(&rebuilt.directory, &refusal),
            }
        }
    }
}
