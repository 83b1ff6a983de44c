//! Resources: what people attach to a conversation, and what clients watch.
//!
//! Everything on the board has a URI ([`name`]), which is read as JSON or markdown within a size
//! ([`read`]). Who watches one is told when what it says is another ([`watch`]).

mod list;
mod name;
mod read;
mod watch;

use rmcp::ErrorData;
use rmcp::model::{
    ListResourceTemplatesResult, ListResourcesResult, ReadResourceResult, ResourceContents,
    ResourceTemplate,
};
use serde_json::json;

use super::server::CallboardServer;
use crate::domain::actor::Actor;
use crate::domain::refusal::{Code, Refusal};
pub(super) use name::Named;
pub(super) use read::within_session;
pub(super) use watch::{Watching, accepted};

/// A template: its URI, its name, its title, what it is, and in which form it is read.
type Template = (&'static str, &'static str, &'static str, &'static str, &'static str);

const JSON: &str = "application/json";
const MARKDOWN: &str = "text/markdown";
const TEXT: &str = "text/plain";

/// What has a URI; the parts in braces are completed.
const TEMPLATES: [Template; 6] = [
    ("callboard://session/{id}", "session", "Session", "Where a session stands.", JSON),
    ("callboard://task/{id}", "task", "Task", "A task with all that belongs to it.", JSON),
    ("callboard://group/{id}", "group", "Group", "A group with its tasks.", JSON),
    ("callboard://artifact/{id}", "artifact", "Artifact", "An artifact's file.", TEXT),
    (
        "callboard://document/{session}/{+path}",
        "document",
        "Document",
        "A session's document as it stands, such as tasks/active_tasks.md.",
        MARKDOWN,
    ),
    ("callboard://mode/{name}", "mode", "Mode", "A mode's roles and gates.", MARKDOWN),
];

impl CallboardServer {
    /// A page of what there is.
    pub(super) async fn resources(
        &self,
        cursor: Option<String>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let page = self.on_disk(move |peer| list::page(peer, cursor.as_deref())).await;
        let (resources, next_cursor) =
            page.map_err(|refusal| ErrorData::invalid_params(refusal.message, None))?;
        Ok(ListResourcesResult { next_cursor, ..ListResourcesResult::with_all_items(resources) })
    }

    /// What has a URI by its id or name.
    pub(super) fn resource_templates() -> ListResourceTemplatesResult {
        let templates = TEMPLATES.iter().map(|(uri, name, title, about, form)| {
            ResourceTemplate::new(*uri, *name)
                .with_title(*title)
                .with_description(*about)
                .with_mime_type(*form)
        });
        ListResourceTemplatesResult::with_all_items(templates.collect())
    }

    /// What a resource says now.
    pub(super) async fn resource(
        &self,
        actor: Actor,
        uri: String,
    ) -> Result<ReadResourceResult, ErrorData> {
        let Some(named) = Named::read(&uri) else {
            return Err(not_found(
                &uri,
                &Refusal::new(Code::UnknownId, "this is no resource here"),
            ));
        };
        let content = self.on_disk(move |peer| read::content(peer, &actor, &named)).await;
        let content = content.map_err(|refusal| not_found(&uri, &refusal))?;
        let contents = ResourceContents::text(content.text, uri).with_mime_type(content.mime_type);
        Ok(ReadResourceResult::new(vec![contents]))
    }
}

/// The error of the protocol for what is not there; a fault of ours stays one.
fn not_found(uri: &str, refusal: &Refusal) -> ErrorData {
    let shown: String = uri.chars().take(name::URI_MAX).collect();
    let advice = refusal.suggested_action.as_deref().unwrap_or("list the resources");
    let message = format!("{}; {advice}", refusal.message);
    let data = json!({ "uri": shown, "details": refusal.details });
    if refusal.code == Code::StoreFailed {
        return ErrorData::internal_error(message, Some(data));
    }
    ErrorData::resource_not_found(message, Some(data))
}
