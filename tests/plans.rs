//! What every query costs on a board of 100,000 tasks: no walk over the board, no sorting.

use std::path::PathBuf;

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::id::{GroupId, TaskId};
use callboard_engine::domain::lookups::ReadyFilter;
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::session::SessionState;
use callboard_engine::domain::task::{Priority, Status};
use callboard_engine::domain::time::Timestamp;
use callboard_engine::query::changes::ChangeQuery;
use callboard_engine::query::conflicts::{ConflictQuery, Which, Whose};
use callboard_engine::query::hierarchy::{BrowseQuery, Top, browse};
use callboard_engine::query::metrics::{ErrorQuery, Range};
use callboard_engine::query::related::{RelatedQuery, related};
use callboard_engine::query::search::{SearchQuery, search};
use callboard_engine::query::sessions::{SessionFilter, SessionOrder};
use callboard_engine::query::tasks::{TaskOrder, TaskQuery, Within};
use callboard_engine::query::{
    agents, backups, changes, conflicts, graph, groups, inbox, ledger, metrics, needs, resolve,
    sessions, tasks,
};
use callboard_engine::store::{Reader, audit, effort};
use tempfile::TempDir;

use crate::bulk::{self, Board};
use crate::scene::NOON;

const TASKS: i64 = 100_000;
/// Rows that one statement may step over without an index: a page, not a table.
const SCANNED_MAX: i32 = 1_000;
/// Steps of the virtual machine in one run of a statement: what a page takes, whatever the board.
const STEPS_MAX: i32 = 60_000;

struct Big {
    _directory: TempDir,
    database: PathBuf,
    board: Board,
    /// What was too slow, a line each.
    slow: Vec<String>,
}

impl Big {
    fn new(tasks: i64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("callboard.db");
        let board = bulk::fill(&database, tasks).unwrap();
        Self { _directory: directory, database, board, slow: Vec::new() }
    }

    fn look<T>(&mut self, name: &str, look: impl FnOnce(&Reader) -> Result<T, Refusal>) -> T {
        let (result, efforts) = effort::of(&self.database, look).unwrap();
        assert!(!efforts.is_empty(), "{name} asked nothing");
        for effort in efforts {
            let plan = effort.plan.join("; ");
            let sorts = 0 < effort.sorts || plan.contains("TEMP B-TREE");
            let steps = effort.steps / effort.runs;
            if sorts || SCANNED_MAX < effort.scanned || STEPS_MAX < steps {
                let (sql, scanned) = (effort.sql, effort.scanned);
                self.slow.push(format!("{name}: {steps} steps, {scanned} scanned: {plan}: {sql}"));
            }
        }
        result
    }

    fn list(&mut self, name: &str, query: &TaskQuery) {
        let page = self.look(name, |reader| tasks::list(reader, query));
        assert!(!page.items.is_empty(), "{name} finds nothing, so it proves nothing");
        let Some(cursor) = page.cursor else { return };
        let next = TaskQuery { cursor: Some(cursor), ..query.clone() };
        self.look(&format!("{name}, second page"), |reader| tasks::list(reader, &next));
    }

    fn analyze(&self) {
        let connection = rusqlite::Connection::open(&self.database).unwrap();
        connection.execute_batch("PRAGMA analysis_limit = 400; ANALYZE").unwrap();
    }

    fn assert_fast(self) {
        assert_eq!(self.slow.join("\n"), "");
    }
}

#[test]
fn a_board_made_in_bulk_is_one_that_the_engine_could_have_made() {
    let mut big = Big::new(2_000);
    let found = big.look("audit", audit::findings);
    assert_eq!(found, [""; 0]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one list after the other")]
fn no_list_of_tasks_walks_the_board_or_sorts() {
    let mut big = Big::new(TASKS);
    let board = big.board;
    let base = || TaskQuery::new(board.session);
    let open: Vec<Status> = Status::ALL.iter().copied().filter(|status| status.is_open()).collect();
    let top = Within::Siblings { group: Some(Board::group()), parent: None };
    let loose = Within::Siblings { group: None, parent: None };
    let (position, priority, updated) =
        (TaskOrder::Position, TaskOrder::Priority, TaskOrder::Updated);
    let queries = [
        ("newest", base()),
        ("updated", TaskQuery { order: updated, ..base() }),
        ("priority of open", TaskQuery { order: priority, status: open.clone(), ..base() }),
        ("priority of all", TaskQuery { order: priority, ..base() }),
        ("position of all", TaskQuery { order: position, ..base() }),
        ("position of open", TaskQuery { order: position, status: open.clone(), ..base() }),
        ("updated of open", TaskQuery { order: updated, status: open.clone(), ..base() }),
        ("newest of open", TaskQuery { status: open.clone(), ..base() }),
        ("board", TaskQuery { order: position, within: top, ..base() }),
        ("loose", TaskQuery { order: position, within: loose, ..base() }),
        (
            "active board",
            TaskQuery { order: position, within: top, status: open.clone(), ..base() },
        ),
        (
            "board by priority",
            TaskQuery { order: priority, within: top, status: open.clone(), ..base() },
        ),
        ("below", TaskQuery { order: position, within: Within::Parent(board.parent()), ..base() }),
        ("group", TaskQuery { within: Within::Group(Some(Board::group())), ..base() }),
        (
            "group by place",
            TaskQuery { within: Within::Group(Some(Board::group())), order: position, ..base() },
        ),
        (
            "open of a group by place",
            TaskQuery {
                within: Within::Group(Some(Board::group())),
                order: position,
                status: open.clone(),
                ..base()
            },
        ),
        ("no group", TaskQuery { within: Within::Group(None), ..base() }),
        ("one status", TaskQuery { status: vec![Status::Review], ..base() }),
        (
            "rare status by position",
            TaskQuery { status: vec![Status::Failed], order: position, ..base() },
        ),
        ("two statuses", TaskQuery { status: vec![Status::Review, Status::Blocked], ..base() }),
        ("status by update", TaskQuery { status: vec![Status::Blocked], order: updated, ..base() }),
        ("rare statuses", TaskQuery { status: vec![Status::Failed, Status::Review], ..base() }),
        (
            "rare statuses by position",
            TaskQuery { status: vec![Status::Failed, Status::Review], order: position, ..base() },
        ),
        ("open of a role", TaskQuery { role: Some("tester".to_owned()), status: open, ..base() }),
        ("priorities", TaskQuery { priority: vec![Priority::Critical, Priority::Low], ..base() }),
        ("role", TaskQuery { role: Some("tester".to_owned()), ..base() }),
        ("holder", TaskQuery { holder: Some(Actor::agent("agent-1")), ..base() }),
        ("urgent", TaskQuery { priority: vec![Priority::Critical], ..base() }),
        ("tag", TaskQuery { tag: Some("later".to_owned()), ..base() }),
        ("ready", TaskQuery { ready: true, ..base() }),
        ("ready of a role", TaskQuery { ready: true, role: Some("tester".to_owned()), ..base() }),
        ("rare word", TaskQuery { text: Some("77777".to_owned()), ..base() }),
    ];
    for (name, query) in &queries {
        big.list(name, query);
    }
    // What an optimization learns of the indexes leads to no worse way.
    big.analyze();
    for (name, query) in &queries {
        big.list(&format!("{name}, analyzed"), query);
    }
    big.assert_fast();
}

#[test]
fn no_other_query_walks_the_board_or_sorts() {
    let mut big = Big::new(TASKS);
    let board = big.board;
    let session = board.session;
    big.look("task", |reader| tasks::view(reader, board.middle()));
    big.look("task with children", |reader| tasks::view(reader, board.parent()));
    big.look("task row", |reader| tasks::row(reader, board.parent()));
    for filter in [
        ReadyFilter::default(),
        ReadyFilter { role: Some("tester".to_owned()), group: None },
        ReadyFilter { role: None, group: Some(Board::group()) },
        ReadyFilter { role: Some("developer".to_owned()), group: Some(Board::group()) },
    ] {
        let name = format!("next {filter:?}");
        assert!(!big.look(&name, |reader| tasks::next(reader, session, &filter, 5)).is_empty());
    }
    big.look("groups", |reader| groups::tree(reader, session));
    big.look("ungrouped", |reader| groups::ungrouped(reader, session));
    big.look("graph", |reader| graph::edges(reader, session));
    big.look("graph around a task", |reader| graph::around(reader, board.middle()));
    big.look("needs", |reader| needs::list(reader, session, NOON, 50));
    big.look("backups", backups::known);
    big.look("newest backup", backups::newest);
    big.look("completed sessions", backups::completed);
    big.look("agents", |reader| agents::list(reader, NOON));
    big.look("held", |reader| agents::held_by(reader, &Actor::agent("agent-1"), NOON));
    big.look("inbox", |reader| inbox::list(reader, &Actor::agent("agent-1"), NOON));
    let busy = Actor::agent("planner");
    big.look("inbox of a busy agent", |reader| inbox::list(reader, &busy, Timestamp(0)));
    big.look("hours", |reader| metrics::hours(reader, Timestamp(0)));
    let errors = ErrorQuery { limit: 50, ..ErrorQuery::default() };
    big.look("errors", |reader| metrics::errors(reader, &errors));
    big.look("said", |reader| metrics::said(reader, None, 50));
    for range in Range::ALL {
        big.look(range.as_str(), |reader| metrics::summary(reader, Some(session), (*range, NOON)));
    }
    big.assert_fast();
}

#[test]
fn no_list_of_conflicts_or_documents_walks_them_or_sorts() {
    let mut big = Big::new(TASKS);
    let board = big.board;
    let session = board.session;
    let record = Whose::Record(board.middle().to_string());
    let document = Whose::Document(bulk::document_path(40));
    for whose in [Whose::Everybody, Whose::Session(session), record, document] {
        for which in [Which::Open, Which::All] {
            let query = ConflictQuery { whose: whose.clone(), which, limit: 2, cursor: None };
            let page = big.look(&format!("{query:?}"), |reader| conflicts::list(reader, &query));
            assert_eq!(page.items.len(), 2, "{query:?}");
            let next = ConflictQuery { cursor: page.cursor, ..query };
            let more = big.look(&format!("{next:?}"), |reader| conflicts::list(reader, &next));
            let first = page.items.iter().map(|row| row.conflict.id).collect::<Vec<_>>();
            assert!(more.items.iter().all(|row| !first.contains(&row.conflict.id)), "{next:?}");
        }
    }
    let one = ConflictQuery { limit: 1, ..ConflictQuery::default() };
    let one = big.look("first", |reader| conflicts::list(reader, &one)).items.remove(0);
    big.look("get", |reader| conflicts::get(reader, one.conflict.id));
    let id = one.conflict.id.to_string();
    big.look("find", |reader| resolve::conflict(reader, &id));
    big.look("open", |reader| conflicts::open(reader, None));
    big.look("open of a session", |reader| conflicts::open(reader, Some(session)));
    assert_eq!(big.look("ledger", |reader| ledger::of_session(reader, session)).len(), 300);
    big.look("document", |reader| ledger::get(reader, &bulk::document_path(7)));
    assert_eq!(big.look("held", |reader| ledger::held(reader, session, 20)).len(), 3);
    big.look("counts", |reader| ledger::counts(reader, session));
    big.assert_fast();
}

#[test]
fn no_look_at_the_feed_walks_it_or_sorts() {
    let mut big = Big::new(TASKS);
    let board = big.board;
    let planner = || Some(Actor::agent("planner"));
    let record = || Some(board.middle().to_string());
    let base = || ChangeQuery { limit: 20, ..ChangeQuery::default() };
    let queries = [
        base(),
        ChangeQuery { session: Some(board.session), ..base() },
        ChangeQuery { actor: planner(), ..base() },
        ChangeQuery { record: record(), ..base() },
        ChangeQuery { record: record(), actor: planner(), session: Some(board.session), ..base() },
        ChangeQuery { actor: planner(), session: Some(board.session), ..base() },
    ];
    for query in queries {
        for (after, before) in [(None, None), (Some(50_000), None), (None, Some(50_000))] {
            let query = ChangeQuery { after, before, ..query.clone() };
            let found = big.look(&format!("{query:?}"), |reader| changes::list(reader, &query));
            assert!(query.record.is_some() || found.len() == 20, "{query:?}");
        }
    }
    big.look("latest", changes::latest);
    big.look("title", |reader| changes::title(reader, &board.middle().to_string()));
    big.assert_fast();
}

#[test]
fn no_search_walks_the_board_or_sorts() {
    let mut big = Big::new(TASKS);
    let board = big.board;
    for text in [
        "task",
        "77777",
        "task 77777",
        "t",
        "sent",
        "7777*",
        "\"what is to be done\"",
        "task OR sentence -later",
        "in:title task",
        "task status:review",
        "task role:tester status:open",
        "task priority:low",
        "task since:1d",
        "task session:current",
        "task by:agent-1",
        "status:blocked",
        "area",
        "sentense",
    ] {
        let query = SearchQuery::new(text, NOON);
        let found = big.look(text, |reader| search(reader, &query));
        assert!(!found.hits.is_empty(), "{text} finds nothing, so it proves nothing");
        if let Some(cursor) = found.cursor {
            let query = SearchQuery { cursor: Some(cursor), ..query };
            big.look(&format!("{text}, second page"), |reader| search(reader, &query));
        }
    }
    big.look("related", |reader| related(reader, &RelatedQuery::new(board.middle())));
    for top in [
        Top::Session(board.session),
        Top::Group(board.session, Board::group()),
        Top::Task(board.parent()),
    ] {
        let query = BrowseQuery { top, levels: 3, status: Vec::new(), limit: 20, cursor: None };
        let tree = big.look(&format!("{top:?}"), |reader| browse(reader, &query));
        assert!(1 < tree.nodes.len(), "{top:?}");
    }
    big.assert_fast();
}

#[test]
fn no_name_or_session_is_found_by_walking() {
    let mut big = Big::new(TASKS);
    let board = big.board;
    let session = board.session;
    for text in [board.middle().to_string(), "Task 777".to_owned()] {
        big.look(&text, |reader| resolve::task(reader, Some(session), &text));
    }
    for text in ["t-", "no such task", "t-zzzzzzzz"] {
        big.look(text, |reader| Ok(resolve::task(reader, Some(session), text).is_err()));
    }
    let near: TaskId = "t-00000001".parse().unwrap();
    big.look("unknown", |reader| Ok(tasks::view(reader, near).is_err()));
    big.look("group", |reader| resolve::group(reader, session, "Area 7"));
    let group: GroupId = Board::group();
    big.look("group id", |reader| resolve::group(reader, session, &group.to_string()));
    big.look("session", |reader| resolve::session(reader, "A big board"));
    big.look("live", resolve::live);
    big.look("current", sessions::current);
    big.look("row", |reader| sessions::row(reader, session));
    big.look("moves", |reader| sessions::transitions(reader, session, 20));
    big.look("context", |reader| sessions::context(reader, session));
    for order in [SessionOrder::Activity, SessionOrder::Newest, SessionOrder::Name] {
        for states in [Vec::new(), vec![SessionState::Active]] {
            let filter = SessionFilter { states, order, limit: 20, cursor: None };
            big.look(&format!("{filter:?}"), |reader| sessions::list(reader, &filter));
        }
    }
    big.assert_fast();
}
