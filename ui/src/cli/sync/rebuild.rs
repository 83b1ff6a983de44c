//! `callboard sync --rebuild`: a lost database from the documents.

use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;
use callboard_engine::query::sessions;
use callboard_engine::sync::keeper::{self, Standing};

use super::{in_step, report};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::project::{Scene, open_or_make};
use crate::theme::Meaning;

/// What no document tells, and what nobody can bring back from them.
const LOST: &str = "Documents do not carry: who holds what, the history and what could be undone, \
                    times and actual minutes, results, artifacts' contents, and values that are \
                    no prose. Those are gone unless a backup of the database has them.";

pub(super) fn run(scene: &Scene<'_>, output: &mut Output) -> Result<u8, Failure> {
    let paths = scene.paths(None)?;
    if !paths.sessions().is_dir() {
        return Err(Failure::LeftAlone {
            path: paths.task_orchestrator(),
            problem: "there are no documents to bring anything back from".to_owned(),
            advice: "documents are expected in .task_orchestrator/sessions",
        });
    }
    let peer = open_or_make(&paths)?;
    let lost: Vec<_> = keeper::check(&peer)?
        .into_iter()
        .filter(|finding| finding.standing == Standing::ToRebuild)
        .map(|finding| finding.session_id)
        .collect();
    if lost.is_empty() {
        return Err(has_all(&paths));
    }
    let report = in_step(&peer, scene, output)?;
    let code = report::happened(&report, output)?;
    if !output.is_json() {
        told(&peer, &lost, output)?;
    }
    Ok(code)
}

fn has_all(paths: &ProjectPaths) -> Failure {
    Failure::LeftAlone {
        path: paths.database(),
        problem: "it has every session that the documents tell of".to_owned(),
        advice: "`callboard sync` keeps documents and database in step",
    }
}

fn told(
    peer: &Peer,
    lost: &[callboard_engine::domain::id::SessionId],
    output: &mut Output,
) -> Result<(), Failure> {
    let mut ids = lost.to_vec();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        let found = peer
            .readers
            .read(|reader| Ok((sessions::get(reader, id)?, sessions::counts(reader, id)?)));
        let Ok((session, counts)) = found else { continue };
        let line = format!("{} is back with {} tasks.", session.name, counts.all());
        let line = output.paint(&line, Meaning::Good);
        output.line(&line)?;
    }
    let lost = output.paint(LOST, Meaning::Dim);
    output.line(&lost)
}
