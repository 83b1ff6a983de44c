//! Big boards, made in bulk: rows as the engine would have written them, without its writer.
//!
//! Tasks come in tens that share a group. Nine tens of ten are done; in the others work is going on:
//! the first of the ten holds the last three, the sixth waits for the fourth, the seventh for the sixth.

use std::path::Path;

use callboard_engine::domain::id::{ConflictId, GroupId, SessionId, TaskId};
use callboard_engine::store::Store;
use rusqlite::{Connection, Statement, params};

/// When the newest task of a big board was made: 2026-11-23T12:00:00Z.
const MADE: i64 = 1_795_435_200_000;
const GROUPS: i64 = 40;
const AGENTS: i64 = 16;
const ROLES: [Option<&str>; 4] = [Some("developer"), Some("tester"), Some("writer"), None];
/// The tables that are filled in bulk, without their indexes and triggers at first.
const BULKY: &str =
    "tbl_name IN ('tasks', 'changes', 'task_dependencies') AND type IN ('index', 'trigger')";

/// A big board and names of things on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Board {
    pub session: SessionId,
    pub tasks: i64,
}

impl Board {
    /// A task in the middle of the board: the fourth of its ten, which others wait for.
    pub(crate) fn middle(self) -> TaskId {
        task_id(self.tasks / 200 * 100 + 3)
    }

    /// The first of the same ten, which has children.
    pub(crate) fn parent(self) -> TaskId {
        task_id(self.tasks / 200 * 100)
    }

    /// The group of the first ten.
    pub(crate) fn group() -> GroupId {
        group_id(0)
    }
}

fn task_id(index: i64) -> TaskId {
    // An odd factor visits every id once and scatters neighbours.
    TaskId::from_random(index.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn group_id(index: i64) -> GroupId {
    GroupId::from_random(index.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1)
}

/// Makes a database with one live session of so many tasks.
pub(crate) fn fill(database: &Path, tasks: i64) -> rusqlite::Result<Board> {
    drop(Store::open(database).unwrap());
    let connection = Connection::open(database)?;
    // Nothing here must survive a power cut; what is made this way is thrown away.
    connection.pragma_update_and_check(None, "journal_mode", "off", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "off")?;
    connection.pragma_update(None, "cache_size", -200_000)?;
    let board = Board { session: SessionId::from_random(1), tasks };
    connection.execute_batch("BEGIN")?;
    let later = set_aside(&connection)?;
    insert_session(&connection, board)?;
    insert_tasks(&connection, board)?;
    insert_conflicts(&connection, board)?;
    insert_documents(&connection, board)?;
    connection.execute_batch(DERIVE)?;
    connection.execute_batch(&later.join(";\n"))?;
    connection.execute_batch("COMMIT")?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    Ok(board)
}

/// Drops indexes and triggers, which are cheaper to make afterwards, and returns their SQL.
fn set_aside(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql =
        format!("SELECT type, name, sql FROM sqlite_master WHERE {BULKY} AND sql IS NOT NULL");
    let mut statement = connection.prepare(&sql)?;
    let found: Vec<(String, String)> = statement
        .query_map([], |row| {
            let drop = format!("DROP {} {}", row.get::<_, String>(0)?, row.get::<_, String>(1)?);
            Ok((drop, row.get(2)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut later = Vec::new();
    for (drop, sql) in found {
        connection.execute_batch(&drop)?;
        later.push(sql);
    }
    Ok(later)
}

fn insert_session(connection: &Connection, board: Board) -> rusqlite::Result<()> {
    let session = board.session.to_string();
    connection.execute(
        "INSERT INTO orchestration_sessions VALUES (?1, 'A big board', '', 'active', 'default_roles', NULL, NULL, ?2, ?2, ?2, 2, ?2, NULL)",
        params![session, MADE],
    )?;
    let moves = "INSERT INTO session_state_transitions (session_id, from_state, to_state, actor, at) VALUES (?, ?, ?, 'human', ?)";
    connection.execute(moves, params![session, None::<&str>, "initializing", MADE])?;
    connection.execute(moves, params![session, "initializing", "active", MADE])?;
    for index in 0..GROUPS {
        connection.execute(
            "INSERT INTO task_groups VALUES (?1, ?2, NULL, ?3, '', NULL, ?4, ?5, ?5, 1)",
            params![group_id(index).to_string(), session, format!("Area {index}"), index, MADE],
        )?;
    }
    for index in 0..AGENTS {
        connection.execute(
            "INSERT INTO agents VALUES (?1, 'bench', '1', 'stdio', 'none', ?2, ?2, NULL, 0, 0, NULL, NULL)",
            params![format!("agent-{index}"), MADE],
        )?;
    }
    Ok(())
}

/// Conflicts of the tasks in the middle, one of forty open.
fn insert_conflicts(connection: &Connection, board: Board) -> rusqlite::Result<()> {
    let mut conflict = connection.prepare(
        "INSERT INTO conflicts (id, session_id, record, kind, field, base, ours, ours_by, ours_at,
             theirs, theirs_by, theirs_at, state, resolution, proposals, created_at, updated_at, version)
         VALUES (?1, ?2, ?3, 'field', 'title', '\"a\"', '\"b\"', 'agent:agent-1', ?4, '\"c\"', ?5, ?4, ?6,
             iif(?6 = 'open', NULL, json_object('choice', 'ours', 'value', 'b', 'by', 'human', 'at', ?4)),
             '[]', ?4, ?4, 1)",
    )?;
    for index in 0..board.tasks / 5 {
        let id = ConflictId::from_random(index.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let record = if index % 100 == 0 { board.middle() } else { task_id(index) };
        let state = if index % 40 == 0 { "open" } else { "resolved" };
        let by = format!("file:{}", document_path(index % 300));
        let (session, record) = (board.session.to_string(), record.to_string());
        let made = MADE - (board.tasks - index) * 1_000;
        conflict.execute(params![id.to_string(), session, record, made, by, state])?;
    }
    Ok(())
}

/// The path of a document of the board.
pub(crate) fn document_path(index: i64) -> String {
    format!("sessions/big/tasks/task_groups/area-{index}.md")
}

/// Documents of the session, one of a hundred held.
fn insert_documents(connection: &Connection, board: Board) -> rusqlite::Result<()> {
    let mut document = connection.prepare(
        "INSERT INTO documents (path, session_id, kind, rendered, agreed, agreed_hash, state, reason, problems, updated_at)
         VALUES (?1, ?2, '\"active_tasks\"', '', '', '', ?3, 'it is empty', '[]', ?4)",
    )?;
    for index in 0..300 {
        let state = if index % 100 == 0 { "held" } else { "in_step" };
        document.execute(params![document_path(index), board.session.to_string(), state, MADE])?;
    }
    Ok(())
}

fn insert_tasks(connection: &Connection, board: Board) -> rusqlite::Result<()> {
    let mut task = connection.prepare(
        "INSERT INTO tasks (id, session_id, group_id, parent_id, title, description, status, priority, complexity, role,
            position, tags, progress, claim_holder, claim_since, claim_until, claim_minutes, claim_paths, claim_number,
            created_by, created_at, updated_at, version)
         VALUES (?1, ?2, ?3, ?4, ?5, 'What is to be done, in a sentence or two.', ?6, ?7, 'moderate', ?8, ?9, ?10, 0,
            ?11, iif(?11 IS NULL, NULL, ?12), iif(?11 IS NULL, NULL, ?12 + 900000), iif(?11 IS NULL, NULL, 15),
            iif(?11 IS NULL, NULL, '[]'), ?11 IS NOT NULL, 'agent:planner', ?12, ?12, 1)",
    )?;
    let mut edge = connection.prepare("INSERT INTO task_dependencies VALUES (?, ?, ?, ?)")?;
    let mut change = connection.prepare(
        "INSERT INTO changes (command, at, actor, session_id, record, version, verb, after)
         VALUES (?1, ?2, 'agent:planner', ?3, ?4, 1, 'task.created', json_object('title', ?5))",
    )?;
    for index in 0..board.tasks {
        insert_task(&mut task, board, index)?;
        let (id, at) = (task_id(index).to_string(), made(board, index));
        let title = format!("Task {index}");
        change.execute(params![index + 1, at, board.session.to_string(), id, title])?;
        if let Some(on) = waits_for(index) {
            edge.execute(params![id, task_id(on).to_string(), board.session.to_string(), at])?;
        }
    }
    Ok(())
}

fn insert_task(task: &mut Statement<'_>, board: Board, index: i64) -> rusqlite::Result<()> {
    let (ten, place) = (index / 10, index % 10);
    let group = (ten % 50 < GROUPS).then(|| group_id(ten % 50).to_string());
    let parent = (7 <= place).then(|| task_id(ten * 10).to_string());
    let status = status(ten, place);
    let holder =
        (place == 3 && ten % 100 == 0).then(|| format!("agent:agent-{}", ten / 100 % AGENTS));
    let tag = if place == 4 { r#"["later"]"# } else { "[]" };
    task.execute(params![
        task_id(index).to_string(),
        board.session.to_string(),
        group,
        parent,
        format!("Task {index}"),
        status,
        (index * 7 / 3) % 5,
        ROLES.get(usize::try_from(ten / 10 % 4).unwrap_or(0)),
        index * 1024,
        tag,
        holder,
        made(board, index),
    ])?;
    Ok(())
}

fn made(board: Board, index: i64) -> i64 {
    MADE - (board.tasks - index) * 1000
}

fn status(ten: i64, place: i64) -> &'static str {
    match (ten % 10 == 0, place) {
        (true, 0 | 3) => "active",
        (true, 1) => "review",
        (true, 2) => "blocked",
        (true, _) => "pending",
        (false, 5) => "cancelled",
        (false, 6) => "failed",
        (false, _) => "completed",
    }
}

fn waits_for(index: i64) -> Option<i64> {
    match index % 10 {
        5 => Some(index - 2),
        6 => Some(index - 1),
        _ => None,
    }
}

/// What the store keeps beside the rows, made of them.
const DERIVE: &str = "
    CREATE INDEX bulk_edges ON task_dependencies (depends_on);
    CREATE INDEX bulk_parents ON tasks (parent_id);
    UPDATE tasks SET children = (SELECT count(*) FROM tasks AS child WHERE child.parent_id = tasks.id)
        WHERE number % 10 = 1;
    UPDATE tasks SET unmet = (SELECT count(*) FROM task_dependencies JOIN tasks AS other ON other.id = depends_on
        WHERE task_id = tasks.id AND other.status <> 'completed') WHERE number % 10 IN (6, 7);
    UPDATE tasks SET chain = 60 WHERE number % 10 = 6 AND status = 'pending';
    UPDATE tasks SET chain = 120 WHERE number % 10 = 4 AND status = 'active';
    DROP INDEX bulk_edges;
    DROP INDEX bulk_parents;
    INSERT INTO task_tallies
        SELECT owner, status, count(*), sum(children = 0), 0, 0,
            sum(iif(children = 0, iif(status = 'completed', 100, progress), 0)), 0
        FROM (SELECT session_id AS owner, status, children, progress FROM tasks
            UNION ALL SELECT coalesce(group_id, session_id || '/-'), status, children, progress FROM tasks
            UNION ALL SELECT parent_id, status, children, progress FROM tasks WHERE parent_id IS NOT NULL)
        GROUP BY owner, status;
    INSERT INTO task_search (rowid, title, description, tags, result_summary)
        SELECT number, title, description, tags, result_summary FROM tasks;
";
