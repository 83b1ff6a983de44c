//! Backups as an agent reads them.

use serde_json::{Value, json};

use crate::backup::manifest::Manifest;
use crate::backup::retention::Run;
use crate::backup::{Cleaned, DATABASE};
use crate::domain::backup::Backup;
use crate::mcp::answer::clip;
use crate::mcp::params::Detail;

/// Sessions that are named of a backup, in brief and in full.
const SESSIONS_MAX: usize = 3;
const SESSIONS_FULL_MAX: usize = 50;
/// Backups and files that are named of what was done.
const NAMED_MAX: usize = 30;
/// Backups that are named in a question.
const ASKED_MAX: usize = 3;
/// Bytes of what is wrong with an archive.
const PROBLEM_BYTES: usize = 200;

/// A backup that was made.
pub(super) fn made((backup, manifest): &(Backup, Manifest), elapsed_ms: u64) -> Value {
    let is_markdown =
        |path: &str| std::path::Path::new(path).extension().is_some_and(|ending| ending == "md");
    let markdown = manifest.files.iter().filter(|file| is_markdown(file.path.as_str())).count();
    let left_out: Vec<String> = manifest
        .head
        .left_out
        .iter()
        .take(NAMED_MAX)
        .map(|left| format!("{}: {}", left.path, left.why))
        .collect();
    json!({
        "backup_id": backup.id,
        "backup_name": backup.name,
        "backup_path": format!(".task_orchestrator/backups/archives/{}", backup.file),
        "scope": backup.scope,
        "backup_size": backup.size,
        "compression_ratio": ratio(backup),
        "items_backed_up": {
            "database_tables": manifest.file(DATABASE).map(|_| manifest.head.counts.len()),
            "tasks": manifest.head.counts.get("tasks"),
            "sessions": backup.sessions.len(),
            "markdown_files": markdown,
            "total_files": backup.files,
        },
        "left_out": (!left_out.is_empty()).then_some(left_out),
        "integrity_status": backup.integrity,
        "duration_ms": elapsed_ms,
    })
}

/// How many times smaller the archive is, with one decimal.
fn ratio(backup: &Backup) -> Value {
    let tenths = backup.unpacked.saturating_mul(10).checked_div(backup.size).unwrap_or(0);
    format!("{}.{}", tenths / 10, tenths % 10).parse::<f64>().map_or(Value::Null, Value::from)
}

/// A backup of a list.
pub(super) fn row(backup: &Backup, detail: Detail) -> Value {
    let full = detail == Detail::Full;
    let most = if full { SESSIONS_FULL_MAX } else { SESSIONS_MAX };
    let sessions: Vec<String> = backup
        .sessions
        .iter()
        .take(most)
        .map(|session| format!("{} {}", session.id, clip(&session.name, 60)))
        .collect();
    let more = backup.sessions.len().saturating_sub(most);
    json!({
        "backup_id": backup.id,
        "backup_name": backup.name,
        "created_at": backup.created_at.to_string(),
        "backup_scope": backup.scope,
        "reason": backup.reason,
        "compressed_size_bytes": backup.size,
        "uncompressed_size_bytes": backup.unpacked,
        "integrity_status": backup.integrity,
        "problem": backup.problem.as_ref().map(|problem| clip(problem, PROBLEM_BYTES)),
        "sessions_included": sessions,
        "more_sessions": (0 < more).then_some(more),
        "file": full.then_some(&backup.file),
        "actor": full.then_some(&backup.actor),
        "files": full.then_some(backup.files),
        "verified_at": backup.verified_at.filter(|_| full).map(|at| at.to_string()),
        "compression_algorithm": full.then_some("zstd"),
        "encrypted": full.then_some(false),
    })
}

/// What would be removed, for the person who is asked.
pub(super) fn doomed(cleaned: &Cleaned) -> String {
    let names: Vec<String> =
        cleaned.removed.iter().take(ASKED_MAX).map(|one| clip(&one.backup.name, 60)).collect();
    let count = cleaned.removed.len();
    let more = count.saturating_sub(names.len());
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let all = count + cleaned.kept;
    let megabytes = cleaned.freed.div_ceil(1_000_000);
    format!(
        "{count} of {all} backups would be removed for good ({megabytes} MB): {}{more}",
        names.join(", ")
    )
}

/// What was removed, or would be.
pub(super) fn cleaned(cleaned: &Cleaned, run: Run) -> Value {
    let rows: Vec<Value> = cleaned
        .removed
        .iter()
        .take(NAMED_MAX)
        .map(|doomed| {
            json!({
                "backup_id": doomed.backup.id,
                "backup_name": clip(&doomed.backup.name, 80),
                "created_at": doomed.backup.created_at.to_string(),
                "size": doomed.backup.size,
                "why": doomed.why,
            })
        })
        .collect();
    let dry = run == Run::Dry;
    let failed: Vec<String> =
        cleaned.failed.iter().take(5).map(|(file, error)| format!("{file}: {error}")).collect();
    json!({
        "dry_run": dry,
        "deleted_backups": cleaned.removed.len(),
        "freed_space_bytes": cleaned.freed,
        "kept": cleaned.kept,
        "backups": rows,
        "failed": (!failed.is_empty()).then_some(failed),
        "next": (dry && !cleaned.removed.is_empty()).then_some("repeat with dry_run: false to do it"),
    })
}
