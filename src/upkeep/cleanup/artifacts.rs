//! Artifacts and their files.

use std::fs;

use super::files::age_ms;
use super::look::Look;
use super::{Act, ITEMS_MAX, Item, Sort};
use crate::artifacts::{look, orphans};
use crate::domain::artifact::{Artifact, ArtifactCheck};
use crate::domain::command::{BATCH_MAX, Command};
use crate::domain::refusal::Refusal;
use crate::domain::session::SessionState;
use crate::domain::text::visible_line;
use crate::domain::time::{DAY_MS, age};
use crate::query::artifacts::{self, ToCheck};
use crate::upkeep::finding::Fix;

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
    let Some(problem) = looked.problem else { return Vec::new() };
    let (id, path) = (artifact.id, visible_line(&artifact.path));
    let title = visible_line(&artifact.title);
    let noted = (artifact.state != looked.state).then(|| {
        let checks = vec![ArtifactCheck { id, state: looked.state }];
        let message =
            format!("{title} ({path}) is noted as {}, and is {}", artifact.state, looked.state);
        let act = Act::Command(Box::new(Command::NoteArtifacts { checks }));
        Item { sort, record: id.to_string(), message, act }
    });
    let fix = Fix::shell(format!("git checkout -- '{path}', or record what is there now")).or_tool(
        format!("orchestrator_artifact_record {{\"title\": \"{title}\", \"path\": \"{path}\"}}"),
    );
    let message = format!("{title} ({path}): {problem}");
    let decided = Item { sort, record: id.to_string(), message, act: Act::Person(fix) };
    noted.into_iter().chain([decided]).collect()
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
            if !metadata.is_file() || idle < old_ms {
                continue;
            }
            let message = format!("no record names it; it was changed {} ago", age(idle));
            found.push(Item { sort, record: path, message, act: Act::Remove(file) });
        }
    }
    found.truncate(ITEMS_MAX);
    Ok(found)
}
