//! Which modes there are.

use serde_json::json;

use super::{ModeList, folder, wire};
use crate::domain::refusal::{Code, Refusal};
use crate::mcp::answer::{Answer, Reply, list};
use crate::mcp::params::{Detail, given, limit};
use crate::mcp::server::CallboardServer;
use crate::modes::folder::{ListedMode, ModeFileState};
use crate::query::rows::Page;
use crate::query::sessions;

/// Backups that are named.
const BACKUPS_MAX: usize = 15;

impl CallboardServer {
    pub(super) async fn list_modes(&self, input: ModeList) -> Reply {
        let full = input.show_details == Some(true);
        let detail = if full { Detail::Full } else { input.detail.unwrap_or_default() };
        let (modes, mut backups) =
            self.on_disk(|peer| Ok((folder(peer).list(), folder(peer).backups()))).await?;
        let session = self.read(sessions::current)?;
        let current = session.as_ref().map(|session| session.mode.as_str());
        let is_broken = |mode: &ListedMode| match mode.state {
            ModeFileState::Valid | ModeFileState::BuiltIn => false,
            ModeFileState::Invalid | ModeFileState::Unreadable => true,
        };
        let broken = modes.iter().filter(|mode| is_broken(mode)).count();
        let shows_all = input.include_invalid == Some(true);
        let shown: Vec<ListedMode> = modes
            .into_iter()
            .filter(|mode| shows_all || !is_broken(mode) || current == Some(mode.name.as_str()))
            .collect();
        let first = first(input.cursor.as_deref())?;
        let mut answer = list(
            "available_modes",
            (limit(input.limit), detail),
            |limit| Ok(page(&shown, first, limit)),
            |mode| wire::listed(mode, current, detail),
        )?;
        answer.insert("current_mode".to_owned(), json!(current));
        answer.insert("active_session".to_owned(), json!(session.as_ref().map(|one| one.id)));
        if !shows_all && 0 < broken {
            answer.insert("broken".to_owned(), json!(broken));
        }
        if detail == Detail::Full {
            backups.truncate(BACKUPS_MAX);
            answer.insert("backups".to_owned(), backups.iter().map(wire::backup).collect());
        }
        let note = (!shows_all && 0 < broken)
            .then(|| "include_invalid: true lists the broken ones too".to_owned());
        Ok(Answer::data(&answer).detail(detail).noting(note))
    }
}

/// The place of the first entry: what the cursor says.
fn first(cursor: Option<&str>) -> Result<usize, Refusal> {
    let Some(cursor) = given(cursor) else { return Ok(0) };
    cursor.strip_prefix("m.").and_then(|place| place.parse().ok()).ok_or_else(|| {
        Refusal::new(Code::InvalidValue, "cursor is not one that this list gave")
            .suggest("send the call without cursor to begin again")
    })
}

fn page(modes: &[ListedMode], first: usize, limit: usize) -> Page<ListedMode> {
    let items: Vec<ListedMode> = modes.iter().skip(first).take(limit).cloned().collect();
    let next = first.saturating_add(items.len());
    let cursor = (next < modes.len()).then(|| format!("m.{next}"));
    Page { items, total: i64::try_from(modes.len()).ok(), cursor }
}
