//! The task under the cursor, in full.

use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::task::Status;
use callboard_engine::query::changes::ChangeQuery;
use callboard_engine::query::rows::TaskView;
use callboard_engine::query::{changes, documents, modes};
use callboard_engine::store::Reader;

use super::HISTORY_MAX;
use crate::app::board::Detail;

/// Artifacts of the task that are named, the newest.
const ARTIFACTS_MAX: usize = 20;

/// Reads what goes with a task.
pub(super) fn read(reader: &Reader, view: TaskView) -> Result<Detail, Refusal> {
    let record = Some(view.task.id.to_string());
    let history = changes::list(
        reader,
        &ChangeQuery { record, limit: HISTORY_MAX, ..ChangeQuery::default() },
    )?;
    let task = &view.task;
    let demands = if task.status.is_open() {
        modes::demands(reader, task, Status::Completed)?
    } else {
        Vec::new()
    };
    let artifacts = documents::artifacts_of(reader, (task.session_id, task.id), ARTIFACTS_MAX)?;
    Ok(Detail { view, history, demands, artifacts })
}
