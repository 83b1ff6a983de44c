-- What is known of the backups. Their files are the truth: one that is found is noted here, and what
-- is noted of one that is gone is dropped.
CREATE TABLE backups (
    file        TEXT PRIMARY KEY,
    id          TEXT NOT NULL,
    name        TEXT NOT NULL,
    scope       TEXT NOT NULL CHECK (scope IN ('session', 'all', 'database', 'documents', 'full')),
    reason      TEXT NOT NULL,
    actor       TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    size        INTEGER NOT NULL,
    unpacked    INTEGER NOT NULL,
    files       INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    -- the sessions inside, as JSON
    sessions    TEXT NOT NULL,
    integrity   TEXT NOT NULL CHECK (integrity IN ('valid', 'corrupted', 'unknown')),
    verified_at INTEGER,
    problem     TEXT,
    -- with the size, what tells whether the file is the one that was verified
    modified_ns INTEGER NOT NULL,
    used_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX backups_by_created ON backups (created_at DESC, file);

-- Sessions that were completed: whether one has no backup since.
CREATE INDEX sessions_completed ON orchestration_sessions (state_since) WHERE state = 'completed';
