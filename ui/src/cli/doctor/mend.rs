//! Mending what needs no decision.

use std::process::{Command, Stdio};

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::count::counted;
use callboard_engine::domain::id::SessionId;
use callboard_engine::peer::Peer;
use callboard_engine::sync::keeper::{self, SyncOptions};
use callboard_engine::upkeep::cleanup::{self, Sort, Wanted};
use callboard_engine::upkeep::{Finding, Kind, Work};

use super::surroundings::{SYNC, UNTRACK, tracked};
use crate::cli::failure::Failure;

/// Mends, and says what was done, a line each.
pub(super) fn mend(
    peer: &Peer,
    (found, session): (&[Finding], Option<SessionId>),
    work: Work<'_>,
) -> Result<Vec<String>, Failure> {
    let mut done = Vec::new();
    let mut sorts: Vec<Sort> = found.iter().filter_map(|finding| finding.fix.cleanup).collect();
    sorts.sort_unstable();
    sorts.dedup();
    // What nothing brings back and laid-aside sessions are somebody's to clear by name.
    sorts.retain(|sort| !sort.is_a_persons() && *sort != Sort::AbandonedSessions);
    if !sorts.is_empty() {
        if let Some(backup) = cleanup::back_up(peer, &Actor::Human, work)? {
            done.push(format!("the database is kept in backup {backup}"));
        }
        let wanted = Wanted { session, ..Wanted::of(&sorts) };
        let items = cleanup::look(peer, &wanted, work)?;
        let cleared = cleanup::carry_out(peer, &Actor::Human, items, work)?;
        let line = |item: &cleanup::Item| format!("{}: {}", item.record, item.message);
        done.extend(cleared.fixed.iter().map(line));
    }
    let is_behind = |finding: &Finding| {
        finding.kind == Kind::Document && finding.fix.shell.as_deref() == Some(SYNC)
    };
    if found.iter().any(is_behind) {
        let passed = keeper::pass(peer, SyncOptions::default()).map_err(|source| Failure::Io {
            what: "cannot look after the documents".to_owned(),
            source,
        })?;
        done.extend(passed.map(|_| "the documents are brought in step".to_owned()));
    }
    if found.iter().any(|finding| finding.message == UNTRACK) {
        done.extend(untrack(peer));
    }
    Ok(done)
}

/// Takes what git is told to leave alone out of what it tracks; the files stay.
fn untrack(peer: &Peer) -> Option<String> {
    let paths = tracked(&peer.paths);
    let status = Command::new("git")
        .arg("-C")
        .arg(&peer.paths.root)
        .args(["rm", "--cached", "--quiet", "--"])
        .args(&paths)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let is_done = status.is_ok_and(|status| status.success());
    is_done.then(|| format!("git no longer tracks {}; commit that", counted(paths.len(), "file")))
}
