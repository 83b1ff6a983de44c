-- Documents that are kept in step, and conflicts that a person resolves.

-- Per document: what was last written, what both sides last agreed on, and what is being written.
CREATE TABLE documents (
    path        TEXT PRIMARY KEY,
    session_id  TEXT NOT NULL REFERENCES orchestration_sessions (id),
    kind        TEXT NOT NULL,
    rendered    TEXT NOT NULL,
    agreed      TEXT NOT NULL,
    agreed_hash TEXT NOT NULL,
    intent      TEXT,
    state       TEXT NOT NULL CHECK (state IN ('in_step', 'pending', 'held', 'accepted')),
    reason      TEXT,
    problems    TEXT NOT NULL,
    held        TEXT NOT NULL DEFAULT '[]',
    adopted     TEXT NOT NULL DEFAULT '[]',
    orders      TEXT NOT NULL DEFAULT '',
    updated_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX documents_by_session ON documents (session_id, path);
CREATE INDEX documents_waiting ON documents (state, path) WHERE state IN ('pending', 'accepted');
CREATE INDEX documents_held ON documents (session_id, updated_at) WHERE state = 'held';

CREATE TABLE conflicts (
    number     INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    session_id TEXT NOT NULL REFERENCES orchestration_sessions (id),
    record     TEXT NOT NULL,
    kind       TEXT NOT NULL,
    field      TEXT NOT NULL,
    base       TEXT NOT NULL,
    ours       TEXT NOT NULL,
    ours_by    TEXT NOT NULL,
    ours_at    INTEGER NOT NULL,
    theirs     TEXT NOT NULL,
    theirs_by  TEXT NOT NULL,
    theirs_at  INTEGER NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('open', 'resolved', 'withdrawn')),
    resolution TEXT,
    proposals  TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version    INTEGER NOT NULL
) STRICT;
CREATE INDEX conflicts_by_record ON conflicts (record, number);
CREATE INDEX conflicts_by_session ON conflicts (session_id, number);
CREATE INDEX conflicts_open ON conflicts (session_id, number) WHERE state = 'open';
CREATE INDEX conflicts_all_open ON conflicts (number) WHERE state = 'open';
CREATE INDEX conflicts_decided ON conflicts (updated_at) WHERE state = 'resolved';
CREATE INDEX conflicts_open_by_document ON conflicts (theirs_by, number) WHERE state = 'open';

-- Who finished what, and what was opened again: the documents on performance.
CREATE INDEX changes_of_work ON changes (session_id, seq) WHERE verb IN ('task.completed', 'task.reopened');
