//! The list of backups, in the order that is asked for.

use serde_json::{Value, json};

use super::{BackupList, wire};
use crate::backup;
use crate::domain::backup::Backup;
use crate::domain::refusal::{Code, Refusal};
use crate::mcp::answer::{self, Answer, Reply};
use crate::mcp::params::{given, limit, read_all, read_some};
use crate::mcp::server::CallboardServer;
use crate::query::rows::Page;

impl CallboardServer {
    pub(super) async fn list_backups(&self, input: BackupList) -> Reply {
        let scopes = read_all(input.scope_filter.as_deref().unwrap_or_default())?;
        let order = read_some(input.sort_by.as_ref())?.unwrap_or_default();
        let detail = input.detail.unwrap_or_default();
        let mut all = self.on_disk(|peer| Ok(backup::listed(peer)?)).await?;
        all.retain(|backup| scopes.is_empty() || scopes.contains(&backup.scope));
        backup::sort(&mut all, order);
        let size = all.iter().fold(0_u64, |sum, backup| sum.saturating_add(backup.size));
        let begin = match given(input.cursor.as_deref()) {
            None => 0,
            Some(cursor) => after(&all, cursor)?,
        };
        let rest = all.get(begin..).unwrap_or_default();
        let fetch = |most: usize| {
            let items: Vec<Backup> = rest.iter().take(most).cloned().collect();
            let last = items.last().filter(|_| items.len() < rest.len());
            let cursor = last.map(|backup| backup.file.clone());
            Ok(Page { items, total: i64::try_from(all.len()).ok(), cursor })
        };
        let row = |backup: &Backup| wire::row(backup, detail);
        let mut listed = answer::list("backups", (limit(input.limit), detail), fetch, row)?;
        if let Some(total) = listed.remove("total") {
            listed.insert("total_backups".to_owned(), total);
        }
        listed.insert("total_size_bytes".to_owned(), json!(size));
        Ok(Answer::exact(Value::Object(listed)).detail(detail))
    }
}

/// The place after the one that a cursor names.
fn after(all: &[Backup], cursor: &str) -> Result<usize, Refusal> {
    let at = all.iter().position(|backup| backup.file == cursor);
    at.map(|at| at + 1).ok_or_else(|| {
        Refusal::new(Code::InvalidValue, "the backup that the cursor names is gone")
            .suggest("send the call again without a cursor")
    })
}
