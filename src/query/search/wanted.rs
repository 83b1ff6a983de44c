//! Where is searched: in the current session, in all, in the archived ones, or in one.

use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::domain::session::SessionState;
use crate::query::{many, resolve, sessions};
use crate::store::Reader;
use crate::store::rows::parsed;

/// Archived sessions that are searched at once, those touched last.
const ARCHIVED_MAX: i64 = 200;
/// Sessions that are looked through one after the other.
const IN_TURN_MAX: i64 = 200;

words! {
    /// Which sessions are searched, where none is named.
    Scope("search_scope") {
        /// The live one, else the last one.
        Current = "active_session" | "current" | "active" | "live",
        All = "all_sessions" | "all" | "everywhere",
        Archived = "archived_sessions" | "archived",
    }
}

/// The sessions that are searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Where {
    /// All where it says none.
    sessions: Option<Vec<SessionId>>,
    current: Option<SessionId>,
}

impl Where {
    /// What a scope, or a filter `session:`, means now.
    ///
    /// # Errors
    ///
    /// When no session has that name.
    pub(super) fn find(
        reader: &Reader,
        scope: Scope,
        named: Option<&str>,
    ) -> Result<Self, Refusal> {
        let current = sessions::current(reader)?.map(|session| session.id);
        let scope = match named.map(|text| (text, text.parse::<Scope>())) {
            None => scope,
            Some((_, Ok(scope))) => scope,
            Some((text, Err(_))) => {
                let id = resolve::session(reader, text)?;
                return Ok(Self { sessions: Some(vec![id]), current });
            }
        };
        let sessions = match scope {
            Scope::All => None,
            Scope::Current => Some(current.into_iter().collect()),
            Scope::Archived => Some(archived(reader)?),
        };
        Ok(Self { sessions, current })
    }

    /// The sessions; `None` means all.
    pub(super) fn sessions(&self) -> Option<&[SessionId]> {
        self.sessions.as_deref()
    }

    /// The one that is looked through where one has to be chosen.
    pub(super) fn main(&self) -> Option<SessionId> {
        match self.sessions.as_deref() {
            Some([first, ..]) => Some(*first),
            Some([]) => None,
            None => self.current,
        }
    }

    /// The sessions one after the other, those first in which something changed last, and whether
    /// there are more.
    pub(super) fn in_turn(&self, reader: &Reader) -> Result<(Vec<SessionId>, bool), Refusal> {
        if let Some(sessions) = &self.sessions {
            return Ok((sessions.clone(), false));
        }
        let sql = "SELECT id FROM orchestration_sessions ORDER BY touched_at DESC, id LIMIT ?";
        let mut found: Vec<SessionId> = many(reader, sql, [IN_TURN_MAX + 1], |row| parsed(row, 0))?;
        let most = usize::try_from(IN_TURN_MAX).unwrap_or(usize::MAX);
        let has_more = most < found.len();
        found.truncate(most);
        Ok((found, has_more))
    }

    /// Tells whether there is nothing to be searched.
    pub(super) fn is_empty(&self) -> bool {
        self.sessions.as_ref().is_some_and(Vec::is_empty)
    }
}

fn archived(reader: &Reader) -> Result<Vec<SessionId>, Refusal> {
    let sql = "SELECT id FROM orchestration_sessions WHERE state = ?1 ORDER BY touched_at DESC, id LIMIT ?2";
    let state = SessionState::Archived.as_str();
    many(reader, sql, rusqlite::params![state, ARCHIVED_MAX], |row| parsed(row, 0))
}
