//! What goes along with a move of a session: backups and an export. The move is kept by then; what
//! fails here is a warning.

use callboard_engine::backup::retention::Run;
use callboard_engine::backup::{self, Request, unwatched};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::backup::{Backup, Reason, Scope};
use callboard_engine::domain::command::MoveSession;
use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::export::{self, Artifacts, Exported, Format, Place, Wanted};
use callboard_engine::peer::Peer;
use callboard_engine::query::sessions;
use serde_json::{Value, json};

use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::project::Scene;
use crate::cli::readable::readable;
use crate::sizes::bytes;

/// What is wanted along with a move.
#[derive(Debug, Default)]
pub(super) struct Along {
    pub(super) first_backup: bool,
    pub(super) last_backup: bool,
    export: Option<(Wanted, Place)>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Done {
    backup: Option<Backup>,
    export: Option<Exported>,
    warnings: Vec<String>,
}

impl Along {
    /// An export with a move, whose place is looked at before.
    pub(super) fn export(
        peer: &Peer,
        wanted: &MoveSession,
        (format, path): (Format, Option<String>),
    ) -> Result<Self, Failure> {
        let session = peer.readers.read(|reader| sessions::get(reader, wanted.id))?;
        let wanted = Wanted { format, path, artifacts: Artifacts::Told };
        let place = export::place(&peer.paths, &session, &wanted)?;
        Ok(Self { export: Some((wanted, place)), ..Self::default() })
    }

    pub(super) fn carried_out(
        self,
        (peer, scene): (&Peer, &Scene<'_>),
        session: SessionId,
    ) -> Done {
        let mut done = Done::default();
        if self.first_backup {
            let request = Request {
                actor: Actor::Human,
                sessions: vec![session],
                ..Request::automatic(Scope::Session, Reason::Created)
            };
            let made = backup::create(peer, &request, &unwatched).map_err(Refusal::from);
            done.backup = done.or_warn("the backup to begin with", made);
        }
        if self.last_backup {
            let made = backup::last::of(peer, session, &unwatched).map_err(Refusal::from);
            done.backup = done.or_warn("the last backup", made).flatten();
        }
        if done.backup.is_some() {
            let removed = prune(peer, scene);
            done.or_warn("room for new backups", removed);
        }
        if let Some((wanted, place)) = &self.export {
            let written = export::write(peer, session, (wanted, place));
            done.export = done.or_warn("the export", written);
        }
        done
    }
}

/// Removes the backups that are not to be kept any more; none where nobody knows how many that are.
fn prune(peer: &Peer, scene: &Scene<'_>) -> Result<(), Refusal> {
    let Ok(loaded) = scene.config(&peer.paths, Vec::new()) else { return Ok(()) };
    let retention = &loaded.config.backups.retention;
    backup::clean_up(peer, retention, Run::Carry).map(drop).map_err(Refusal::from)
}

impl Done {
    fn or_warn<T>(&mut self, what: &str, made: Result<T, Refusal>) -> Option<T> {
        let warn = |refusal: Refusal| {
            self.warnings.push(format!("{what} was not made: {}", refusal.message));
        };
        made.map_err(warn).ok()
    }

    /// The answer with what came along.
    pub(super) fn within(&self, mut answer: Value) -> Value {
        let Value::Object(fields) = &mut answer else { return answer };
        if let Some(backup) = &self.backup {
            fields.insert("backup".to_owned(), readable(backup));
        }
        if let Some(Exported { path, format, bytes }) = &self.export {
            let told = json!({ "path": path, "format": format, "bytes": bytes });
            fields.insert("export".to_owned(), told);
        }
        if !self.warnings.is_empty() {
            fields.insert("warnings".to_owned(), json!(self.warnings));
        }
        answer
    }

    pub(super) fn tell(&self, output: &mut Output) -> Result<(), Failure> {
        if let Some(backup) = &self.backup {
            let told = format!("{} ({}), {}", backup.name, backup.id, bytes(backup.size));
            output.field("backup", &told)?;
        }
        if let Some(export) = &self.export {
            output.field("export", &format!("{}, {}", export.path, bytes(export.bytes)))?;
        }
        self.warnings.iter().try_for_each(|warning| output.field("warning", warning))
    }
}
