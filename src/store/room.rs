//! How many pages the writer keeps at hand.
//!
//! Where a change is great, the usual number would have the same pages of two dozen indexes written
//! and read again and again; the room for more is given back with the transaction.

use rusqlite::Connection;

use crate::domain::judgement::Judgement;

/// Writes from which on a change is a great one.
const GREAT: usize = 5_000;
/// Kibibytes of pages, usually and for a great change.
const USUAL_KIB: i64 = 16_000;
const LARGE_KIB: i64 = 256 * 1024;

/// How many pages are kept at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    Usual,
    Large,
}

impl Room {
    pub(super) fn make(self, connection: &Connection) -> rusqlite::Result<()> {
        let kibibytes = match self {
            Self::Usual => USUAL_KIB,
            Self::Large => LARGE_KIB,
        };
        connection.pragma_update(None, "cache_size", -kibibytes)
    }
}

/// Tells whether a judgement changes so much that it needs more room.
pub(super) fn is_great(judgement: &Judgement) -> bool {
    GREAT <= judgement.writes.len() || judgement.copies.is_some()
}
