//! Artifacts and their files.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::files::{RESTED_MS, age_ms};
use super::look::Look;
use super::{Act, ITEMS_MAX, Item, Sort};
use crate::artifacts::{look, orphans};
use crate::domain::artifact::{Artifact, ArtifactCheck, Storage};
use crate::domain::command::{BATCH_MAX, Command};
use crate::domain::refusal::Refusal;
use crate::domain::session::SessionState;
use crate::domain::text::visible_line;
use crate::domain::time::{DAY_MS, age};
use crate::query::artifacts::{self, ToCheck};
use crate::upkeep::finding::{Fix, quoted};

/// A file of so many bytes is kept among the edit backups; a larger one is a person's to decide.
const SET_ASIDE_MAX: u64 = 8 << 20;

/// Artifacts whose files are gone or are others now: how they stand is noted, and somebody brings
/// them back or records what is there.
pub(super) fn references(looking: &Look<'_>) -> Result<Vec<Item>, Refusal> {
    let wanted = looking.wanted.session.map_or(ToCheck::Everything, ToCheck::Session);
    let mut found = Vec::new();
    let mut after = 0;
    while found.len() < ITEMS_MAX {
        let page = looking.read(|reader| artifacts::to_check(reader, wanted, after, BATCH_MAX))?;
        let Some((_, last)) = page.last() else { break };
        after = *last;
        for (artifact, _) in page {
            looking.work.step(0, 1, "artifacts")?;
            found.extend(stands(looking, &artifact));
        }
    }
    Ok(found)
}

fn stands(looking: &Look<'_>, artifact: &Artifact) -> Vec<Item> {
    let sort = Sort::InvalidFileReferences;
    let looked = look(&looking.peer.paths, artifact);
    let (id, path) = (artifact.id, visible_line(&artifact.path));
    let title = visible_line(&artifact.title);
    let noted = (artifact.state != looked.state).then(|| {
        let checks = vec![ArtifactCheck { id, state: looked.state }];
        let message =
            format!("{title} ({path}) is noted as {}, and is {}", artifact.state, looked.state);
        let act = Act::Command(Box::new(Command::NoteArtifacts { checks }));
        Item { sort, record: id.to_string(), message, act }
    });
    let decided = looked.problem.map(|problem| {
        let call = json!({ "title": artifact.title, "path": artifact.path });
        let fix = Fix::shell(brought_back(&looking.peer.paths.root, artifact))
            .or_tool(format!("orchestrator_artifact_record {call}"));
        let message = format!("{title} ({path}): {problem}");
        Item { sort, record: id.to_string(), message, act: Act::Person(fix) }
    });
    noted.into_iter().chain(decided).collect()
}

/// What brings the file back; git has it only where it is in use at all.
fn brought_back(root: &Path, artifact: &Artifact) -> String {
    let path = quoted(&artifact.path);
    let git =
        root.join(".git").exists().then(|| format!("git checkout -- {path} if it was committed"));
    let backup = match artifact.storage {
        Storage::Stored => Some("callboard backup restore <id> --scope documents".to_owned()),
        Storage::Referenced => None,
    };
    let again = format!("callboard artifact add {path} for what is there now");
    let ways: Vec<String> = git.into_iter().chain(backup).chain([again]).collect();
    ways.join(", or ")
}

/// Files among the stored ones that no record names, once nobody takes the recording back again.
pub(super) fn strays(looking: &Look<'_>) -> Result<Vec<Item>, Refusal> {
    let sort = Sort::OrphanedArtifacts;
    let old_ms = looking.now.since_ms(looking.old(sort)).max(DAY_MS);
    let states = [SessionState::Active, SessionState::Suspended, SessionState::Completed];
    let mut found = Vec::new();
    for session in looking.sessions(&states)? {
        let paths = looking.read(|reader| orphans(&looking.peer.paths, reader, session.id))?;
        for path in paths {
            let file = looking.peer.paths.root.join(&path);
            let Ok(metadata) = fs::symlink_metadata(&file) else { continue };
            let idle = age_ms(&metadata);
            if !metadata.is_file() || idle < RESTED_MS {
                continue;
            }
            let message = format!("no record names it; it was changed {} ago", age(idle));
            let act = match metadata.len() {
                _ if idle < old_ms => Act::Person(Fix::shell(format!(
                    "nothing yet: a cleaning takes it when it is {} old",
                    age(old_ms)
                ))),
                0 => Act::Remove(file),
                size if size <= SET_ASIDE_MAX => Act::SetAside(file),
                _ => Act::Person(Fix::shell(format!("rm {}, if nobody wants it", quoted(&path)))),
            };
            found.push(Item { sort, record: path, message, act });
        }
    }
    found.truncate(ITEMS_MAX);
    Ok(found)
}
