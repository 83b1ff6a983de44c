//! Writing the result of a conflict by hand.

use callboard_engine::domain::id::ConflictId;
use callboard_engine::query::conflicts::ConflictRow;
use crossterm::event::KeyEvent;

use super::ConflictsModel;
use super::draft::{self, Pick};
use crate::conflict::value;
use crate::widgets::text::Text;

/// An edit of a merge that is under way.
#[derive(Debug, Clone)]
pub struct Editing {
    pub id: ConflictId,
    pub text: Text,
    /// The text as it was when the edit began.
    begun: String,
    /// What is wrong with the text, once it was to be kept.
    pub problem: Option<String>,
}

/// How an edit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The text is the decision, even as it was.
    Keep,
    /// The text is the decision if it was changed and can be one.
    Leave,
}

impl ConflictsModel {
    /// Begins to edit the merge of the conflict under the cursor.
    pub fn edit(&mut self) {
        let Some(row) = self.selected() else { return };
        let (id, begun) = (row.conflict.id, self.merge_text(row));
        self.editing = Some(Editing { id, text: Text::new(&begun), begun, problem: None });
    }

    /// The text that an edit of a merge begins with.
    pub fn merge_text(&self, row: &ConflictRow) -> String {
        let conflict = &row.conflict;
        if let Some(typed) = self.typed.get(&conflict.id) {
            return typed.clone();
        }
        let decided = draft::result(conflict, self.picked(row));
        let begun = decided.or_else(|| value::both(conflict));
        value::typed(&conflict.field, begun.as_ref().unwrap_or(&conflict.ours))
    }

    /// Takes a key of an edit that is under way.
    pub fn edit_key(&mut self, key: KeyEvent) {
        if let Some(editing) = &mut self.editing {
            editing.problem = None;
            editing.text.key(key);
        }
    }

    /// Ends the edit under way, keeping what was typed as the decision if it can be one.
    pub fn keep_edit(&mut self, ending: Ending) {
        let Some(editing) = self.editing.take() else { return };
        let text = editing.text.text();
        if ending == Ending::Leave && text == editing.begun {
            return;
        }
        if let Err(problem) = self.merge(editing.id, &text) {
            self.typed.insert(editing.id, text);
            if ending == Ending::Keep {
                self.editing = Some(Editing { problem: Some(problem), ..editing });
            }
        }
    }

    /// Decides a conflict by a text of the person's own.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    pub fn merge(&mut self, id: ConflictId, text: &str) -> Result<(), String> {
        let Some(row) = self.rows.iter().find(|row| row.conflict.id == id) else {
            return Err("the conflict is over".to_owned());
        };
        let merged = value::parse(&row.conflict, text)?;
        self.typed.remove(&id);
        self.pick(vec![(id, Some(Pick::Merged(merged)))]);
        Ok(())
    }
}
