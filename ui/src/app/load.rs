//! What is shown, read from the store in one consistent look.

mod activity;

use std::collections::{HashMap, HashSet};

use callboard_engine::domain::id::{SessionId, TaskId};
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::session::{ContextEntry, Transition};
use callboard_engine::domain::task::Status;
use callboard_engine::domain::time::Timestamp;
use callboard_engine::query::changes::ChangeQuery;
use callboard_engine::query::conflicts::{ConflictQuery, ConflictRow};
use callboard_engine::query::ledger::{DocumentCounts, DocumentRow};
use callboard_engine::query::rows::{AgentRow, Counts, GroupRow, Need, SessionRow, TaskRow};
use callboard_engine::query::sessions::{SessionFilter, SessionOrder};
use callboard_engine::query::tasks::{TaskOrder, TaskQuery, Within};
use callboard_engine::query::{agents, changes, conflicts, groups, ledger, needs, sessions, tasks};
use callboard_engine::store::Reader;

use super::board::{Branch, Container, Detail, LOADED_MAX, PAGE, RowKey};
use super::everything::Everything;
use super::feed::ActivityRow;
use super::{Effect, Model, Pane, View};
use crate::widgets::toast::Tone;

/// Tasks loaded for the whole tree at once, before the cursor asks for more.
const BUDGET: usize = 400;
/// Sessions listed.
const SESSIONS_MAX: usize = 100;
/// Tasks that a filter shows.
const FOUND_MAX: usize = 200;
/// Parents that a task has at most.
const PARENTS_MAX: usize = 32;
/// Changes shown of a task's history.
const HISTORY_MAX: usize = 30;
/// Open conflicts shown at once, the oldest first; more come as these are decided.
const CONFLICTS_MAX: usize = 300;
/// What waits for a person, at most.
const NEEDS_MAX: usize = 50;

/// What is to be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    view: View,
    closed: HashSet<Container>,
    limits: HashMap<Container, usize>,
    hide_done: bool,
    filter: String,
    task: Option<TaskId>,
    session: Option<SessionId>,
    /// A task that is to be shown wherever it is.
    reveal: Option<TaskId>,
    /// All titles are wanted, for the palette.
    everything: bool,
    feed_after: i64,
    now: Timestamp,
}

impl Wanted {
    /// Everything the model shows, and all there is to jump to.
    pub fn everything(model: &Model) -> Self {
        Self { everything: true, ..Self::of(model) }
    }

    /// Everything the model shows.
    pub fn of(model: &Model) -> Self {
        Self {
            view: model.view,
            closed: model.board.closed.clone(),
            limits: model.board.limits.clone(),
            hide_done: model.board.hide_done,
            filter: model.board.filter.clone(),
            task: match model.board.cursor {
                Some(RowKey::Task(id)) => Some(id),
                Some(RowKey::Group(_) | RowKey::More(_)) | None => None,
            },
            session: model.sessions.cursor,
            reveal: match model.board.awaited {
                Some(RowKey::Task(id)) => Some(id),
                Some(RowKey::Group(_) | RowKey::More(_)) | None => None,
            },
            everything: false,
            feed_after: model.feed.last_seq,
            now: model.now,
        }
    }
}

impl Wanted {
    /// Takes along what an earlier wish, not yet read, wanted besides.
    pub fn keep(&mut self, earlier: &Self) {
        self.everything |= earlier.everything;
    }
}

/// What was read.
#[derive(Debug)]
pub struct Snapshot {
    wanted: Wanted,
    session: Option<SessionRow>,
    needs: Vec<Need>,
    documents: DocumentCounts,
    agents: Vec<AgentRow>,
    groups: Vec<GroupRow>,
    ungrouped: Counts,
    branches: HashMap<Container, Branch>,
    found: Option<Vec<TaskRow>>,
    detail: Option<Detail>,
    feed: Vec<ActivityRow>,
    sessions: Option<Listed>,
    conflicts: Option<Vec<ConflictRow>>,
    conflicts_open: i64,
    everything: Option<Everything>,
}

#[derive(Debug)]
struct Listed {
    rows: Vec<SessionRow>,
    total: i64,
    history: Vec<Transition>,
    context: Vec<ContextEntry>,
    documents: Vec<DocumentRow>,
}

/// Reads everything that is wanted.
///
/// # Errors
///
/// When the store cannot be read.
pub fn load(reader: &Reader, wanted: Wanted) -> Result<Snapshot, Refusal> {
    let current = sessions::current(reader)?;
    let mut snapshot = Snapshot {
        session: None,
        needs: Vec::new(),
        documents: DocumentCounts::default(),
        agents: agents::list(reader, wanted.now)?,
        groups: Vec::new(),
        ungrouped: Counts::default(),
        branches: HashMap::new(),
        found: None,
        detail: None,
        feed: activity::feed(reader, wanted.feed_after)?,
        sessions: None,
        conflicts: None,
        conflicts_open: conflicts::open(reader, None)?,
        everything: None,
        wanted,
    };
    if let Some(session) = current {
        snapshot.session = Some(sessions::row(reader, session.id)?);
        snapshot.needs = needs::list(reader, session.id, snapshot.wanted.now, NEEDS_MAX)?;
        snapshot.documents = ledger::counts(reader, session.id)?;
        if snapshot.wanted.view == View::Board {
            board(reader, session.id, &mut snapshot)?;
        }
    }
    if snapshot.wanted.everything {
        let session = snapshot.session.as_ref().map(|row| row.session.id);
        snapshot.everything = Some(Everything::read(reader, session)?);
    }
    if snapshot.wanted.view == View::Sessions {
        snapshot.sessions = Some(listed(reader, &snapshot.wanted)?);
    }
    if snapshot.wanted.view == View::Conflicts {
        let query = ConflictQuery { limit: CONFLICTS_MAX, ..ConflictQuery::default() };
        snapshot.conflicts = Some(conflicts::list(reader, &query)?.items);
    }
    Ok(snapshot)
}

fn board(reader: &Reader, session: SessionId, snapshot: &mut Snapshot) -> Result<(), Refusal> {
    snapshot.groups = groups::tree(reader, session)?;
    snapshot.ungrouped = groups::ungrouped(reader, session)?;
    reveal(reader, session, snapshot)?;
    if snapshot.wanted.filter.is_empty() {
        let mut loader = Loader {
            reader,
            session,
            wanted: &snapshot.wanted,
            left: BUDGET,
            branches: HashMap::new(),
        };
        for group in &snapshot.groups {
            loader.branch(Container::Group(Some(group.group.id)), None)?;
        }
        loader.branch(Container::Group(None), None)?;
        snapshot.branches = loader.branches;
    } else {
        let query = TaskQuery {
            text: Some(snapshot.wanted.filter.clone()),
            limit: FOUND_MAX,
            ..TaskQuery::new(session)
        };
        snapshot.found = Some(tasks::list(reader, &query)?.items);
    }
    snapshot.detail = match snapshot.wanted.task {
        None => None,
        // A task that was deleted a moment ago has no details; that is no failure.
        Some(id) => tasks::view(reader, id).ok().map(|view| detail(reader, view)).transpose()?,
    };
    Ok(())
}

fn detail(
    reader: &Reader,
    view: callboard_engine::query::rows::TaskView,
) -> Result<Detail, Refusal> {
    let record = Some(view.task.id.to_string());
    let history = changes::list(
        reader,
        &ChangeQuery { record, limit: HISTORY_MAX, ..ChangeQuery::default() },
    )?;
    Ok(Detail { view, history })
}

/// Opens whatever a task that is to be shown lies in, and asks for as many rows as it takes.
fn reveal(reader: &Reader, session: SessionId, snapshot: &mut Snapshot) -> Result<(), Refusal> {
    let Some(id) = snapshot.wanted.reveal else { return Ok(()) };
    let Ok(view) = tasks::view(reader, id) else { return Ok(()) };
    if view.task.session_id != session {
        return Ok(());
    }
    let wanted = &mut snapshot.wanted;
    wanted.hide_done &= view.task.status.is_open();
    let mut group = view.task.group_id;
    wanted.closed.remove(&Container::Group(group));
    while let Some(parent) = group {
        let row = snapshot.groups.iter().find(|row| row.group.id == parent);
        group = row.and_then(|row| row.group.parent_id);
        wanted.closed.remove(&Container::Group(group.or(Some(parent))));
    }
    let mut inside = Container::Group(view.task.group_id);
    let mut above = view.task.parent_id;
    for depth in 0..PARENTS_MAX {
        let Some(parent) = above else { break };
        if depth == 0 {
            inside = Container::Task(parent);
        }
        wanted.closed.remove(&Container::Task(parent));
        above = tasks::view(reader, parent)?.task.parent_id;
    }
    let siblings = match inside {
        Container::Task(parent) => tasks::view(reader, parent)?.children_total,
        Container::Group(Some(id)) => {
            let row = snapshot.groups.iter().find(|row| row.group.id == id);
            row.map_or(0, |row| row.counts.all())
        }
        Container::Group(None) => snapshot.ungrouped.all(),
    };
    if i64::try_from(PAGE).unwrap_or(i64::MAX) < siblings {
        wanted.limits.insert(inside, LOADED_MAX);
    }
    Ok(())
}

struct Loader<'a> {
    reader: &'a Reader,
    session: SessionId,
    wanted: &'a Wanted,
    left: usize,
    branches: HashMap<Container, Branch>,
}

impl Loader<'_> {
    fn branch(
        &mut self,
        container: Container,
        group: Option<Option<callboard_engine::domain::id::GroupId>>,
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

fn listed(reader: &Reader, wanted: &Wanted) -> Result<Listed, Refusal> {
    let filter = SessionFilter {
        states: Vec::new(),
        order: SessionOrder::Activity,
        limit: SESSIONS_MAX,
        cursor: None,
    };
    let page = sessions::list(reader, &filter)?;
    let id = wanted.session.filter(|id| page.items.iter().any(|row| row.session.id == *id));
    let id = id.or_else(|| page.items.first().map(|row| row.session.id));
    let total = page.total.unwrap_or(0);
    let rows = page.items;
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

/// Says so when the title that is being edited is gone.
fn lose_rename(model: &mut Model) {
    let stands = |key: RowKey| model.board.rows.iter().any(|row| row.key == key);
    if let Some(rename) = model.board.renaming.take_if(|rename| !stands(rename.row)) {
        let text = rename.input.text();
        model.tell(Tone::Bad, format!("What you renamed is gone; you had written {text:?}."));
    }
}

/// Takes what was read into the model.
pub fn take(model: &mut Model, snapshot: Snapshot) -> Vec<Effect> {
    model.loaded = true;
    model.session = snapshot.session;
    model.needs.take(snapshot.needs);
    if model.focus == Pane::Needs && model.needs.rows.is_empty() {
        model.focus = Pane::Main;
    }
    model.documents.counts = snapshot.documents;
    model.agents.take(snapshot.agents);
    model.feed.add(snapshot.feed);
    if let Some(listed) = snapshot.sessions {
        model.sessions.take(listed.rows);
        model.sessions.total = listed.total;
        model.sessions.history = listed.history;
        model.sessions.context = listed.context;
        model.documents.take(listed.documents);
        if model.focus == Pane::Documents && model.documents.rows.is_empty() {
            model.focus = Pane::Main;
        }
    }
    model.conflicts.open = snapshot.conflicts_open;
    if let Some(rows) = snapshot.conflicts {
        model.conflicts.take(rows);
    }
    if let Some(everything) = snapshot.everything {
        everything.offer(model);
    }
    if snapshot.wanted.view != View::Board {
        return Vec::new();
    }
    if snapshot.wanted.reveal.is_some() {
        model.board.closed = snapshot.wanted.closed;
        model.board.limits = snapshot.wanted.limits;
        model.board.hide_done = snapshot.wanted.hide_done;
    }
    model.board.groups = snapshot.groups;
    model.board.ungrouped = snapshot.ungrouped;
    model.board.branches = snapshot.branches;
    model.board.found = snapshot.found;
    model.board.detail = snapshot.detail;
    model.board.lay_out();
    lose_rename(model);
    let height = crate::panes::board_rows(model);
    model.board.offset = model.board.scrolled(height);
    let selected = match model.board.cursor {
        Some(RowKey::Task(id)) => Some(id),
        Some(RowKey::Group(_) | RowKey::More(_)) | None => None,
    };
    let shown = model.board.detail.as_ref().map(|detail| detail.view.task.id);
    if selected != shown && selected != snapshot.wanted.task {
        vec![model.reload()]
    } else {
        Vec::new()
    }
}
