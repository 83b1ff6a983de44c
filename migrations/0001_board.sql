-- The board: sessions, groups, tasks, dependencies, the change feed, and who works on them.
-- Times are milliseconds since the Unix epoch. Ids are a letter and eight characters.

CREATE TABLE orchestration_sessions (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    goal        TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('initializing', 'active', 'suspended', 'resuming', 'completing', 'completed', 'archived')),
    mode        TEXT NOT NULL,
    reason      TEXT,
    owner       TEXT,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    state_since INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    -- when anything in the session changed last
    touched_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- At most one session of a project is live.
CREATE UNIQUE INDEX one_live_session ON orchestration_sessions ((1))
    WHERE state IN ('active', 'resuming', 'completing');
CREATE INDEX sessions_by_touched ON orchestration_sessions (touched_at DESC, id);
CREATE INDEX sessions_by_created ON orchestration_sessions (created_at DESC, id);
CREATE INDEX sessions_by_name ON orchestration_sessions (name, id);

CREATE TABLE session_state_transitions (
    number     INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES orchestration_sessions (id),
    from_state TEXT,
    to_state   TEXT NOT NULL,
    reason     TEXT,
    actor      TEXT NOT NULL,
    at         INTEGER NOT NULL
) STRICT;
CREATE INDEX transitions_by_session ON session_state_transitions (session_id, number);

CREATE TABLE session_context_data (
    session_id TEXT NOT NULL REFERENCES orchestration_sessions (id),
    key        TEXT NOT NULL,
    value      TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    PRIMARY KEY (session_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE task_groups (
    id          TEXT PRIMARY KEY,
    session_id  TEXT NOT NULL REFERENCES orchestration_sessions (id),
    parent_id   TEXT REFERENCES task_groups (id) DEFERRABLE INITIALLY DEFERRED,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    role        TEXT,
    position    REAL NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    version     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX groups_by_session ON task_groups (session_id, position, id);
CREATE INDEX groups_by_parent ON task_groups (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE tasks (
    number           INTEGER PRIMARY KEY AUTOINCREMENT,
    id               TEXT NOT NULL UNIQUE,
    session_id       TEXT NOT NULL REFERENCES orchestration_sessions (id),
    group_id         TEXT REFERENCES task_groups (id) DEFERRABLE INITIALLY DEFERRED,
    parent_id        TEXT REFERENCES tasks (id) DEFERRABLE INITIALLY DEFERRED,
    title            TEXT NOT NULL,
    description      TEXT NOT NULL,
    status           TEXT NOT NULL CHECK (status IN ('pending', 'active', 'blocked', 'review', 'completed', 'cancelled', 'failed')),
    priority         INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 4),
    complexity       TEXT NOT NULL,
    role             TEXT,
    position         REAL NOT NULL,
    estimate_minutes INTEGER,
    actual_minutes   INTEGER,
    tags             TEXT NOT NULL,
    due              TEXT,
    progress         INTEGER NOT NULL,
    assignee         TEXT,
    claim_holder     TEXT,
    claim_since      INTEGER,
    claim_until      INTEGER,
    claim_minutes    INTEGER,
    claim_paths      TEXT,
    claim_number     INTEGER NOT NULL,
    result_summary   TEXT,
    reason           TEXT,
    created_by       TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    started_at       INTEGER,
    finished_at      INTEGER,
    version          INTEGER NOT NULL,
    -- Kept by the store in the transaction of the change that moves them, so that lists need no joins:
    children         INTEGER NOT NULL DEFAULT 0,  -- tasks directly below
    unmet            INTEGER NOT NULL DEFAULT 0,  -- dependencies that are not completed
    chain            INTEGER NOT NULL DEFAULT 0   -- minutes of the longest chain of open work that waits for it
) STRICT;

CREATE INDEX tasks_by_place ON tasks (session_id, group_id, parent_id, position, number);
CREATE INDEX tasks_open_by_place ON tasks (session_id, group_id, parent_id, position, number)
    WHERE status IN ('pending', 'active', 'blocked', 'review');
CREATE INDEX tasks_by_session ON tasks (session_id, number);
CREATE INDEX tasks_open ON tasks (session_id, number)
    WHERE status IN ('pending', 'active', 'blocked', 'review');
CREATE INDEX tasks_by_status ON tasks (session_id, status, number);
CREATE INDEX tasks_by_group ON tasks (session_id, group_id, number);
CREATE INDEX tasks_by_group_place ON tasks (session_id, group_id, position, number);
CREATE INDEX tasks_open_by_group_place ON tasks (session_id, group_id, position, number)
    WHERE status IN ('pending', 'active', 'blocked', 'review');
CREATE INDEX tasks_by_parent ON tasks (parent_id, position, number) WHERE parent_id IS NOT NULL;
CREATE INDEX tasks_by_role ON tasks (session_id, role, number) WHERE role IS NOT NULL;
CREATE INDEX tasks_by_assignee ON tasks (session_id, assignee, number) WHERE assignee IS NOT NULL;
CREATE INDEX tasks_by_update ON tasks (session_id, updated_at, number);
CREATE INDEX tasks_by_title ON tasks (session_id, title COLLATE NOCASE);
CREATE INDEX tasks_by_priority ON tasks (session_id, priority, number);
CREATE INDEX tasks_open_by_priority ON tasks (session_id, priority, number)
    WHERE status IN ('pending', 'active', 'blocked', 'review');
CREATE INDEX tasks_waiting ON tasks (session_id, number) WHERE unmet > 0;
CREATE INDEX tasks_held ON tasks (session_id, claim_holder, number) WHERE claim_holder IS NOT NULL;
CREATE INDEX tasks_by_claim_end ON tasks (claim_until) WHERE claim_holder IS NOT NULL;
CREATE INDEX tasks_ready ON tasks (session_id, priority, chain DESC, created_at, number)
    WHERE status = 'pending' AND unmet = 0 AND claim_holder IS NULL;
CREATE INDEX tasks_ready_by_role ON tasks (session_id, role, priority, chain DESC, created_at, number)
    WHERE status = 'pending' AND unmet = 0 AND claim_holder IS NULL;
CREATE INDEX tasks_ready_by_group ON tasks (group_id, priority, chain DESC, created_at, number)
    WHERE status = 'pending' AND unmet = 0 AND claim_holder IS NULL;

CREATE TABLE task_dependencies (
    task_id    TEXT NOT NULL REFERENCES tasks (id) DEFERRABLE INITIALLY DEFERRED,
    depends_on TEXT NOT NULL REFERENCES tasks (id) DEFERRABLE INITIALLY DEFERRED,
    session_id TEXT NOT NULL REFERENCES orchestration_sessions (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (task_id, depends_on)
) STRICT, WITHOUT ROWID;
CREATE INDEX dependencies_by_target ON task_dependencies (depends_on, task_id);
CREATE INDEX dependencies_by_session ON task_dependencies (session_id, task_id);

-- Sums by status over the tasks of an owner: a session, a group, the ungrouped tasks of a
-- session (`s-…/-`), or a parent task. Progress is computed from them.
CREATE TABLE task_tallies (
    owner           TEXT NOT NULL,
    status          TEXT NOT NULL,
    tasks           INTEGER NOT NULL,
    leaves          INTEGER NOT NULL,
    estimated       INTEGER NOT NULL,
    minutes         INTEGER NOT NULL,
    points          INTEGER NOT NULL,
    weighted_points INTEGER NOT NULL,
    PRIMARY KEY (owner, status)
) STRICT, WITHOUT ROWID;

CREATE TABLE changes (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    command    INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    actor      TEXT NOT NULL,
    session_id TEXT NOT NULL,
    record     TEXT NOT NULL,
    version    INTEGER NOT NULL,
    verb       TEXT NOT NULL,
    before     TEXT,
    after      TEXT,
    reason     TEXT,
    -- the command that this one takes back
    undoes     INTEGER
) STRICT;
CREATE INDEX changes_by_record ON changes (record, seq);
CREATE INDEX changes_by_session ON changes (session_id, seq);
CREATE INDEX changes_by_actor ON changes (actor, seq);
CREATE INDEX changes_by_command ON changes (command, seq);

-- Commands that are taken back at present.
CREATE TABLE undone_commands (
    command INTEGER PRIMARY KEY,
    by      INTEGER NOT NULL
) STRICT;

-- Calls with an idempotency key: the outcome of each command of the call, and its whole answer.
CREATE TABLE idempotency_keys (
    actor   TEXT NOT NULL,
    key     TEXT NOT NULL,
    step    TEXT NOT NULL,
    call    TEXT NOT NULL,
    outcome TEXT NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (actor, key, step)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (at);

CREATE TABLE agents (
    name       TEXT PRIMARY KEY,
    client     TEXT NOT NULL,
    version    TEXT NOT NULL,
    transport  TEXT NOT NULL,
    process    TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    gone_at    INTEGER,
    calls      INTEGER NOT NULL,
    errors     INTEGER NOT NULL,
    last_tool  TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX agents_by_seen ON agents (last_seen DESC, name);

-- Calls, rolled up by hour.
CREATE TABLE session_performance_metrics (
    hour     INTEGER NOT NULL,
    agent    TEXT NOT NULL,
    tool     TEXT NOT NULL,
    calls    INTEGER NOT NULL,
    errors   INTEGER NOT NULL,
    total_us INTEGER NOT NULL,
    max_us   INTEGER NOT NULL,
    PRIMARY KEY (hour, agent, tool)
) STRICT, WITHOUT ROWID;
CREATE INDEX metrics_by_agent ON session_performance_metrics (agent, hour);

CREATE TABLE session_error_logs (
    number  INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    actor   TEXT NOT NULL,
    source  TEXT NOT NULL,
    code    TEXT NOT NULL,
    message TEXT NOT NULL
) STRICT;

-- What people say to agents: messages, and whether they were handed over.
CREATE TABLE session_user_interactions (
    number       INTEGER PRIMARY KEY,
    session_id   TEXT NOT NULL REFERENCES orchestration_sessions (id),
    at           INTEGER NOT NULL,
    actor        TEXT NOT NULL,
    recipient    TEXT NOT NULL,
    text         TEXT NOT NULL,
    delivered_at INTEGER
) STRICT;
CREATE INDEX interactions_waiting ON session_user_interactions (recipient, number) WHERE delivered_at IS NULL;
CREATE INDEX interactions_by_session ON session_user_interactions (session_id, number);

CREATE TABLE session_artifacts (
    id         TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES orchestration_sessions (id),
    task_id    TEXT,
    kind       TEXT NOT NULL,
    title      TEXT NOT NULL,
    summary    TEXT NOT NULL,
    content    TEXT,
    paths      TEXT NOT NULL,
    actor      TEXT NOT NULL,
    at         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX artifacts_by_session ON session_artifacts (session_id, at);
CREATE INDEX artifacts_by_task ON session_artifacts (task_id, at) WHERE task_id IS NOT NULL;

CREATE VIRTUAL TABLE task_search USING fts5 (
    title, description, tags, result_summary,
    content = 'tasks', content_rowid = 'number', prefix = '2 3', tokenize = "unicode61 remove_diacritics 2"
);
CREATE TRIGGER task_search_insert AFTER INSERT ON tasks BEGIN
    INSERT INTO task_search (rowid, title, description, tags, result_summary)
    VALUES (new.number, new.title, new.description, new.tags, new.result_summary);
END;
CREATE TRIGGER task_search_delete AFTER DELETE ON tasks BEGIN
    INSERT INTO task_search (task_search, rowid, title, description, tags, result_summary)
    VALUES ('delete', old.number, old.title, old.description, old.tags, old.result_summary);
END;
CREATE TRIGGER task_search_update AFTER UPDATE OF title, description, tags, result_summary ON tasks BEGIN
    INSERT INTO task_search (task_search, rowid, title, description, tags, result_summary)
    VALUES ('delete', old.number, old.title, old.description, old.tags, old.result_summary);
    INSERT INTO task_search (rowid, title, description, tags, result_summary)
    VALUES (new.number, new.title, new.description, new.tags, new.result_summary);
END;
