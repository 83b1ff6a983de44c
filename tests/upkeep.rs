//! Looking after a project: what is found, what mends it, and what cleaning leaves alone.

#![expect(clippy::indexing_slicing, reason = "a test may panic")]

mod archives;
mod cleaning;
mod damage;
mod forgetting;
mod scoped;
mod strays;

use callboard_engine::artifacts::{self, Handed, NewArtifact};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::artifact::Artifact;
use callboard_engine::domain::id::SessionId;
use callboard_engine::upkeep::cleanup::{self, Cleared, Item, Sort, Wanted};
use callboard_engine::upkeep::validate::{self, Aim, Level};
use callboard_engine::upkeep::{Cancel, Finding, Severity, Work};

use crate::scene::Scene;

/// Everything that is wrong, notes apart.
fn wrong(scene: &Scene) -> Vec<Finding> {
    let mut found = all(scene, Level::FullAudit);
    found.retain(|finding| finding.severity != Severity::Note);
    found
}

fn all(scene: &Scene, level: Level) -> Vec<Finding> {
    let aim = Aim { level, session: None };
    validate::validate(&scene.peer, aim, Work::quiet(&Cancel::new())).unwrap()
}

fn lies_about(scene: &Scene, sorts: &[Sort]) -> Vec<Item> {
    cleanup::look(&scene.peer, &Wanted::of(sorts), Work::quiet(&Cancel::new())).unwrap()
}

fn clear(scene: &Scene, actor: &Actor, sorts: &[Sort]) -> Cleared {
    let items = lies_about(scene, sorts);
    cleanup::carry_out(&scene.peer, actor, items, Work::quiet(&Cancel::new())).unwrap()
}

/// Writes into the database what no command would.
fn tamper(scene: &Scene, sql: &str) {
    let connection = rusqlite::Connection::open(scene.peer.paths.database()).unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    connection.execute_batch(sql).unwrap();
}

/// An artifact that is stored with a session.
fn stored(scene: &Scene, session: SessionId) -> Artifact {
    let new = NewArtifact {
        session,
        task: None,
        kind: None,
        title: "Notes".to_owned(),
        summary: String::new(),
        handed: Handed::Text("what was found".to_owned()),
    };
    artifacts::record(&scene.peer, Actor::agent("a"), &new).unwrap().0
}
