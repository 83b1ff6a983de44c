//! A board, copies of its database, and what is in it.

use std::fs;
use std::path::PathBuf;

use callboard_engine::backup::restore::snapshot::OpenSnapshot;
use callboard_engine::domain::command::Command;
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::restore::{
    Ledger, MergeStrategy, Purpose, RestoreBackup, Restored, Source,
};
use callboard_engine::store::audit;

use crate::scene::Scene;

/// A copy of a database, as a backup holds it.
pub(crate) struct Copied {
    _directory: tempfile::TempDir,
    pub open: OpenSnapshot,
}

/// Copies the database of a scene in which nobody writes.
pub(crate) fn copied(scene: &Scene) -> Copied {
    copied_with(scene, "")
}

/// The same, and something else has written to the copy.
pub(crate) fn copied_with(scene: &Scene, sql: &str) -> Copied {
    let directory = tempfile::tempdir().unwrap();
    let from = scene.peer.paths.database();
    for suffix in ["", "-wal"] {
        let name = |path: &PathBuf| PathBuf::from(format!("{}{suffix}", path.display()));
        fs::copy(name(&from), name(&directory.path().join("callboard.db"))).unwrap();
    }
    if !sql.is_empty() {
        let copy = rusqlite::Connection::open(directory.path().join("callboard.db")).unwrap();
        copy.pragma_update(None, "foreign_keys", false).unwrap();
        copy.pragma_update(None, "ignore_check_constraints", true).unwrap();
        copy.execute_batch(sql).unwrap();
    }
    let open = OpenSnapshot::open(&directory.path().join("callboard.db")).unwrap();
    Copied { _directory: directory, open }
}

impl Copied {
    pub(crate) fn command(
        &self,
        scene: &Scene,
        strategy: MergeStrategy,
        names: &[&str],
    ) -> Command {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let wanted = self.open.named(&names).unwrap();
        self.of(scene, strategy, self.open.rows(&wanted).unwrap())
    }

    pub(crate) fn of(&self, scene: &Scene, strategy: MergeStrategy, source: Source) -> Command {
        Command::RestoreBackup(Box::new(RestoreBackup {
            reason: "from backup b-00000000".to_owned(),
            base: self.open.common_with(&scene.peer.readers).unwrap(),
            strategy,
            purpose: Purpose::Keep,
            source,
        }))
    }

    pub(crate) fn whole(&self, scene: &Scene) -> Command {
        self.of(scene, MergeStrategy::Replace, self.open.whole(Ledger::Taken).unwrap())
    }
}

pub(crate) fn tried(command: Command) -> Command {
    let Command::RestoreBackup(wanted) = command else { return command };
    Command::RestoreBackup(Box::new(RestoreBackup { purpose: Purpose::Try, ..*wanted }))
}

pub(crate) fn restored(answer: Result<Answer, Refusal>) -> Restored {
    let answer = answer.unwrap();
    let Answer::Restored(restored) = answer else { panic!("{answer:?}") };
    *restored
}

pub(crate) fn is_sound(scene: &Scene) {
    assert_eq!(scene.peer.readers.read(audit::findings).unwrap(), Vec::<String>::new());
}

/// Everything that a project holds, without what changes with every write.
pub(crate) fn content(scene: &Scene) -> Vec<String> {
    let copy = copied(scene);
    let Source::Sessions(sessions) = copy.open.rows(&copy.open.named(&[]).unwrap()).unwrap() else {
        panic!()
    };
    let mut lines = Vec::new();
    for session in sessions {
        let state = session.session.state;
        let (name, goal) = (&session.session.name, &session.session.goal);
        lines.push(format!("{} {name:?} {goal:?} {state}", session.session.id));
        lines.extend(session.records.into_iter().map(|record| {
            let mut fields = record.fields();
            for field in ["version", "updated_at", "claim", "claim_number"] {
                fields.remove(field);
            }
            format!("{} {}", record.key(), serde_json::Value::Object(fields))
        }));
    }
    lines.sort();
    lines
}
