//! What is found by its words and is no task: what the index over it must hold, asked of the rows
//! themselves, and making it anew from them.
//!
//! The index keeps no text, so what it says is compared word by word with an index in memory that is
//! made of the same rows.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use rusqlite::{Connection, params};

use crate::domain::text::is_word_by_itself;

/// Every row that the index stands for, as the triggers of migration 8 write it.
const ROWS: &str = "SELECT kind, record, session_id, at, title, body FROM record_texts";

/// Entries that name somebody else than the rows do, where these still know.
const STRANGERS: &str = "SELECT count(*) FROM search_records AS known JOIN record_actors AS made
    ON made.kind = known.kind AND made.record = known.record
    WHERE made.actor IS NOT NULL AND made.actor IS NOT known.actor";

/// The texts of every task that the index takes.
const TEXTS: &str = "SELECT number, title, description, tags, result_summary FROM tasks";

/// Takes the texts of one task out of the index as they are, and puts them in as its triggers do.
const UNSPACED: &str =
    "INSERT INTO task_search (task_search, rowid, title, description, tags, result_summary)
    SELECT 'delete', number, title, description, tags, result_summary FROM tasks WHERE number = ?";
const SPACED: &str = "INSERT INTO task_search (rowid, title, description, tags, result_summary)
    SELECT number, title, description, tags, result_summary FROM task_texts WHERE number = ?";

/// An index as the one that is kept, of which only the words are asked.
const SHADOW: &str = r#"
    CREATE VIRTUAL TABLE record_search USING fts5 (
        title, body, content = '', tokenize = "unicode61 remove_diacritics 2"
    );
    CREATE VIRTUAL TABLE record_words USING fts5vocab ('record_search', 'instance');"#;

/// How the index stands to the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Gaps {
    /// Rows that the index does not know, or takes for something else.
    pub missing: i64,
    /// Entries about rows that are gone.
    pub surplus: i64,
    /// Entries whose words are others than their rows'.
    pub stale: usize,
}

/// Compares the index with the rows that it is made of.
pub(crate) fn gaps(connection: &Connection) -> rusqlite::Result<Gaps> {
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let known = "SELECT 1 FROM search_records AS known
        JOIN record_search_docsize AS entry ON entry.id = known.number
        WHERE known.kind = one.kind AND known.record = one.record
            AND known.session_id = one.session_id";
    let missing =
        count(&format!("SELECT count(*) FROM ({ROWS}) AS one WHERE NOT EXISTS ({known})"))?
            + count(STRANGERS)?;
    let surplus = count(&format!(
        "SELECT (SELECT count(*) FROM record_search_docsize WHERE id NOT IN (SELECT number FROM search_records))
            + (SELECT count(*) FROM search_records WHERE (kind, record) NOT IN (SELECT kind, record FROM ({ROWS})))"
    ))?;
    let stale = if (missing, surplus) == (0, 0) { stale(connection)? } else { 0 };
    Ok(Gaps { missing, surplus, stale })
}

/// How many entries have other words than their rows.
fn stale(connection: &Connection) -> rusqlite::Result<usize> {
    let shadow = Connection::open_in_memory()?;
    shadow.execute_batch(SHADOW)?;
    let mut insert =
        shadow.prepare("INSERT INTO record_search (rowid, title, body) VALUES (?, ?, ?)")?;
    let sql = format!(
        "SELECT number, title, body FROM ({ROWS}) AS one JOIN search_records AS known
         ON known.kind = one.kind AND known.record = one.record"
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (number, title, body): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        insert.execute(params![number, title, body])?;
    }
    let (kept, made) = (words(connection)?, words(&shadow)?);
    let differs = made.iter().filter(|(number, mark)| kept.get(number) != Some(mark)).count();
    Ok(differs + kept.keys().filter(|number| !made.contains_key(number)).count())
}

/// A mark of the words of each entry, whatever order they come in.
fn words(connection: &Connection) -> rusqlite::Result<HashMap<i64, u64>> {
    let mut marks: HashMap<i64, u64> = HashMap::new();
    let mut statement =
        connection.prepare("SELECT doc, term, col, \"offset\" FROM record_words")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (column, offset): (String, i64) = (row.get(2)?, row.get(3)?);
        let mut hasher = DefaultHasher::new();
        (row.get::<_, String>(1)?, column, offset).hash(&mut hasher);
        let mark = marks.entry(row.get(0)?).or_default();
        *mark = mark.wrapping_add(hasher.finish());
    }
    Ok(marks)
}

/// The full-text indexes that are kept beside records.
pub(crate) fn indexes(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%fts5 (%' ORDER BY name";
    connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

/// Makes all of them anew, and returns how many there are.
pub(super) fn rebuild_all(connection: &Connection) -> rusqlite::Result<usize> {
    let indexes = indexes(connection)?;
    for index in &indexes {
        if index == "record_search" {
            // It keeps no content that it could be made of by itself.
            rebuild(connection)?;
        } else {
            connection.execute(&format!("INSERT INTO {index} ({index}) VALUES ('rebuild')"), [])?;
        }
        if index == "task_search" {
            space(connection)?;
        }
    }
    Ok(indexes.len())
}

/// Cuts the texts of languages that are written without spaces, as the triggers do. Which they are
/// is told here: the index itself would look at each text of a huge board letter by letter.
fn space(connection: &Connection) -> rusqlite::Result<()> {
    let mut spaced: Vec<i64> = Vec::new();
    let mut statement = connection.prepare(TEXTS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        for column in 1..=4 {
            let text = row.get_ref(column)?.as_str_or_null()?.unwrap_or_default();
            if !text.is_ascii() && text.contains(is_word_by_itself) {
                spaced.push(row.get(0)?);
                break;
            }
        }
    }
    let (mut out, mut back) = (connection.prepare(UNSPACED)?, connection.prepare(SPACED)?);
    for number in spaced {
        out.execute([number])?;
        back.execute([number])?;
    }
    Ok(())
}

/// Makes the index over what is no task anew from the rows, and returns how many there are.
fn rebuild(connection: &Connection) -> rusqlite::Result<usize> {
    connection.execute_batch(
        "INSERT INTO record_search (record_search) VALUES ('delete-all');
         DELETE FROM search_records;",
    )?;
    let numbered = format!(
        "INSERT INTO search_records (kind, record, session_id, at)
         SELECT kind, record, session_id, at FROM ({ROWS}) ORDER BY at, kind, record"
    );
    let rows = connection.execute(&numbered, [])?;
    connection.execute(
        "UPDATE search_records SET actor = made.actor FROM record_actors AS made
         WHERE made.kind = search_records.kind AND made.record = search_records.record",
        [],
    )?;
    let words = format!(
        "INSERT INTO record_search (rowid, title, body)
         SELECT number, title, body FROM ({ROWS}) AS one JOIN search_records AS known
         ON known.kind = one.kind AND known.record = one.record"
    );
    connection.execute(&words, [])?;
    Ok(rows)
}
