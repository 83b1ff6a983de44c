//! What is recorded of artifacts, whatever lies on the disk.

use callboard_engine::domain::artifact::{
    Artifact, ArtifactCheck, ArtifactState, RecordArtifact, Storage,
};
use callboard_engine::domain::command::Command;
use callboard_engine::domain::id::{ArtifactId, SessionId};
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::record::{Record, RecordKey};
use callboard_engine::domain::refusal::Code;
use callboard_engine::query::artifacts::{self, ArtifactFilter, Editions, ToCheck};
use callboard_engine::query::changes::{self, ChangeQuery};
use callboard_engine::store::{Reader, audit, effort};

use crate::scene::Scene;

const UNDO: Command = Command::Undo { seq: None };

/// A reference to `docs/<title>.md`, whose content is told by a digit.
fn reference(session_id: SessionId, title: &str, digit: char) -> RecordArtifact {
    RecordArtifact {
        lost: None,
        text: String::new(),
        id: None,
        session_id,
        task_id: None,
        kind: "design".to_owned(),
        title: title.to_owned(),
        summary: String::new(),
        storage: Storage::Referenced,
        path: format!("docs/{title}.md"),
        size: 12,
        hash: digit.to_string().repeat(64),
    }
}

fn record(scene: &Scene, wanted: RecordArtifact) -> (Artifact, Option<ArtifactId>) {
    let answer = scene.does("agent:a", Command::RecordArtifact(wanted));
    let Answer::Artifact { artifact, replaces } = answer else { panic!("{answer:?}") };
    (*artifact, replaces)
}

fn editions(scene: &Scene, session: SessionId, title: &str) -> Vec<u32> {
    let read = scene.peer.readers.read(|reader| artifacts::editions(reader, session, title));
    read.unwrap().iter().map(|artifact| artifact.edition).collect()
}

fn stands(scene: &Scene, id: ArtifactId) -> ArtifactState {
    scene.peer.readers.read(|reader| artifacts::get(reader, id)).unwrap().state
}

fn findings(scene: &Scene) -> Vec<String> {
    scene.peer.readers.read(audit::findings).unwrap()
}

#[test]
fn new_content_under_a_title_is_its_next_edition_and_older_ones_stay() {
    let (scene, session) = Scene::live();
    let (first, replaces) = record(&scene, reference(session, "plan", '1'));
    assert_eq!((first.edition, replaces), (1, None));
    let (second, replaces) = record(&scene, reference(session, "plan", '2'));
    assert_eq!((second.edition, replaces), (2, Some(first.id)));
    record(&scene, reference(session, "other", '2'));
    assert_eq!(editions(&scene, session, "plan"), [2, 1]);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn what_says_nothing_new_changes_nothing() {
    let (scene, session) = Scene::live();
    let (first, _) = record(&scene, reference(session, "plan", '1'));
    let before = scene.latest();
    assert_eq!(record(&scene, reference(session, "plan", '1')), (first, None));
    assert_eq!(scene.latest(), before);
}

#[test]
fn a_recording_is_taken_back_and_brought_back() {
    let (scene, session) = Scene::live();
    let (artifact, _) = record(&scene, reference(session, "plan", '1'));
    scene.does("agent:a", UNDO);
    assert_eq!(editions(&scene, session, "plan"), Vec::<u32>::new());
    scene.does("agent:a", Command::Redo);
    let found = scene.peer.readers.read(|reader| artifacts::get(reader, artifact.id)).unwrap();
    assert_eq!(Artifact { version: 1, ..found }, artifact);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn a_recording_that_was_taken_back_does_not_come_back_beside_a_later_edition() {
    let (scene, session) = Scene::live();
    record(&scene, reference(session, "plan", '1'));
    scene.does("agent:a", UNDO);
    let taken_back = scene.latest();
    record(&scene, reference(session, "plan", '2'));
    let again = Command::Undo { seq: Some(taken_back) };
    assert_eq!(scene.refused_code("agent:a", again), Code::CannotUndo);
}

#[test]
fn what_a_look_at_a_file_found_is_seen_and_not_decided() {
    let (scene, session) = Scene::live();
    let (artifact, _) = record(&scene, reference(session, "plan", '1'));
    let check =
        |state| Command::NoteArtifacts { checks: vec![ArtifactCheck { id: artifact.id, state }] };
    scene.does("system", check(ArtifactState::Missing));
    assert_eq!(stands(&scene, artifact.id), ArtifactState::Missing);
    let seen = scene.latest();
    scene.clock.advance_ms(60_000);
    scene.does("system", check(ArtifactState::Missing));
    assert_eq!(scene.latest(), seen, "what stands as before is no change");
    let found = scene.peer.readers.read(|reader| artifacts::get(reader, artifact.id)).unwrap();
    assert_eq!(found.checked_at, scene.clock.now());
    assert_eq!(scene.refused_code("human", Command::Undo { seq: Some(seen) }), Code::CannotUndo);
    scene.does("agent:a", UNDO);
    assert_eq!(editions(&scene, session, "plan"), Vec::<u32>::new());
}

#[test]
fn recordings_of_another_form_are_refused() {
    let (scene, session) = Scene::live();
    let with = |change: fn(&mut RecordArtifact)| {
        let mut wanted = reference(session, "plan", '1');
        change(&mut wanted);
        Command::RecordArtifact(wanted)
    };
    let cases: [(Command, Code); 7] = [
        (with(|wanted| wanted.title.clear()), Code::InvalidText),
        (with(|wanted| "a\nb".clone_into(&mut wanted.kind)), Code::InvalidText),
        (with(|wanted| "../x".clone_into(&mut wanted.path)), Code::InvalidValue),
        (with(|wanted| ".git/config".clone_into(&mut wanted.path)), Code::InvalidValue),
        (with(|wanted| wanted.hash.clear()), Code::InvalidValue),
        (with(|wanted| wanted.size = u64::MAX), Code::TooMuch),
        (with(|wanted| wanted.task_id = Some("t-00000000".parse().unwrap())), Code::UnknownId),
    ];
    for (command, code) in cases {
        assert_eq!(scene.refused_code("agent:a", command.clone()), code, "{command:?}");
    }
}

#[test]
fn lists_are_paged_and_filtered() {
    let (scene, session) = Scene::live();
    for digit in '1'..='5' {
        record(&scene, reference(session, &format!("plan {digit}"), digit));
    }
    let list = |filter: ArtifactFilter| {
        scene.peer.readers.read(|reader| artifacts::list(reader, &filter)).unwrap()
    };
    let titles = |items: &[artifacts::ArtifactItem]| -> Vec<String> {
        items.iter().map(|item| item.artifact.title.clone()).collect()
    };
    let filter = ArtifactFilter { session: Some(session), limit: 3, ..ArtifactFilter::default() };
    let first = list(filter.clone());
    assert_eq!(titles(&first.items), ["plan 5", "plan 4", "plan 3"]);
    let rest = list(ArtifactFilter { cursor: first.cursor, ..filter.clone() });
    assert_eq!(
        (titles(&rest.items), rest.cursor),
        (vec!["plan 2".to_owned(), "plan 1".to_owned()], None)
    );
    assert_eq!(first.total, Some(5));
    let missing = ArtifactFilter { state: Some(ArtifactState::Missing), ..filter };
    assert_eq!(list(missing).items, Vec::new());
}

#[test]
fn the_feed_tells_of_artifacts_and_their_records_are_read_back() {
    let (scene, session) = Scene::live();
    let (artifact, _) = record(&scene, reference(session, "plan", '1'));
    let key = RecordKey::Artifact(artifact.id);
    assert_eq!(key.to_string().parse(), Ok(key.clone()));
    let query = ChangeQuery { record: Some(key.to_string()), limit: 10, ..ChangeQuery::default() };
    let history = scene.peer.readers.read(|reader| changes::list(reader, &query)).unwrap();
    let verbs: Vec<&str> = history.iter().map(|change| change.verb.as_str()).collect();
    assert_eq!(verbs, ["artifact.recorded"]);
    let kept = history[0].after.clone().unwrap();
    assert_eq!(Record::from_fields(&key, kept), Some(Record::Artifact(Box::new(artifact))));
}

#[test]
fn no_list_of_artifacts_walks_them_all_or_sorts() {
    let (scene, session) = Scene::live();
    let (artifact, _) = record(&scene, reference(session, "plan", '1'));
    let task = Some("t-00000000".parse().unwrap());
    let in_session =
        ArtifactFilter { session: Some(session), limit: 5, ..ArtifactFilter::default() };
    let filters = [
        in_session.clone(),
        ArtifactFilter { editions: Editions::Newest, ..in_session.clone() },
        ArtifactFilter { kind: Some("design".to_owned()), ..in_session.clone() },
        ArtifactFilter { state: Some(ArtifactState::Missing), ..in_session.clone() },
        ArtifactFilter { task, ..in_session },
    ];
    let look = |reader: &Reader| {
        for filter in &filters {
            artifacts::list(reader, filter)?;
        }
        artifacts::editions(reader, session, "plan")?;
        artifacts::is_named(reader, &artifact.path)?;
        for wanted in [ToCheck::Session(session), ToCheck::One(artifact.id)] {
            artifacts::to_check(reader, wanted, 0, 10)?;
        }
        Ok(())
    };
    let database = scene.peer.paths.database();
    let ((), efforts) = effort::of(&database, look).unwrap();
    for effort in efforts {
        let plan = effort.plan.join("; ");
        assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN"), "{plan}: {}", effort.sql);
    }
}
