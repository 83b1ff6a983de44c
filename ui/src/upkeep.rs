//! Looking after the project, for the screen: done aside, answered with a message.

use callboard_engine::domain::actor::Actor;
use callboard_engine::peer::Peer;
use callboard_engine::upkeep::cleanup::{self, Sort, Wanted};
use callboard_engine::upkeep::validate::{Aim, Level, validate};
use callboard_engine::upkeep::{Cancel, Work};

use crate::app::upkeep::{Answer, Wish};

/// Does what is wished.
pub fn fulfil(peer: &Peer, wish: Wish) -> Answer {
    let cancel = Cancel::new();
    let work = Work::quiet(&cancel);
    match wish {
        Wish::Check => {
            let aim = Aim { level: Level::Comprehensive, session: None };
            Answer::Checked(validate(peer, aim, work))
        }
        Wish::Look => Answer::Looked(cleanup::look(peer, &Wanted::of(&Sort::told()), work)),
        Wish::Clear(sorts) => {
            let clear = || {
                let found = cleanup::look(peer, &Wanted::of(&sorts), work)?;
                if found.iter().any(|item| item.act.is_mechanical()) {
                    cleanup::back_up(peer, &Actor::Human, work)?;
                }
                cleanup::carry_out(peer, &Actor::Human, found, work)
            };
            Answer::Cleared(Box::new(clear()))
        }
    }
}
