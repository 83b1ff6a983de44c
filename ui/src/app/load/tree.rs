//! The tree of tasks, as far as it is open.

use std::collections::HashMap;

use callboard_engine::domain::id::{GroupId, SessionId};
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::task::Status;
use callboard_engine::query::tasks;
use callboard_engine::query::tasks::{TaskOrder, TaskQuery, Within};
use callboard_engine::store::Reader;

use super::Wanted;
use crate::app::board::{Branch, Container, PAGE};

/// Reads tasks until so many are read.
pub(super) struct Loader<'a> {
    pub(super) reader: &'a Reader,
    pub(super) session: SessionId,
    pub(super) wanted: &'a Wanted,
    /// Tasks that may still be loaded.
    pub(super) left: usize,
    pub(super) branches: HashMap<Container, Branch>,
}

impl Loader<'_> {
    /// Loads what a container holds, and what that holds.
    pub(super) fn branch(
        &mut self,
        container: Container,
        group: Option<Option<GroupId>>,
    ) -> Result<(), Refusal> {
        if self.wanted.closed.contains(&container) {
            return Ok(());
        }
        let asked = self.wanted.limits.get(&container).copied();
        let limit = asked.unwrap_or_else(|| PAGE.min(self.left)).max(1);
        let within = match container {
            Container::Group(group) => Within::Siblings { group, parent: None },
            Container::Task(id) => {
                Within::Siblings { group: group.unwrap_or(None), parent: Some(id) }
            }
        };
        let status = if self.wanted.hide_done {
            Status::ALL.iter().copied().filter(|status| status.is_open()).collect()
        } else {
            Vec::new()
        };
        let query = TaskQuery {
            within,
            status,
            order: TaskOrder::Position,
            limit,
            ..TaskQuery::new(self.session)
        };
        let page = tasks::list(self.reader, &query)?;
        self.left = self.left.saturating_sub(page.items.len());
        let parents: Vec<_> = page
            .items
            .iter()
            .filter(|row| 0 < row.children)
            .map(|row| (row.id, row.group_id))
            .collect();
        self.branches.insert(container, Branch { rows: page.items, more: page.cursor.is_some() });
        for (id, group) in parents {
            self.branch(Container::Task(id), Some(group))?;
        }
        Ok(())
    }
}
