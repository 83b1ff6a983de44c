-- Modes as they are in force: what a session is bound to, the contents, and what was bound before.

-- What the mode was read from, as JSON; null where a session was never bound.
ALTER TABLE orchestration_sessions ADD COLUMN binding TEXT;

-- The contents of modes by the hash of their JSON.
CREATE TABLE mode_contents (
    hash    TEXT PRIMARY KEY,
    content TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE mode_bindings (
    number     INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES orchestration_sessions (id),
    from_mode  TEXT,
    to_mode    TEXT NOT NULL,
    binding    TEXT,
    reason     TEXT,
    actor      TEXT NOT NULL,
    at         INTEGER NOT NULL
) STRICT;
CREATE INDEX bindings_by_session ON mode_bindings (session_id, number);

-- The binding an agent was told of last: its next answer speaks of another one.
ALTER TABLE agents ADD COLUMN told_mode TEXT;
