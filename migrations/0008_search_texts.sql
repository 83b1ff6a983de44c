-- Search: Chinese, Japanese and Korean text by its letters, artifacts by what is in their files, and
-- everything by when it was changed last and by whom.

-- What a stored artifact says at its beginning, by the hash of its file.
CREATE TABLE artifact_texts (
    hash TEXT PRIMARY KEY,
    text TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIEW places (n) AS
    WITH digits (d) AS (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15))
    SELECT 16 * high.d + low.d FROM digits AS high, digits AS low;

-- Texts as the index takes them. Languages that are written without spaces have no words that the
-- index could cut: each of their letters is one, and several are found as a phrase. Of such a text
-- 65,536 letters are taken.
CREATE VIEW task_texts (number, title, description, tags, result_summary) AS SELECT number,
    CASE WHEN length(CAST(title AS BLOB)) = length(title) OR title NOT GLOB '*[々-〇ぁ-ヿㇰ-ㇿ㐀-䶿一-鿿가-힣豈-﫿ｦ-ﾟ𠀀-𲎯]*' THEN title
        ELSE (SELECT group_concat(iif(letter GLOB '[々-〇ぁ-ヿㇰ-ㇿ㐀-䶿一-鿿가-힣豈-﫿ｦ-ﾟ𠀀-𲎯]', ' ' || letter || ' ', letter), '') FROM (
            SELECT substr(piece, one.n + 1, 1) AS letter
            FROM (SELECT n, substr(title, n * 256 + 1, 256) AS piece FROM places WHERE n * 256 < length(title)) AS whole
            JOIN places AS one ON one.n < length(piece) ORDER BY whole.n, one.n)) END,
    CASE WHEN length(CAST(description AS BLOB)) = length(description) OR description NOT GLOB '*[々-〇ぁ-ヿㇰ-ㇿ㐀-䶿一-鿿가-힣豈-﫿ｦ-ﾟ𠀀-𲎯]*' THEN description
        ELSE (SELECT group_concat(iif(letter GLOB '[々-〇ぁ-ヿㇰ-ㇿ㐀-䶿一-鿿가-힣豈-﫿ｦ-ﾟ𠀀-𲎯]', ' ' || letter || ' ', letter), '') FROM (
            SELECT substr(piece, one.n + 1, 1) AS letter
            FROM (SELECT n, substr(description, n * 256 + 1, 256) AS piece FROM places WHERE n * 256 < length(description)) AS whole
            JOIN places AS one ON one.n < length(piece) ORDER BY whole.n, one.n)) END,
    CASE WHEN length(CAST(tags AS BLOB)) = length(tags) OR tags NOT GLOB '*[々-〇ぁ-ヿㇰ-ㇿ㐀-䶿一-鿿가-힣豈-﫿ｦ-ﾟ𠀀-𲎯]*' THEN tags
        ELSE (SELECT group_concat(iif(letter GLOB '[々-〇ぁ-ヿㇰ-ㇿ㐀-䶿一-鿿가-힣豈-﫿ｦ-ﾟ𠀀-𲎯]', ' ' || letter || ' ', letter), '') FROM (
            SELECT substr(piece, one.n + 1, 1) AS letter
            FROM (SELECT n, substr(tags, n * 256 + 1, 256) AS piece FROM places WHERE n * 256 < length(tags)) AS whole
            JOIN places AS one ON one.n < length(piece) ORDER BY whole.n, one.n)) END,
    CASE WHEN length(CAST(result_summary AS BLOB)) = length(result_summary) OR result_summary NOT GLOB '*[々-〇ぁ-ヿㇰ-ㇿ㐀-䶿一-鿿가-힣豈-﫿ｦ-ﾟ𠀀-𲎯]*' THEN result_summary
        ELSE (SELECT group_concat(iif(letter GLOB '[々-〇ぁ-ヿㇰ-ㇿ㐀-䶿一-鿿가-힣豈-﫿ｦ-ﾟ𠀀-𲎯]', ' ' || letter || ' ', letter), '') FROM (
            SELECT substr(piece, one.n + 1, 1) AS letter
            FROM (SELECT n, substr(result_summary, n * 256 + 1, 256) AS piece FROM places WHERE n * 256 < length(result_summary)) AS whole
            JOIN places AS one ON one.n < length(piece) ORDER BY whole.n, one.n)) END
FROM tasks;

CREATE VIEW record_sources (kind, session_id, name, record, at, title, body) AS
    SELECT 'session', id, id, id, updated_at, name, goal FROM orchestration_sessions
    UNION ALL SELECT 'group', session_id, id, id, updated_at, name, description FROM task_groups
    -- A line break in JSON must not become part of a word.
    UNION ALL SELECT 'context', session_id, key, session_id || '/' || key, updated_at, key,
        -- What every session has says nothing about one.
        CASE key WHEN 'checkpoint' THEN '' ELSE replace(replace(value, '\n', ' '), '\t', ' ') END
    FROM session_context_data
    UNION ALL SELECT 'message', session_id, number, CAST(number AS TEXT), at, '', text FROM session_user_interactions
    -- Where a file is stored is Callboard's choice and tells nothing.
    UNION ALL SELECT 'artifact', session_id, id, id, updated_at, title,
        summary || char(10) || kind || iif(storage = 'referenced', ' ' || path, '')
            || coalesce((SELECT char(10) || text FROM artifact_texts WHERE artifact_texts.hash = session_artifacts.hash), '')
        FROM session_artifacts;

-- Who made each, or in the case of context, wrote it last.
CREATE VIEW record_actors (kind, record, actor) AS
    SELECT kind, record, CASE kind
        WHEN 'message' THEN (SELECT actor FROM session_user_interactions WHERE number = CAST(record AS INTEGER))
        WHEN 'artifact' THEN (SELECT actor FROM session_artifacts WHERE id = record)
        WHEN 'context' THEN (SELECT actor FROM changes WHERE changes.record = search_records.record
            AND verb = 'context.set' ORDER BY seq DESC LIMIT 1)
        ELSE (SELECT actor FROM changes WHERE changes.record = search_records.record
            AND verb = kind || '.created' ORDER BY seq DESC LIMIT 1) END
    FROM search_records;

CREATE VIEW record_texts (kind, session_id, name, record, at, title, body) AS SELECT kind, session_id, name, record, at,
    CASE WHEN length(CAST(title AS BLOB)) = length(title) OR title NOT GLOB '*[々-〇ぁ-ヿㇰ-ㇿ㐀-䶿一-鿿가-힣豈-﫿ｦ-ﾟ𠀀-𲎯]*' THEN title
        ELSE (SELECT group_concat(iif(letter GLOB '[々-〇ぁ-ヿㇰ-ㇿ㐀-䶿一-鿿가-힣豈-﫿ｦ-ﾟ𠀀-𲎯]', ' ' || letter || ' ', letter), '') FROM (
            SELECT substr(piece, one.n + 1, 1) AS letter
            FROM (SELECT n, substr(title, n * 256 + 1, 256) AS piece FROM places WHERE n * 256 < length(title)) AS whole
            JOIN places AS one ON one.n < length(piece) ORDER BY whole.n, one.n)) END,
    CASE WHEN length(CAST(body AS BLOB)) = length(body) OR body NOT GLOB '*[々-〇ぁ-ヿㇰ-ㇿ㐀-䶿一-鿿가-힣豈-﫿ｦ-ﾟ𠀀-𲎯]*' THEN body
        ELSE (SELECT group_concat(iif(letter GLOB '[々-〇ぁ-ヿㇰ-ㇿ㐀-䶿一-鿿가-힣豈-﫿ｦ-ﾟ𠀀-𲎯]', ' ' || letter || ' ', letter), '') FROM (
            SELECT substr(piece, one.n + 1, 1) AS letter
            FROM (SELECT n, substr(body, n * 256 + 1, 256) AS piece FROM places WHERE n * 256 < length(body)) AS whole
            JOIN places AS one ON one.n < length(piece) ORDER BY whole.n, one.n)) END
FROM record_sources;

-- Tasks.
DROP TRIGGER task_search_insert;
DROP TRIGGER task_search_delete;
DROP TRIGGER task_search_update;
-- Most text is plain, and is taken as it is.
CREATE TRIGGER task_search_insert_plain AFTER INSERT ON tasks
WHEN length(CAST(new.title || new.description || new.tags || coalesce(new.result_summary, '') AS BLOB))
    = length(new.title || new.description || new.tags || coalesce(new.result_summary, '')) BEGIN
    INSERT INTO task_search (rowid, title, description, tags, result_summary)
    VALUES (new.number, new.title, new.description, new.tags, new.result_summary);
END;
CREATE TRIGGER task_search_insert AFTER INSERT ON tasks
WHEN NOT length(CAST(new.title || new.description || new.tags || coalesce(new.result_summary, '') AS BLOB))
    = length(new.title || new.description || new.tags || coalesce(new.result_summary, '')) BEGIN
    INSERT INTO task_search (rowid, title, description, tags, result_summary)
    SELECT number, title, description, tags, result_summary FROM task_texts WHERE number = new.number;
END;
CREATE TRIGGER task_search_delete_plain BEFORE DELETE ON tasks
WHEN length(CAST(old.title || old.description || old.tags || coalesce(old.result_summary, '') AS BLOB))
    = length(old.title || old.description || old.tags || coalesce(old.result_summary, '')) BEGIN
    INSERT INTO task_search (task_search, rowid, title, description, tags, result_summary)
    VALUES ('delete', old.number, old.title, old.description, old.tags, old.result_summary);
END;
CREATE TRIGGER task_search_delete BEFORE DELETE ON tasks
WHEN NOT length(CAST(old.title || old.description || old.tags || coalesce(old.result_summary, '') AS BLOB))
    = length(old.title || old.description || old.tags || coalesce(old.result_summary, '')) BEGIN
    INSERT INTO task_search (task_search, rowid, title, description, tags, result_summary)
    SELECT 'delete', number, title, description, tags, result_summary FROM task_texts WHERE number = old.number;
END;
CREATE TRIGGER task_search_update_plain BEFORE UPDATE OF title, description, tags, result_summary ON tasks
WHEN (old.title <> new.title OR old.description <> new.description OR old.tags <> new.tags
    OR old.result_summary IS NOT new.result_summary) AND length(CAST(old.title || old.description || old.tags || coalesce(old.result_summary, '') AS BLOB))
    = length(old.title || old.description || old.tags || coalesce(old.result_summary, '')) BEGIN
    INSERT INTO task_search (task_search, rowid, title, description, tags, result_summary)
    VALUES ('delete', old.number, old.title, old.description, old.tags, old.result_summary);
END;
CREATE TRIGGER task_search_update BEFORE UPDATE OF title, description, tags, result_summary ON tasks
WHEN (old.title <> new.title OR old.description <> new.description OR old.tags <> new.tags
    OR old.result_summary IS NOT new.result_summary) AND NOT length(CAST(old.title || old.description || old.tags || coalesce(old.result_summary, '') AS BLOB))
    = length(old.title || old.description || old.tags || coalesce(old.result_summary, '')) BEGIN
    INSERT INTO task_search (task_search, rowid, title, description, tags, result_summary)
    SELECT 'delete', number, title, description, tags, result_summary FROM task_texts WHERE number = old.number;
END;
CREATE TRIGGER task_search_updated_plain AFTER UPDATE OF title, description, tags, result_summary ON tasks
WHEN (old.title <> new.title OR old.description <> new.description OR old.tags <> new.tags
    OR old.result_summary IS NOT new.result_summary) AND length(CAST(new.title || new.description || new.tags || coalesce(new.result_summary, '') AS BLOB))
    = length(new.title || new.description || new.tags || coalesce(new.result_summary, '')) BEGIN
    INSERT INTO task_search (rowid, title, description, tags, result_summary)
    VALUES (new.number, new.title, new.description, new.tags, new.result_summary);
END;
CREATE TRIGGER task_search_updated AFTER UPDATE OF title, description, tags, result_summary ON tasks
WHEN (old.title <> new.title OR old.description <> new.description OR old.tags <> new.tags
    OR old.result_summary IS NOT new.result_summary) AND NOT length(CAST(new.title || new.description || new.tags || coalesce(new.result_summary, '') AS BLOB))
    = length(new.title || new.description || new.tags || coalesce(new.result_summary, '')) BEGIN
    INSERT INTO task_search (rowid, title, description, tags, result_summary)
    SELECT number, title, description, tags, result_summary FROM task_texts WHERE number = new.number;
END;

-- Sessions.
DROP TRIGGER search_session_insert;
CREATE TRIGGER search_session_insert AFTER INSERT ON orchestration_sessions BEGIN
    INSERT INTO search_records (kind, record, session_id, at, actor)
    VALUES ('session', new.id, new.id, new.updated_at,
        (SELECT actor FROM changes WHERE record = new.id AND verb = 'session.created' ORDER BY seq DESC LIMIT 1));
    INSERT INTO record_search (rowid, title, body)
    SELECT (SELECT number FROM search_records WHERE kind = 'session' AND record = new.id), title, body FROM record_texts
    WHERE kind = 'session' AND session_id = new.id AND name = new.id;
END;
DROP TRIGGER search_session_update;
CREATE TRIGGER search_session_update AFTER UPDATE OF name, goal ON orchestration_sessions
WHEN old.name <> new.name OR old.goal <> new.goal BEGIN
    DELETE FROM record_search WHERE rowid = (SELECT number FROM search_records WHERE kind = 'session' AND record = new.id);
    INSERT INTO record_search (rowid, title, body)
    SELECT (SELECT number FROM search_records WHERE kind = 'session' AND record = new.id), title, body FROM record_texts
    WHERE kind = 'session' AND session_id = new.id AND name = new.id;
END;
CREATE TRIGGER search_session_time AFTER UPDATE OF updated_at ON orchestration_sessions WHEN old.updated_at <> new.updated_at BEGIN
    UPDATE search_records SET at = new.updated_at WHERE kind = 'session' AND record = new.id;
END;
-- Groups.
DROP TRIGGER search_group_insert;
CREATE TRIGGER search_group_insert AFTER INSERT ON task_groups BEGIN
    INSERT INTO search_records (kind, record, session_id, at, actor)
    VALUES ('group', new.id, new.session_id, new.updated_at,
        (SELECT actor FROM changes WHERE record = new.id AND verb = 'group.created' ORDER BY seq DESC LIMIT 1));
    INSERT INTO record_search (rowid, title, body)
    SELECT (SELECT number FROM search_records WHERE kind = 'group' AND record = new.id), title, body FROM record_texts
    WHERE kind = 'group' AND session_id = new.session_id AND name = new.id;
END;
DROP TRIGGER search_group_update;
CREATE TRIGGER search_group_update AFTER UPDATE OF name, description ON task_groups
WHEN old.name <> new.name OR old.description <> new.description BEGIN
    DELETE FROM record_search WHERE rowid = (SELECT number FROM search_records WHERE kind = 'group' AND record = new.id);
    INSERT INTO record_search (rowid, title, body)
    SELECT (SELECT number FROM search_records WHERE kind = 'group' AND record = new.id), title, body FROM record_texts
    WHERE kind = 'group' AND session_id = new.session_id AND name = new.id;
END;
CREATE TRIGGER search_group_time AFTER UPDATE OF updated_at ON task_groups WHEN old.updated_at <> new.updated_at BEGIN
    UPDATE search_records SET at = new.updated_at WHERE kind = 'group' AND record = new.id;
END;
-- Context.
DROP TRIGGER search_context_insert;
CREATE TRIGGER search_context_insert AFTER INSERT ON session_context_data BEGIN
    INSERT INTO search_records (kind, record, session_id, at, actor)
    VALUES ('context', new.session_id || '/' || new.key, new.session_id, new.updated_at,
        (SELECT actor FROM changes WHERE record = new.session_id || '/' || new.key AND verb = 'context.set' ORDER BY seq DESC LIMIT 1));
    INSERT INTO record_search (rowid, title, body)
    SELECT (SELECT number FROM search_records WHERE kind = 'context' AND record = new.session_id || '/' || new.key), title, body FROM record_texts
    WHERE kind = 'context' AND session_id = new.session_id AND name = new.key;
END;
DROP TRIGGER search_context_update;
CREATE TRIGGER search_context_update AFTER UPDATE OF value ON session_context_data
WHEN old.value <> new.value BEGIN
    DELETE FROM record_search WHERE rowid = (SELECT number FROM search_records WHERE kind = 'context' AND record = new.session_id || '/' || new.key);
    INSERT INTO record_search (rowid, title, body)
    SELECT (SELECT number FROM search_records WHERE kind = 'context' AND record = new.session_id || '/' || new.key), title, body FROM record_texts
    WHERE kind = 'context' AND session_id = new.session_id AND name = new.key;
END;
CREATE TRIGGER search_context_time AFTER UPDATE OF updated_at ON session_context_data WHEN old.updated_at <> new.updated_at BEGIN
    UPDATE search_records SET at = new.updated_at WHERE kind = 'context' AND record = new.session_id || '/' || new.key;
END;
-- Messages.
DROP TRIGGER search_message_insert;
CREATE TRIGGER search_message_insert AFTER INSERT ON session_user_interactions BEGIN
    INSERT INTO search_records (kind, record, session_id, at, actor)
    VALUES ('message', CAST(new.number AS TEXT), new.session_id, new.at,
        new.actor);
    INSERT INTO record_search (rowid, title, body)
    SELECT (SELECT number FROM search_records WHERE kind = 'message' AND record = CAST(new.number AS TEXT)), title, body FROM record_texts
    WHERE kind = 'message' AND session_id = new.session_id AND name = new.number;
END;
-- Artifacts.
DROP TRIGGER search_artifact_insert;
CREATE TRIGGER search_artifact_insert AFTER INSERT ON session_artifacts BEGIN
    INSERT INTO search_records (kind, record, session_id, at, actor)
    VALUES ('artifact', new.id, new.session_id, new.updated_at,
        new.actor);
    INSERT INTO record_search (rowid, title, body)
    SELECT (SELECT number FROM search_records WHERE kind = 'artifact' AND record = new.id), title, body FROM record_texts
    WHERE kind = 'artifact' AND session_id = new.session_id AND name = new.id;
END;
DROP TRIGGER search_artifact_update;
CREATE TRIGGER search_artifact_update AFTER UPDATE OF title, summary, kind, path, storage, hash ON session_artifacts
WHEN old.title <> new.title OR old.summary <> new.summary OR old.kind <> new.kind OR old.path <> new.path OR old.storage <> new.storage OR old.hash <> new.hash BEGIN
    DELETE FROM record_search WHERE rowid = (SELECT number FROM search_records WHERE kind = 'artifact' AND record = new.id);
    INSERT INTO record_search (rowid, title, body)
    SELECT (SELECT number FROM search_records WHERE kind = 'artifact' AND record = new.id), title, body FROM record_texts
    WHERE kind = 'artifact' AND session_id = new.session_id AND name = new.id;
END;
CREATE TRIGGER search_artifact_time AFTER UPDATE OF updated_at ON session_artifacts WHEN old.updated_at <> new.updated_at BEGIN
    UPDATE search_records SET at = new.updated_at WHERE kind = 'artifact' AND record = new.id;
END;

-- The entry of the feed follows the record.
CREATE TRIGGER search_actor AFTER INSERT ON changes
WHEN new.verb IN ('session.created', 'group.created', 'context.set') BEGIN
    UPDATE search_records SET actor = new.actor
    WHERE record = new.record AND kind = substr(new.verb, 1, instr(new.verb, '.') - 1);
END;

-- What is there already.
INSERT INTO task_search (task_search, rowid, title, description, tags, result_summary)
    SELECT 'delete', tasks.number, tasks.title, tasks.description, tasks.tags, tasks.result_summary
    FROM tasks JOIN task_texts AS spaced ON spaced.number = tasks.number
    WHERE (tasks.title, tasks.description, tasks.tags, tasks.result_summary)
        IS NOT (spaced.title, spaced.description, spaced.tags, spaced.result_summary);
INSERT INTO task_search (rowid, title, description, tags, result_summary)
    SELECT spaced.number, spaced.title, spaced.description, spaced.tags, spaced.result_summary
    FROM tasks JOIN task_texts AS spaced ON spaced.number = tasks.number
    WHERE (tasks.title, tasks.description, tasks.tags, tasks.result_summary)
        IS NOT (spaced.title, spaced.description, spaced.tags, spaced.result_summary);
UPDATE search_records SET at = made.at FROM record_sources AS made
    WHERE made.kind = search_records.kind AND made.record = search_records.record AND made.at <> search_records.at;
UPDATE search_records SET actor = made.actor FROM record_actors AS made
    WHERE made.kind = search_records.kind AND made.record = search_records.record AND made.actor IS NOT search_records.actor;
INSERT INTO record_search (record_search) VALUES ('delete-all');
INSERT INTO record_search (rowid, title, body)
    SELECT number, title, body FROM record_texts JOIN search_records
        ON search_records.kind = record_texts.kind AND search_records.record = record_texts.record;

-- What people wrote into documents beside the records is looked for in these alone.
CREATE INDEX documents_written ON documents (session_id, path)
    WHERE agreed <> rendered;
