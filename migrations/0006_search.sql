-- One index for what is found by its words and is no task: sessions, groups, context, messages, artifacts.

-- What the numbers of the index stand for. The texts stay where they are; the index holds none.
CREATE TABLE search_records (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT NOT NULL CHECK (kind IN ('session', 'group', 'context', 'message', 'artifact')),
    record     TEXT NOT NULL,
    session_id TEXT NOT NULL,
    actor      TEXT,
    at         INTEGER NOT NULL,
    UNIQUE (kind, record)
) STRICT;

CREATE VIRTUAL TABLE record_search USING fts5 (
    title, body,
    content = '', contentless_delete = 1, prefix = '2 3', tokenize = "unicode61 remove_diacritics 2"
);

-- The words that there are, for beginnings of words and for what was probably meant.
CREATE VIRTUAL TABLE task_words USING fts5vocab ('task_search', 'instance');
CREATE VIRTUAL TABLE record_words USING fts5vocab ('record_search', 'instance');

-- Sessions.
CREATE TRIGGER search_session_insert AFTER INSERT ON orchestration_sessions BEGIN
    INSERT INTO search_records (kind, record, session_id, at) VALUES ('session', new.id, new.id, new.created_at);
    INSERT INTO record_search (rowid, title, body)
    SELECT number, new.name, new.goal FROM search_records WHERE kind = 'session' AND record = new.id;
END;
CREATE TRIGGER search_session_update AFTER UPDATE OF name, goal ON orchestration_sessions
WHEN old.name <> new.name OR old.goal <> new.goal BEGIN
    DELETE FROM record_search WHERE rowid = (SELECT number FROM search_records WHERE kind = 'session' AND record = new.id);
    INSERT INTO record_search (rowid, title, body)
    SELECT number, new.name, new.goal FROM search_records WHERE kind = 'session' AND record = new.id;
END;
CREATE TRIGGER search_session_delete AFTER DELETE ON orchestration_sessions BEGIN
    DELETE FROM record_search WHERE rowid = (SELECT number FROM search_records WHERE kind = 'session' AND record = old.id);
    DELETE FROM search_records WHERE kind = 'session' AND record = old.id;
END;

-- Groups.
CREATE TRIGGER search_group_insert AFTER INSERT ON task_groups BEGIN
    INSERT INTO search_records (kind, record, session_id, at) VALUES ('group', new.id, new.session_id, new.created_at);
    INSERT INTO record_search (rowid, title, body)
    SELECT number, new.name, new.description FROM search_records WHERE kind = 'group' AND record = new.id;
END;
CREATE TRIGGER search_group_update AFTER UPDATE OF name, description ON task_groups
WHEN old.name <> new.name OR old.description <> new.description BEGIN
    DELETE FROM record_search WHERE rowid = (SELECT number FROM search_records WHERE kind = 'group' AND record = new.id);
    INSERT INTO record_search (rowid, title, body)
    SELECT number, new.name, new.description FROM search_records WHERE kind = 'group' AND record = new.id;
END;
CREATE TRIGGER search_group_delete AFTER DELETE ON task_groups BEGIN
    DELETE FROM record_search WHERE rowid = (SELECT number FROM search_records WHERE kind = 'group' AND record = old.id);
    DELETE FROM search_records WHERE kind = 'group' AND record = old.id;
END;

-- Context: the key, and the value as text. A line break in JSON must not become part of a word.
CREATE TRIGGER search_context_insert AFTER INSERT ON session_context_data BEGIN
    INSERT INTO search_records (kind, record, session_id, at)
    VALUES ('context', new.session_id || '/' || new.key, new.session_id, new.updated_at);
    INSERT INTO record_search (rowid, title, body)
    SELECT number, new.key, replace(replace(new.value, '\n', ' '), '\t', ' ')
    FROM search_records WHERE kind = 'context' AND record = new.session_id || '/' || new.key;
END;
CREATE TRIGGER search_context_update AFTER UPDATE OF value ON session_context_data WHEN old.value <> new.value BEGIN
    DELETE FROM record_search WHERE rowid =
        (SELECT number FROM search_records WHERE kind = 'context' AND record = new.session_id || '/' || new.key);
    INSERT INTO record_search (rowid, title, body)
    SELECT number, new.key, replace(replace(new.value, '\n', ' '), '\t', ' ')
    FROM search_records WHERE kind = 'context' AND record = new.session_id || '/' || new.key;
END;
CREATE TRIGGER search_context_delete AFTER DELETE ON session_context_data BEGIN
    DELETE FROM record_search WHERE rowid =
        (SELECT number FROM search_records WHERE kind = 'context' AND record = old.session_id || '/' || old.key);
    DELETE FROM search_records WHERE kind = 'context' AND record = old.session_id || '/' || old.key;
END;

-- Messages of people to agents; they are never changed.
CREATE TRIGGER search_message_insert AFTER INSERT ON session_user_interactions BEGIN
    INSERT INTO search_records (kind, record, session_id, actor, at)
    VALUES ('message', CAST(new.number AS TEXT), new.session_id, new.actor, new.at);
    INSERT INTO record_search (rowid, title, body)
    SELECT number, '', new.text FROM search_records WHERE kind = 'message' AND record = CAST(new.number AS TEXT);
END;
CREATE TRIGGER search_message_delete AFTER DELETE ON session_user_interactions BEGIN
    DELETE FROM record_search WHERE rowid =
        (SELECT number FROM search_records WHERE kind = 'message' AND record = CAST(old.number AS TEXT));
    DELETE FROM search_records WHERE kind = 'message' AND record = CAST(old.number AS TEXT);
END;

-- Artifacts: what they are called, what is said of them, and where they are. What is in the file is not read.
CREATE TRIGGER search_artifact_insert AFTER INSERT ON session_artifacts BEGIN
    INSERT INTO search_records (kind, record, session_id, actor, at)
    VALUES ('artifact', new.id, new.session_id, new.actor, new.created_at);
    INSERT INTO record_search (rowid, title, body)
    SELECT number, new.title, new.summary || char(10) || new.kind || ' ' || new.path
    FROM search_records WHERE kind = 'artifact' AND record = new.id;
END;
CREATE TRIGGER search_artifact_update AFTER UPDATE OF title, summary, kind, path ON session_artifacts
WHEN old.title <> new.title OR old.summary <> new.summary OR old.kind <> new.kind OR old.path <> new.path BEGIN
    DELETE FROM record_search WHERE rowid = (SELECT number FROM search_records WHERE kind = 'artifact' AND record = new.id);
    INSERT INTO record_search (rowid, title, body)
    SELECT number, new.title, new.summary || char(10) || new.kind || ' ' || new.path
    FROM search_records WHERE kind = 'artifact' AND record = new.id;
END;
CREATE TRIGGER search_artifact_delete AFTER DELETE ON session_artifacts BEGIN
    DELETE FROM record_search WHERE rowid = (SELECT number FROM search_records WHERE kind = 'artifact' AND record = old.id);
    DELETE FROM search_records WHERE kind = 'artifact' AND record = old.id;
END;

-- What is there already, the oldest first.
INSERT INTO search_records (kind, record, session_id, actor, at)
    SELECT 'session', id, id, NULL, created_at FROM orchestration_sessions
    UNION ALL SELECT 'group', id, session_id, NULL, created_at FROM task_groups
    UNION ALL SELECT 'context', session_id || '/' || key, session_id, NULL, updated_at FROM session_context_data
    UNION ALL SELECT 'message', CAST(number AS TEXT), session_id, actor, at FROM session_user_interactions
    UNION ALL SELECT 'artifact', id, session_id, actor, created_at FROM session_artifacts
    ORDER BY 5, 1, 2;
INSERT INTO record_search (rowid, title, body)
    SELECT search_records.number, name, goal FROM search_records JOIN orchestration_sessions ON id = record WHERE kind = 'session';
INSERT INTO record_search (rowid, title, body)
    SELECT search_records.number, name, description FROM search_records JOIN task_groups ON id = record WHERE kind = 'group';
INSERT INTO record_search (rowid, title, body)
    SELECT search_records.number, key, replace(replace(value, '\n', ' '), '\t', ' ') FROM search_records
    JOIN session_context_data ON session_context_data.session_id = search_records.session_id
        AND record = session_context_data.session_id || '/' || key
    WHERE kind = 'context';
INSERT INTO record_search (rowid, title, body)
    SELECT search_records.number, '', text FROM search_records
    JOIN session_user_interactions ON session_user_interactions.number = CAST(record AS INTEGER) WHERE kind = 'message';
INSERT INTO record_search (rowid, title, body)
    SELECT search_records.number, title, summary || char(10) || session_artifacts.kind || ' ' || path
    FROM search_records JOIN session_artifacts ON id = record WHERE search_records.kind = 'artifact';
