//! The activity: what anybody did, the newest last, followed only at its end.

use std::collections::VecDeque;

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::change::Verb;
use callboard_engine::domain::time::Timestamp;

/// Entries kept.
pub const KEPT_MAX: usize = 500;

/// One line of the activity.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityRow {
    pub seq: i64,
    pub at: Timestamp,
    pub actor: Actor,
    pub verb: Verb,
    /// The id it is about.
    pub record: String,
    pub title: String,
    /// What changed, in a few words.
    pub detail: String,
}

/// The activity as it is shown.
#[derive(Debug, Default)]
pub struct FeedModel {
    pub rows: VecDeque<ActivityRow>,
    /// Rows scrolled back from the end; 0 follows.
    pub back: usize,
    /// Entries that came while scrolled back.
    pub unseen: usize,
    /// Shows only what this actor did.
    pub only: Option<String>,
    pub last_seq: i64,
}

impl FeedModel {
    /// Adds what is new; the view moves only if it follows the end.
    pub fn add(&mut self, rows: Vec<ActivityRow>) {
        for row in rows {
            self.last_seq = self.last_seq.max(row.seq);
            if 0 < self.back && self.shows(&row) {
                self.back += 1;
                self.unseen += 1;
            }
            self.rows.push_back(row);
        }
        while KEPT_MAX < self.rows.len() {
            self.rows.pop_front();
        }
    }

    /// Tells whether the filter lets a row through.
    pub fn shows(&self, row: &ActivityRow) -> bool {
        self.only.as_ref().is_none_or(|name| row.actor.name() == name)
    }

    /// The rows that the filter lets through, oldest first.
    pub fn visible(&self) -> impl DoubleEndedIterator<Item = &ActivityRow> {
        self.rows.iter().filter(|row| self.shows(row))
    }

    /// Scrolls by rows; positive is towards the newest.
    pub fn scroll(&mut self, rows: isize) {
        let most = self.visible().count().saturating_sub(1);
        self.back = self.back.saturating_add_signed(-rows).min(most);
        if self.back == 0 {
            self.unseen = 0;
        }
    }

    /// Follows the end again.
    pub fn follow(&mut self) {
        (self.back, self.unseen) = (0, 0);
    }
}
