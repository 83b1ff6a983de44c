-- Artifacts: what the work produced, one file each, stored with the session or referenced where it is.

-- The former table was never written by any program; what somebody put there by hand is kept. A text
-- in it becomes work that was handed in, under the key of its kind; a path becomes a reference.
INSERT OR IGNORE INTO session_context_data (session_id, key, value, updated_at, version)
    SELECT session_id, 'artifact/' || coalesce(task_id, id),
        json_object('artifact_type', kind, 'summary', summary, 'detailed_work', content,
            'file_paths', json(iif(json_valid(paths), paths, '[]'))),
        at, 1
    FROM session_artifacts WHERE content IS NOT NULL;

ALTER TABLE session_artifacts RENAME TO session_artifacts_before;

CREATE TABLE session_artifacts (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    session_id TEXT NOT NULL REFERENCES orchestration_sessions (id),
    -- the task it came of, which may be gone since
    task_id    TEXT,
    kind       TEXT NOT NULL,
    title      TEXT NOT NULL,
    summary    TEXT NOT NULL,
    storage    TEXT NOT NULL CHECK (storage IN ('stored', 'referenced')),
    -- relative to the project's directory, with '/'
    path       TEXT NOT NULL,
    size       INTEGER NOT NULL,
    -- BLAKE3 of the file as it was recorded, in hexadecimal digits
    hash       TEXT NOT NULL,
    -- counts what was recorded under the same title
    edition    INTEGER NOT NULL,
    -- how the file stood when it was looked at last
    state      TEXT NOT NULL CHECK (state IN ('present', 'changed', 'missing')),
    checked_at INTEGER NOT NULL,
    actor      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version    INTEGER NOT NULL
) STRICT;

INSERT INTO session_artifacts (id, session_id, task_id, kind, title, summary, storage, path, size, hash,
        edition, state, checked_at, actor, created_at, updated_at, version)
    SELECT id, session_id, task_id, kind, title, summary, 'referenced', json_extract(paths, '$[0]'), 0, '',
        row_number() OVER (PARTITION BY session_id, title ORDER BY at, id), 'changed', at, actor, at, at, 1
    FROM session_artifacts_before
    WHERE id GLOB 'a-????????' AND json_valid(paths) AND json_type(paths, '$[0]') = 'text'
    ORDER BY at, id;

DROP TABLE session_artifacts_before;

CREATE INDEX artifacts_by_session ON session_artifacts (session_id, number);
CREATE INDEX artifacts_by_kind ON session_artifacts (session_id, kind, number);
CREATE INDEX artifacts_by_task ON session_artifacts (task_id, number) WHERE task_id IS NOT NULL;
CREATE INDEX artifacts_by_title ON session_artifacts (session_id, title, edition);
CREATE INDEX artifacts_by_path ON session_artifacts (path, number);
CREATE INDEX artifacts_by_hash ON session_artifacts (hash, number);
CREATE INDEX artifacts_astray ON session_artifacts (session_id, number) WHERE state <> 'present';
