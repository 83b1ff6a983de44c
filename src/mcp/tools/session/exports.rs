//! The export of a session that is archived: asked for before the move, written after it.

use std::path::Path;

use serde_json::{Value, json};

use super::moves::{Wanted, moving};
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::export::{self, Artifacts, Exported, Format, Place};
use crate::mcp::params::given;
use crate::mcp::server::CallboardServer;
use crate::query::sessions;

/// What a call says of an export.
pub(super) struct Asked {
    pub(super) format: Option<Format>,
    pub(super) path: Option<String>,
    pub(super) include_artifacts: bool,
}

/// An export that can be written.
pub(super) struct Planned {
    wanted: export::Wanted,
    place: Place,
}

/// What became of it.
pub(super) struct Ended(Result<Exported, Refusal>);

impl Ended {
    /// Tells it in an answer.
    pub(super) fn tell(self, answer: &mut Value) {
        let Value::Object(fields) = answer else { return };
        let (name, value) = match self.0 {
            Ok(Exported { path, format, bytes }) => {
                ("export", json!({ "path": path, "format": format, "bytes": bytes }))
            }
            Err(refusal) => {
                let warning = format!("the move is kept, but not the export: {}", refusal.message);
                ("warnings", json!([warning]))
            }
        };
        fields.insert(name.to_owned(), value);
    }
}

impl CallboardServer {
    /// The export that a call asks for, if it does.
    ///
    /// # Errors
    ///
    /// When its path may not be written to; nothing is moved yet.
    pub(super) fn export_wanted(
        &self,
        wanted: &Wanted,
        asked: &Asked,
    ) -> Result<Option<Planned>, Refusal> {
        let path = given(asked.path.as_deref()).map(str::to_owned);
        let Some(format) = asked.format.or_else(|| path.as_deref().map(format_of)) else {
            return Ok(None);
        };
        let artifacts = if asked.include_artifacts { Artifacts::Told } else { Artifacts::LeftOut };
        let wanted_export = export::Wanted { format, path, artifacts };
        let session = self.read(|reader| sessions::get(reader, moving(reader, wanted)?))?;
        let place = export::place(&self.peer.paths, &session, &wanted_export)?;
        Ok(Some(Planned { wanted: wanted_export, place }))
    }

    pub(super) async fn exported(&self, session: SessionId, planned: Planned) -> Ended {
        let Planned { wanted, place } = planned;
        let written = self.on_disk(move |peer| export::write(peer, session, (&wanted, &place)));
        Ended(written.await)
    }
}

/// What the ending of a path asks for.
fn format_of(path: &str) -> Format {
    let ending = Path::new(path).extension().and_then(|ending| ending.to_str());
    match ending.map(str::to_ascii_lowercase).as_deref() {
        Some("json") => Format::Json,
        Some("md") => Format::Markdown,
        Some(_) | None => Format::Archive,
    }
}
