//! Mending rows that refer to what is not there, in a copy of a database that nobody works with: as a
//! cleanup does it by commands in the database itself.

use rusqlite::{Connection, OptionalExtension as _};

use super::tend::Chore;
use super::{Store, refuse};
use crate::domain::refusal::Refusal;

/// Rounds: what refers to a row that goes is mended in the next.
const ROUNDS_MAX: usize = 16;
/// Rows that are named.
const NAMED_MAX: usize = 5;

/// What was mended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Mended {
    /// How many references.
    pub count: usize,
    /// Some of them, in words.
    pub named: Vec<String>,
}

/// A column whose rows refer to what is not there.
struct Reference {
    table: String,
    column: String,
    parent: String,
    key: String,
    may_be_none: bool,
}

impl Store {
    /// Lets rows refer to nothing where what they refer to is not there, or takes them away where
    /// they have to refer to something; then counts anew what is kept beside the rows.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub(crate) fn mend(&mut self) -> Result<Mended, Refusal> {
        let mended = mend(&mut self.connection).map_err(|error| refuse(&error))?;
        if 0 < mended.count {
            self.tend(Chore::Recount)?;
        }
        Ok(mended)
    }
}

fn mend(connection: &mut Connection) -> rusqlite::Result<Mended> {
    let mut mended = Mended::default();
    for _ in 0..ROUNDS_MAX {
        let broken = broken(connection)?;
        if broken.is_empty() {
            break;
        }
        // What refers to a row that goes is looked at next.
        connection.pragma_update(None, "foreign_keys", false)?;
        let done = broken.iter().try_for_each(|one| one.mend(connection, &mut mended));
        connection.pragma_update(None, "foreign_keys", true)?;
        done?;
    }
    Ok(mended)
}

fn broken(connection: &Connection) -> rusqlite::Result<Vec<Reference>> {
    let sql = "SELECT DISTINCT broken.\"table\", named.\"from\", named.\"table\", named.\"to\",
                   (SELECT \"notnull\" FROM pragma_table_info(broken.\"table\") WHERE name = named.\"from\")
               FROM pragma_foreign_key_check AS broken
               JOIN pragma_foreign_key_list(broken.\"table\") AS named ON named.id = broken.fkid";
    let read = |row: &rusqlite::Row<'_>| {
        let key: Option<String> = row.get(3)?;
        Ok(Reference {
            table: row.get(0)?,
            column: row.get(1)?,
            parent: row.get(2)?,
            key: key.unwrap_or_else(|| "id".to_owned()),
            may_be_none: row.get::<_, i64>(4)? == 0,
        })
    };
    connection.prepare(sql)?.query_map([], read)?.collect()
}

impl Reference {
    fn mend(&self, connection: &Connection, mended: &mut Mended) -> rusqlite::Result<()> {
        let Self { table, column, parent, key, may_be_none } = self;
        let lost = format!(
            "\"{column}\" IS NOT NULL AND \"{column}\" NOT IN (SELECT \"{key}\" FROM \"{parent}\")"
        );
        let name = self.name(connection)?;
        let sql =
            format!("SELECT {name}, \"{column}\" FROM \"{table}\" WHERE {lost} LIMIT {NAMED_MAX}");
        let so = if *may_be_none { "it has none" } else { "it goes" };
        let mut rows = connection.prepare(&sql)?;
        let named = rows.query_map([], |row| {
            let (name, value): (String, String) = (row.get(0)?, row.get(1)?);
            Ok(format!("{column} {value} of {name} is not there, so {so}"))
        })?;
        for line in named {
            let line = line?;
            if mended.named.len() < NAMED_MAX {
                mended.named.push(line);
            }
        }
        let deed = if *may_be_none {
            format!("UPDATE \"{table}\" SET \"{column}\" = NULL")
        } else {
            format!("DELETE FROM \"{table}\"")
        };
        mended.count += connection.execute(&format!("{deed} WHERE {lost}"), [])?;
        Ok(())
    }

    /// What tells a row of the table to a person.
    fn name(&self, connection: &Connection) -> rusqlite::Result<&'static str> {
        if self.table == "task_dependencies" {
            return Ok("task_id || '>' || depends_on");
        }
        let sql = "SELECT 1 FROM pragma_table_info(?) WHERE name = 'id'";
        let has_id: Option<i64> =
            connection.query_row(sql, [&self.table], |row| row.get(0)).optional()?;
        Ok(if has_id.is_some() { "CAST(id AS TEXT)" } else { "'a row'" })
    }
}
