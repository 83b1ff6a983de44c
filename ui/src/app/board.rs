//! The board's tree: groups and tasks as rows, a cursor that stays on its record, pages that load
//! as the cursor comes near.

use std::collections::{HashMap, HashSet};

use callboard_engine::domain::change::Change;
use callboard_engine::domain::gate::Need;
use callboard_engine::domain::id::{GroupId, TaskId};
use callboard_engine::domain::task::Status;
use callboard_engine::query::documents::ArtifactRow;
use callboard_engine::query::rows::{Counts, GroupRow, TaskRow, TaskView};

use super::scroll;
use crate::widgets::input::Input;

/// Tasks loaded at once for one group or parent.
pub const PAGE: usize = 60;
/// Most tasks loaded for one group or parent.
pub const LOADED_MAX: usize = 1_000;

/// What holds tasks: a group (or none), or a parent task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Container {
    Group(Option<GroupId>),
    Task(TaskId),
}

/// The record of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowKey {
    Group(Option<GroupId>),
    Task(TaskId),
    /// More tasks of a container that are not loaded yet.
    More(Container),
}

/// A row of the tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub key: RowKey,
    pub depth: usize,
}

/// The loaded tasks of a container.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Branch {
    pub rows: Vec<TaskRow>,
    pub more: bool,
}

/// A title that is edited in its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    pub row: RowKey,
    pub input: Input,
    /// The version that the person saw.
    pub version: Option<i64>,
}

/// What is under the cursor, in full.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    pub view: TaskView,
    pub history: Vec<Change>,
    /// What the mode demands before the task is completed, and whether it is there.
    pub demands: Vec<(Need, bool)>,
    /// What was handed in with the task.
    pub artifacts: Vec<ArtifactRow>,
}

/// The board.
#[derive(Debug, Default)]
pub struct BoardModel {
    pub groups: Vec<GroupRow>,
    pub ungrouped: Counts,
    pub branches: HashMap<Container, Branch>,
    /// Containers whose rows are folded away.
    pub closed: HashSet<Container>,
    /// How many tasks are wanted of containers that want more than a page.
    pub limits: HashMap<Container, usize>,
    pub rows: Vec<Row>,
    pub tasks: HashMap<TaskId, TaskRow>,
    pub cursor: Option<RowKey>,
    /// The first row on the screen.
    pub offset: usize,
    pub hide_done: bool,
    /// The words that tasks are filtered by; none when empty.
    pub filter: String,
    pub filtering: bool,
    pub filter_input: Input,
    pub found: Option<Vec<TaskRow>>,
    pub detail: Option<Detail>,
    /// Rows scrolled down in the details.
    pub detail_scroll: u16,
    /// A title that is edited in its row.
    pub renaming: Option<Rename>,
    /// A record that the cursor goes to, once it is there.
    pub(super) awaited: Option<RowKey>,
}

impl BoardModel {
    /// The place of the cursor among the rows.
    pub fn index(&self) -> usize {
        self.cursor.and_then(|key| self.rows.iter().position(|row| row.key == key)).unwrap_or(0)
    }

    /// The task under the cursor.
    pub fn selected_task(&self) -> Option<&TaskRow> {
        match self.cursor? {
            RowKey::Task(id) => self.tasks.get(&id),
            RowKey::Group(_) | RowKey::More(_) => None,
        }
    }

    /// The group under the cursor, or the one that the task under it is in.
    pub fn selected_group(&self) -> Option<GroupId> {
        match self.cursor? {
            RowKey::Group(id) | RowKey::More(Container::Group(id)) => id,
            RowKey::Task(id) | RowKey::More(Container::Task(id)) => self.tasks.get(&id)?.group_id,
        }
    }

    /// A group by its id.
    pub fn group(&self, id: GroupId) -> Option<&GroupRow> {
        self.groups.iter().find(|row| row.group.id == id)
    }

    /// Moves the cursor to a row, and asks for more where the rows end.
    pub fn go(&mut self, index: usize) {
        let index = index.min(self.rows.len().saturating_sub(1));
        let before = self.cursor;
        self.cursor = self.rows.get(index).map(|row| row.key);
        if self.cursor != before {
            self.detail_scroll = 0;
        }
        let near = self.rows.get(index..(index + 8).min(self.rows.len())).unwrap_or_default();
        let more: Vec<Container> = near
            .iter()
            .filter_map(|row| match row.key {
                RowKey::More(container) => Some(container),
                RowKey::Group(_) | RowKey::Task(_) => None,
            })
            .collect();
        for container in more {
            let loaded = self.branches.get(&container).map_or(0, |branch| branch.rows.len());
            self.limits.insert(container, (loaded + PAGE).min(LOADED_MAX));
        }
    }

    /// Shows everything again.
    pub fn clear_filter(&mut self) {
        self.filtering = false;
        self.filter.clear();
        self.filter_input.clear();
    }

    /// Puts the cursor on a record as soon as it is loaded.
    pub fn select_when_loaded(&mut self, key: RowKey) {
        self.awaited = Some(key);
    }

    fn container_of(&self, key: RowKey) -> Option<Container> {
        match key {
            RowKey::Group(id) => Some(Container::Group(id)),
            RowKey::More(container) => Some(container),
            RowKey::Task(id) => {
                let task = self.tasks.get(&id)?;
                Some(task.parent_id.map_or(Container::Group(task.group_id), Container::Task))
            }
        }
    }

    /// What contains a row: for collapsing upwards.
    pub fn parent_key(&self, key: RowKey) -> Option<RowKey> {
        match key {
            RowKey::Group(id) => {
                let group = self.group(id?)?;
                group.group.parent_id.map(|parent| RowKey::Group(Some(parent)))
            }
            RowKey::More(Container::Group(id)) => Some(RowKey::Group(id)),
            RowKey::More(Container::Task(id)) => Some(RowKey::Task(id)),
            RowKey::Task(id) => {
                let task = self.tasks.get(&id)?;
                Some(task.parent_id.map_or(RowKey::Group(task.group_id), RowKey::Task))
            }
        }
    }

    /// The siblings of a task as they stand, for moving it among them.
    pub fn siblings(&self, id: TaskId) -> Vec<TaskId> {
        let Some(container) = self.container_of(RowKey::Task(id)) else { return Vec::new() };
        self.branches
            .get(&container)
            .map(|branch| branch.rows.iter().map(|row| row.id).collect())
            .unwrap_or_default()
    }

    /// Lays out the rows anew from what is loaded; the cursor stays on its record.
    pub fn lay_out(&mut self) {
        let before = self.index();
        self.rows.clear();
        self.tasks.clear();
        if let Some(found) = &self.found {
            for task in found {
                self.rows.push(Row { key: RowKey::Task(task.id), depth: 0 });
                self.tasks.insert(task.id, task.clone());
            }
        } else {
            let mut rows = Vec::new();
            for group in &self.groups {
                rows.push(Row { key: RowKey::Group(Some(group.group.id)), depth: group.depth });
                self.add_branch(Container::Group(Some(group.group.id)), group.depth + 1, &mut rows);
            }
            let loose = Container::Group(None);
            if self
                .branches
                .get(&loose)
                .is_some_and(|branch| !branch.rows.is_empty() || branch.more)
            {
                let depth = usize::from(!self.groups.is_empty());
                rows.extend((0 < depth).then_some(Row { key: RowKey::Group(None), depth: 0 }));
                self.add_branch(loose, depth, &mut rows);
            }
            self.rows = self.without_folded(rows);
            for branch in self.branches.values() {
                self.tasks.extend(branch.rows.iter().map(|task| (task.id, task.clone())));
            }
        }
        self.place_cursor(before);
    }

    fn place_cursor(&mut self, before: usize) {
        let stands = |key: RowKey| self.rows.iter().any(|row| row.key == key);
        // What did not come is not waited for: a cursor that jumps later would be a surprise.
        if let Some(awaited) = self.awaited.take().filter(|key| stands(*key)) {
            self.cursor = Some(awaited);
            self.detail_scroll = 0;
        }
        if self.cursor.is_none() {
            self.cursor = self.first_worth_seeing();
        }
        if self.cursor.is_none_or(|key| !stands(key)) {
            let index = before.min(self.rows.len().saturating_sub(1));
            self.cursor = self.rows.get(index).map(|row| row.key);
        }
    }

    /// Where the cursor begins: the first task at work, else the first with work left, else the
    /// first.
    fn first_worth_seeing(&self) -> Option<RowKey> {
        let tasks =
            || self.rows.iter().map(|row| row.key).filter(|key| matches!(key, RowKey::Task(_)));
        let active = |key: &RowKey| match key {
            RowKey::Task(id) => {
                self.tasks.get(id).is_some_and(|task| task.status == Status::Active)
            }
            RowKey::Group(_) | RowKey::More(_) => false,
        };
        let open = |key: &RowKey| match key {
            RowKey::Task(id) => self.tasks.get(id).is_some_and(|task| task.status.is_open()),
            RowKey::Group(_) | RowKey::More(_) => false,
        };
        tasks().find(active).or_else(|| tasks().find(open)).or_else(|| tasks().next())
    }

    fn add_branch(&self, container: Container, depth: usize, rows: &mut Vec<Row>) {
        let Some(branch) =
            self.branches.get(&container).filter(|_| !self.closed.contains(&container))
        else {
            return;
        };
        for task in &branch.rows {
            rows.push(Row { key: RowKey::Task(task.id), depth });
            if 0 < task.children {
                self.add_branch(Container::Task(task.id), depth + 1, rows);
            }
        }
        if branch.more {
            rows.push(Row { key: RowKey::More(container), depth });
        }
    }

    /// Leaves out the groups inside a folded group.
    fn without_folded(&self, rows: Vec<Row>) -> Vec<Row> {
        let mut folded: Option<usize> = None;
        rows.into_iter()
            .filter(|row| {
                let RowKey::Group(id) = row.key else { return folded.is_none() };
                if folded.is_some_and(|depth| depth < row.depth) {
                    return false;
                }
                folded = self.closed.contains(&Container::Group(id)).then_some(row.depth);
                true
            })
            .collect()
    }

    /// The first row to draw so that the cursor is seen, for a height.
    pub fn scrolled(&self, height: usize) -> usize {
        scroll::offset(self.offset, self.index(), (height, self.rows.len()))
    }
}
