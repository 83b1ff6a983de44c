//! The sessions, as they are listed.

use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::session::{ContextEntry, Transition};
use callboard_engine::query::ledger::{self, DocumentRow};
use callboard_engine::query::rows::SessionRow;
use callboard_engine::query::sessions::{self, SessionFilter, SessionOrder};
use callboard_engine::store::Reader;

use super::HISTORY_MAX;

/// Sessions listed.
const SESSIONS_MAX: usize = 100;

/// The sessions, and more of the one under the cursor.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) rows: Vec<SessionRow>,
    pub(super) total: i64,
    pub(super) history: Vec<Transition>,
    pub(super) context: Vec<ContextEntry>,
    pub(super) documents: Vec<DocumentRow>,
}

/// Reads the sessions, and more of one of them.
pub(super) fn read(reader: &Reader, session: Option<SessionId>) -> Result<Listed, Refusal> {
    let filter = SessionFilter {
        states: Vec::new(),
        order: SessionOrder::Activity,
        limit: SESSIONS_MAX,
        cursor: None,
    };
    let page = sessions::list(reader, &filter)?;
    let total = page.total.unwrap_or(0);
    let mut rows = page.items;
    let is_listed = |id: &SessionId| rows.iter().any(|row| row.session.id == *id);
    if let Some(id) = session.filter(|id| !is_listed(id)) {
        // One that lies further back stands at the end; one that is gone is not shown.
        rows.extend(sessions::row(reader, id).ok());
    }
    let is_listed = |id: &SessionId| rows.iter().any(|row| row.session.id == *id);
    let first = rows.first().map(|row| row.session.id);
    let id = session.filter(is_listed).or(first);
    let Some(id) = id else {
        let (history, context, documents) = (Vec::new(), Vec::new(), Vec::new());
        return Ok(Listed { rows, total, history, context, documents });
    };
    Ok(Listed {
        rows,
        total,
        history: sessions::transitions(reader, id, HISTORY_MAX)?,
        context: sessions::context(reader, id)?,
        documents: ledger::of_session(reader, id)?,
    })
}
