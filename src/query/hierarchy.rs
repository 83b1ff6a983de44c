//! A part of the tree: a session, a group or a task, and what lies below it to some depth.
//!
//! Rows come in the order in which they are drawn. What is directly below the top is paged; of
//! anything deeper the first few are shown, and how many there are.

use serde::Serialize;

use super::rows::{Counts, GroupRow, TaskRow};
use super::tasks::{TaskOrder, TaskQuery, Within};
use super::{groups, sessions, tasks};
use crate::domain::id::{GroupId, SessionId, TaskId};
use crate::domain::refusal::Refusal;
use crate::domain::task::Status;
use crate::store::Reader;

/// Levels below the top at most.
pub const LEVELS_MAX: usize = 5;
/// Tasks shown of a container that is not the top.
pub const FEW: usize = 10;
/// Rows of an answer, beyond which nothing deeper is opened.
const ROWS_MAX: usize = 200;

/// Where browsing begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Top {
    Session(SessionId),
    Group(SessionId, GroupId),
    Task(TaskId),
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowseQuery {
    pub top: Top,
    /// Levels below the top.
    pub levels: usize,
    /// Any when empty.
    pub status: Vec<Status>,
    /// Of the tasks directly below the top.
    pub limit: usize,
    pub cursor: Option<String>,
}

words! {
    /// What a row of the tree is.
    NodeKind("kind") {
        Session = "session",
        Group = "group",
        Task = "task",
    }
}

/// A row of the tree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Node {
    /// 0 for the top.
    pub depth: usize,
    pub kind: NodeKind,
    pub id: String,
    pub title: String,
    /// Of a task.
    pub status: Option<Status>,
    /// 0 to 100.
    pub progress: u8,
    /// Tasks below it, those of groups inside a group included.
    pub tasks: i64,
    /// How many of them are open.
    pub open: i64,
    /// Tasks directly below it that are not shown.
    pub more: i64,
}

/// A part of the tree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tree {
    pub nodes: Vec<Node>,
    /// Continues the tasks directly below the top.
    pub cursor: Option<String>,
}

/// Reads a part of the tree.
///
/// # Errors
///
/// When the top does not exist, the cursor is of something else, or the store fails.
pub fn browse(reader: &Reader, query: &BrowseQuery) -> Result<Tree, Refusal> {
    let levels = query.levels.clamp(1, LEVELS_MAX);
    let mut browser = Browser { reader, query, groups: Vec::new(), nodes: Vec::new() };
    let cursor = match query.top {
        Top::Session(session) => {
            browser.groups = groups::tree(reader, session)?;
            let row = sessions::row(reader, session)?;
            browser.push(0, NodeKind::Session, (session.to_string(), row.session.name), row.counts);
            browser.inside(session, (None, 1), levels)?
        }
        Top::Group(session, group) => {
            browser.groups = groups::tree(reader, session)?;
            browser.group_row(group, 0);
            browser.inside(session, (Some(group), 1), levels)?
        }
        Top::Task(id) => {
            let row = tasks::row(reader, id)?;
            let session = row.session_id;
            browser.task_row(&row, 0)?;
            browser.tasks(session, (Within::Parent(id), 1), levels)?
        }
    };
    Ok(Tree { nodes: browser.nodes, cursor })
}

struct Browser<'a> {
    reader: &'a Reader,
    query: &'a BrowseQuery,
    groups: Vec<GroupRow>,
    nodes: Vec<Node>,
}

impl Browser<'_> {
    fn push(
        &mut self,
        depth: usize,
        kind: NodeKind,
        (id, title): (String, String),
        counts: Counts,
    ) {
        self.nodes.push(Node {
            depth,
            kind,
            id,
            title,
            status: None,
            progress: counts.percent,
            tasks: counts.all(),
            open: counts.open(),
            more: 0,
        });
    }

    fn group_row(&mut self, group: GroupId, depth: usize) {
        let row = self.groups.iter().find(|row| row.group.id == group);
        if let Some(row) = row {
            let (name, counts) = (row.group.name.clone(), row.tree);
            self.push(depth, NodeKind::Group, (group.to_string(), name), counts);
        }
    }

    fn task_row(&mut self, row: &TaskRow, depth: usize) -> Result<(), Refusal> {
        let counts = if 0 < row.children {
            tasks::counts_below(self.reader, row.id)?
        } else {
            Counts::default()
        };
        let name = (row.id.to_string(), row.title.clone());
        self.push(depth, NodeKind::Task, name, counts);
        if let Some(node) = self.nodes.last_mut() {
            node.status = Some(row.status);
            node.progress = row.progress;
        }
        Ok(())
    }

    /// What lies in a group, or in a session without a group: its groups, then its tasks.
    fn inside(
        &mut self,
        session: SessionId,
        (group, depth): (Option<GroupId>, usize),
        levels: usize,
    ) -> Result<Option<String>, Refusal> {
        let is_continued = depth == 1 && self.query.cursor.is_some();
        let inner: Vec<GroupId> = self
            .groups
            .iter()
            .filter(|row| row.group.parent_id == group && !is_continued)
            .map(|row| row.group.id)
            .collect();
        for id in inner {
            self.group_row(id, depth);
            if depth < levels && self.nodes.len() < ROWS_MAX {
                self.inside(session, (Some(id), depth + 1), levels)?;
            }
        }
        self.tasks(session, (Within::Siblings { group, parent: None }, depth), levels)
    }

    /// The tasks of a container, and what is below them.
    fn tasks(
        &mut self,
        session: SessionId,
        (within, depth): (Within, usize),
        levels: usize,
    ) -> Result<Option<String>, Refusal> {
        let above = self.nodes.iter().rposition(|node| node.depth + 1 == depth);
        let (limit, cursor) =
            if depth == 1 { (self.query.limit, self.query.cursor.clone()) } else { (FEW, None) };
        let query = TaskQuery {
            within,
            status: self.query.status.clone(),
            order: TaskOrder::Position,
            limit,
            cursor,
            ..TaskQuery::new(session)
        };
        let page = tasks::list(self.reader, &query)?;
        for row in &page.items {
            self.task_row(row, depth)?;
            if 0 < row.children && depth < levels && self.nodes.len() < ROWS_MAX {
                self.tasks(session, (Within::Parent(row.id), depth + 1), levels)?;
            }
        }
        if page.cursor.is_some()
            && let Some(node) = above.and_then(|index| self.nodes.get_mut(index))
        {
            let shown = i64::try_from(page.items.len()).unwrap_or(i64::MAX);
            node.more = page.total.map_or(1, |total| (total - shown).max(1));
        }
        Ok(page.cursor)
    }
}
