//! Records by their keys, whatever they are.

use rusqlite::params;
use serde_json::Value;

use super::{many, one};
use crate::domain::id::TaskId;
use crate::domain::record::{Record, RecordKey};
use crate::domain::refusal::Refusal;
use crate::store::Reader;
use crate::store::rows::{group, parsed, session, task};

/// A record, if it is there; edges and conflicts are none that others are about.
pub(super) fn get(reader: &Reader, key: &str) -> Result<Option<Record>, Refusal> {
    Ok(match key.parse() {
        Ok(RecordKey::Task(id)) => {
            let sql = format!("SELECT {} FROM tasks WHERE id = ?", task::COLUMNS);
            one(reader, &sql, [id.to_string()], task::read)?
                .map(|task| Record::Task(Box::new(task)))
        }
        Ok(RecordKey::Group(id)) => {
            let sql = format!("SELECT {} FROM task_groups WHERE id = ?", group::COLUMNS);
            one(reader, &sql, [id.to_string()], group::read)?.map(Record::Group)
        }
        Ok(RecordKey::Session(id)) => {
            let sql =
                format!("SELECT {} FROM orchestration_sessions WHERE id = ?", session::COLUMNS);
            one(reader, &sql, [id.to_string()], session::read)?.map(Record::Session)
        }
        Ok(RecordKey::Context(session, name)) => {
            super::sessions::context_entry(reader, session, &name)?.map(Record::Context)
        }
        Ok(RecordKey::Artifact(id)) => {
            super::artifacts::find(reader, id)?.map(|found| Record::Artifact(Box::new(found)))
        }
        Ok(RecordKey::Dependency(..) | RecordKey::Conflict(_)) | Err(_) => None,
    })
}

/// The value of a field of a record now; `None` where the record has no such field.
pub(super) fn field(
    reader: &Reader,
    record: &Record,
    name: &str,
) -> Result<Option<Value>, Refusal> {
    match record {
        Record::Task(task) if name == "depends_on" => {
            let sql =
                "SELECT depends_on FROM task_dependencies WHERE task_id = ? ORDER BY depends_on";
            let ids =
                many(reader, sql, params![task.id.to_string()], |row| parsed::<TaskId>(row, 0))?;
            let ids: Vec<String> = ids.iter().map(TaskId::to_string).collect();
            Ok(Some(ids.into()))
        }
        Record::Task(_) | Record::Group(_) | Record::Session(_) | Record::Context(_) => {
            Ok(record.fields().get(name).cloned())
        }
        Record::Dependency(_) | Record::Conflict(_) | Record::Artifact(_) => Ok(None),
    }
}
