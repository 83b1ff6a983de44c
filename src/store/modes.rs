//! Modes that the writer has read, so that judging a task does not parse its mode anew.

use std::cell::RefCell;
use std::sync::Arc;

use rusqlite::Connection;

use super::rows::mode;
use crate::domain::mode::Mode;
use crate::domain::session::Session;

/// Contents that are kept.
const KNOWN_MAX: usize = 8;

/// The last contents that were asked for, by hash, the newest last.
#[derive(Debug, Default)]
pub(crate) struct KnownModes(RefCell<Vec<(String, Arc<Mode>)>>);

impl KnownModes {
    /// The mode that a session is bound to; a session that was never bound has one without roles
    /// and without gates.
    pub(crate) fn of(
        &self,
        connection: &Connection,
        session: &Session,
    ) -> rusqlite::Result<Arc<Mode>> {
        let Some(binding) = &session.binding else { return Ok(bare(session)) };
        let known = self.0.borrow().iter().find(|(hash, _)| *hash == binding.hash).cloned();
        if let Some((_, mode)) = known {
            return Ok(mode);
        }
        let Some(content) = mode::content(connection, &binding.hash)? else {
            return Ok(bare(session));
        };
        let mode = Arc::new(content);
        let mut all = self.0.borrow_mut();
        if KNOWN_MAX <= all.len() {
            all.remove(0);
        }
        all.push((binding.hash.clone(), mode.clone()));
        Ok(mode)
    }
}

fn bare(session: &Session) -> Arc<Mode> {
    Arc::new(Mode { name: session.mode.clone(), ..Mode::default() })
}
