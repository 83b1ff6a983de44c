//! A database from before there were artifacts of their own: what somebody put there is kept.

use callboard_engine::clock::Clock;
use callboard_engine::domain::artifact::{ArtifactState, Storage};
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;
use callboard_engine::query::{artifacts, sessions};
use callboard_engine::store::audit;
use rusqlite::Connection;

use crate::scene::NOON;

const EARLIER: [&str; 4] = [
    include_str!("../../migrations/0001_board.sql"),
    include_str!("../../migrations/0002_documents.sql"),
    include_str!("../../migrations/0003_quarantine.sql"),
    include_str!("../../migrations/0004_modes.sql"),
];

const ROWS: &str = "
INSERT INTO orchestration_sessions (id, name, goal, state, mode, created_at, updated_at, state_since, version, touched_at)
    VALUES ('s-00000001', 'Work', '', 'suspended', 'default_roles', 1, 1, 1, 1, 1);
INSERT INTO session_artifacts VALUES
    ('a-00000001', 's-00000001', NULL, 'code', 'main', 'old', NULL, '[\"src/main.rs\"]', 'human', 5),
    ('a-00000002', 's-00000001', NULL, 'code', 'main', 'new', NULL, '[\"src/main.rs\"]', 'human', 6),
    ('odd', 's-00000001', 't-00000001', 'design', 'text', 'a text', '# It', 'no json', 'agent:a', 7);
PRAGMA user_version = 4;";

#[test]
fn rows_that_were_put_there_by_hand_are_kept_and_texts_become_context() {
    let directory = tempfile::tempdir().unwrap();
    let paths = ProjectPaths::at(directory.path());
    paths.prepare().unwrap();
    let database = Connection::open(paths.database()).unwrap();
    for sql in EARLIER {
        database.execute_batch(sql).unwrap();
    }
    database.execute_batch(ROWS).unwrap();
    drop(database);
    let peer = Peer::open(&paths, Clock::fixed(NOON)).unwrap();
    let session = "s-00000001".parse().unwrap();
    let editions =
        peer.readers.read(|reader| artifacts::editions(reader, session, "main")).unwrap();
    let told: Vec<(u32, &str, Storage, ArtifactState)> = editions
        .iter()
        .map(|one| (one.edition, one.summary.as_str(), one.storage, one.state))
        .collect();
    let (storage, state) = (Storage::Referenced, ArtifactState::Changed);
    assert_eq!(told, [(2, "new", storage, state), (1, "old", storage, state)]);
    let key = "artifact/t-00000001";
    let entry = peer.readers.read(|reader| sessions::context_entry(reader, session, key)).unwrap();
    assert_eq!(entry.unwrap().value["detailed_work"], "# It");
    let findings = peer.readers.read(audit::findings).unwrap();
    assert!(findings.iter().all(|one| !one.contains("edition")), "{findings:?}");
}
