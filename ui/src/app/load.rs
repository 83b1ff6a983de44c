//! What is shown, read from the store in one consistent look.

mod activity;
mod detail;
mod listed;
mod reveal;
mod tree;

use std::collections::{HashMap, HashSet};

use callboard_engine::domain::id::{SessionId, TaskId};
use callboard_engine::domain::mode::{Bound, Mode};
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::time::{DAY_MS, Timestamp};
use callboard_engine::query::conflicts::{ConflictQuery, ConflictRow};
use callboard_engine::query::ledger::DocumentCounts;
use callboard_engine::query::metrics::{ErrorEntry, newest_failure};
use callboard_engine::query::rows::{
    AgentRow, Counts, GroupRow, HotSpot, Need, SessionRow, TaskRow,
};
use callboard_engine::query::tasks::TaskQuery;
use callboard_engine::query::{
    agents, conflicts, groups, hot_spots, ledger, modes, needs, sessions, tasks,
};
use callboard_engine::store::Reader;

use super::board::{Branch, Container, Detail, RowKey};
use super::everything::Everything;
use super::feed::ActivityRow;
use super::needs::waiting;
use super::{Effect, Model, Pane, View, artifacts, metrics};
use crate::widgets::toast::Tone;
use listed::Listed;
use reveal::reveal;
use tree::Loader;

/// Tasks loaded for the whole tree at once, before the cursor asks for more.
const BUDGET: usize = 400;
/// Tasks that a filter shows.
const FOUND_MAX: usize = 200;
/// Changes shown of a task's history.
const HISTORY_MAX: usize = 30;
/// Open conflicts shown at once, the oldest first; more come as these are decided.
const CONFLICTS_MAX: usize = 300;
/// What waits for a person, at most.
const NEEDS_MAX: usize = 50;
/// Bindings of a session that are listed.
const BINDINGS_MAX: usize = 50;
/// Paths that are listed as worked on.
const HOT_SPOTS_MAX: usize = 50;

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
    artifact: artifacts::Asked,
    /// A row that is to be shown wherever it is.
    reveal: Option<RowKey>,
    /// All titles are wanted, for the palette.
    everything: bool,
    feed_after: i64,
    metrics: metrics::Asked,
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
            artifact: model.artifacts.asked(),
            reveal: model.board.awaited,
            everything: false,
            feed_after: model.feed.last_seq,
            metrics: model.metrics.asked(),
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
    modes: Option<InForce>,
    hot_spots: Option<Vec<HotSpot>>,
    conflicts: Option<Vec<ConflictRow>>,
    artifacts: Option<artifacts::Listed>,
    conflicts_open: i64,
    metrics: Option<metrics::Answer>,
    failure: Option<ErrorEntry>,
    everything: Option<Everything>,
}

/// The mode in force, and what was before.
#[derive(Debug)]
struct InForce {
    history: Vec<Bound>,
    mode: Option<Mode>,
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
        modes: None,
        hot_spots: None,
        conflicts: None,
        artifacts: None,
        conflicts_open: conflicts::open(reader, None)?,
        metrics: None,
        failure: newest_failure(reader, wanted.now.plus_ms(-DAY_MS))?,
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
        snapshot.sessions = Some(listed::read(reader, snapshot.wanted.session)?);
    }
    if let (View::Modes, Some(row)) = (snapshot.wanted.view, &snapshot.session) {
        let history = modes::history(reader, row.session.id, BINDINGS_MAX)?;
        let mode = modes::in_force(reader, &row.session)?;
        snapshot.modes = Some(InForce { history, mode });
    }
    if let (View::Agents, Some(row)) = (snapshot.wanted.view, &snapshot.session) {
        let (session, now) = (row.session.id, snapshot.wanted.now);
        snapshot.hot_spots = Some(hot_spots::list(reader, session, now, HOT_SPOTS_MAX)?);
    }
    if let (View::Artifacts, Some(row)) = (snapshot.wanted.view, &snapshot.session) {
        let listed = artifacts::list(reader, row.session.id, &snapshot.wanted.artifact)?;
        snapshot.artifacts = Some(listed);
    }
    if snapshot.wanted.view == View::Conflicts {
        let query = ConflictQuery { limit: CONFLICTS_MAX, ..ConflictQuery::default() };
        snapshot.conflicts = Some(conflicts::list(reader, &query)?.items);
    }
    if snapshot.wanted.view == View::Metrics {
        snapshot.metrics = metrics::read(reader, &snapshot.wanted.metrics)?;
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
        Some(id) => {
            tasks::view(reader, id).ok().map(|view| detail::read(reader, view)).transpose()?
        }
    };
    Ok(())
}

/// Says so when the title that is being edited is gone.
fn lose_rename(model: &mut Model) {
    let stands = |key: RowKey| model.board.rows.iter().any(|row| row.key == key);
    if let Some(rename) = model.board.renaming.take_if(|rename| !stands(rename.row)) {
        let text = rename.input.text();
        model.tell(Tone::Bad, format!("What you renamed is gone; you had written {text:?}."));
    }
}

fn take_sessions(model: &mut Model, listed: Listed) {
    model.sessions.take(listed.rows);
    model.sessions.total = listed.total;
    model.sessions.history = listed.history;
    model.sessions.context = listed.context;
    model.documents.take(listed.documents);
    if model.focus == Pane::Documents && model.documents.rows.is_empty() {
        model.focus = Pane::Main;
    }
}

/// Takes what was read into the model.
pub fn take(model: &mut Model, snapshot: Snapshot) -> Vec<Effect> {
    let was_loaded = std::mem::replace(&mut model.loaded, true);
    model.session = snapshot.session;
    model.metrics.take(snapshot.failure, snapshot.metrics);
    let waiting = waiting(model, snapshot.needs);
    model.needs.take(waiting);
    if model.focus == Pane::Needs && model.needs.rows.is_empty() {
        model.focus = Pane::Main;
    }
    model.documents.counts = snapshot.documents;
    model.agents.take(snapshot.agents);
    if was_loaded {
        super::modes::news(model, &snapshot.feed);
    }
    model.feed.add(snapshot.feed);
    if let Some(in_force) = snapshot.modes {
        model.modes.history = in_force.history;
        model.modes.in_force = in_force.mode;
    }
    if let Some(spots) = snapshot.hot_spots {
        model.agents.hot_spots = spots;
    }
    if let Some(listed) = snapshot.sessions {
        take_sessions(model, listed);
    }
    model.conflicts.open = snapshot.conflicts_open;
    if let Some(rows) = snapshot.conflicts {
        model.conflicts.take(rows);
    }
    if let Some(everything) = snapshot.everything {
        everything.offer(model);
    }
    if let Some(listed) = snapshot.artifacts {
        let before = model.artifacts.shown().map(|shown| shown.id);
        model.artifacts.take(listed);
        if model.artifacts.shown().map(|shown| shown.id) != before {
            model.board.detail_scroll = 0;
        }
        return model.artifacts.wish();
    }
    if snapshot.wanted.view == View::Metrics {
        return metrics::wish(model);
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
