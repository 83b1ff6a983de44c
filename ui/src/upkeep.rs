//! Looking after the project, for the screen: done aside, told how far it is, answered with a
//! message.

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::export::{self, Artifacts, Exported, Format};
use callboard_engine::peer::Peer;
use callboard_engine::query::sessions;
use callboard_engine::upkeep::cleanup::{self, Sort, Wanted};
use callboard_engine::upkeep::validate::{Aim, Level, validate};
use callboard_engine::upkeep::{Progress, Work};

use crate::app::upkeep::{Answer, Wish};
use crate::app::work::Stop;
use crate::seldom::Seldom;

/// Does what is wished, until it is called off.
pub fn fulfil(peer: &Peer, wish: Wish, stop: &Stop, tell: &(dyn Fn(Answer) + Sync)) -> Answer {
    let seldom = Seldom::default();
    let told = |progress: Progress| seldom.tell(|| tell(Answer::Goes(progress)));
    let work = Work::told(&told, stop.cancel());
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
        Wish::Export(session, format) => Answer::Exported(write(peer, session, format)),
    }
}

/// Writes a session among the exports of the project.
fn write(peer: &Peer, id: SessionId, format: Format) -> Result<Exported, Refusal> {
    let session = peer.readers.read(|reader| sessions::get(reader, id))?;
    let wanted = export::Wanted { format, path: None, artifacts: Artifacts::Told };
    let place = export::place(&peer.paths, &session, &wanted)?;
    export::write(peer, id, (&wanted, &place))
}
