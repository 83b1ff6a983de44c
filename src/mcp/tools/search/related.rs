//! Related tasks, with the reasons in words.

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::FindRelated;
use crate::mcp::answer::{Answer, Reply, clip};
use crate::mcp::params::{limit, read_all};
use crate::mcp::server::CallboardServer;
use crate::mcp::tools::task::task_of;
use crate::query::related::{Related, RelatedQuery, related};

/// Bytes of a title and of a reason; reasons that are told of one task.
const TITLE_BYTES: usize = 120;
const REASON_BYTES: usize = 120;
const REASONS_MAX: usize = 4;

impl CallboardServer {
    pub(super) async fn relatives(&self, stop: CancellationToken, input: FindRelated) -> Reply {
        let relations = read_all(input.relations.as_deref().unwrap_or_default())?;
        let (wanted, limit) = (input.task_id, limit(input.limit));
        let distance = input.max_distance.and_then(|steps| usize::try_from(steps).ok());
        let answer = self
            .look(stop, move |reader| {
                let task = task_of(reader, &wanted)?;
                let query = RelatedQuery { relations, limit, ..RelatedQuery::new(task) };
                let query = RelatedQuery { distance: distance.unwrap_or(query.distance), ..query };
                let found = related(reader, &query)?;
                let rows: Vec<Value> = found.iter().map(wire).collect();
                Ok(json!({ "task_id": task, "related": rows }))
            })
            .await?;
        Ok(Answer::data(&answer).rest("the same call with fewer relations, or a smaller limit"))
    }
}

fn wire(related: &Related) -> Value {
    let reasons = related.reasons.iter().take(REASONS_MAX);
    json!({
        "task_id": related.task.id,
        "title": clip(&related.task.title, TITLE_BYTES),
        "status": related.task.status,
        "reasons": reasons.map(|reason| clip(&reason.text, REASON_BYTES)).collect::<Vec<_>>(),
        "score": related.score,
    })
}
