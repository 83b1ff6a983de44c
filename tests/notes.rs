//! Notes: what people write into documents beside the records is found by its words.

use std::fs;
use std::path::PathBuf;

use callboard_engine::domain::id::SessionId;
use callboard_engine::query::search::{Hit, Kind, SearchQuery, search};
use callboard_engine::sync::keeper::{self, SyncOptions};
use callboard_engine::sync::layout;

use crate::scene::{NOON, Scene};

fn sync(scene: &Scene) {
    keeper::once(&scene.peer, SyncOptions::default()).unwrap().unwrap();
}

fn document(scene: &Scene, session: SessionId, name: &str) -> PathBuf {
    let home = scene.peer.paths.task_orchestrator();
    home.join(layout::find_directory(&home, session).unwrap()).join(name)
}

fn edit(scene: &Scene, session: SessionId, name: &str, change: impl Fn(String) -> String) {
    let path = document(scene, session, name);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, change(text)).unwrap();
    sync(scene);
}

fn notes(scene: &Scene, text: &str) -> Vec<Hit> {
    let query = SearchQuery::new(text, NOON);
    let found = scene.peer.readers.read(|reader| search(reader, &query)).unwrap();
    found.hits.into_iter().filter(|hit| hit.kind == Kind::Note).collect()
}

fn excerpts(scene: &Scene, text: &str) -> Vec<String> {
    let told = notes(scene, text).into_iter();
    told.filter_map(|hit| hit.excerpt.map(|(_, excerpt)| excerpt.with_signs("_"))).collect()
}

#[test]
fn what_people_write_beside_the_records_is_found_where_it_stands_and_as_long_as_it_does() {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["schema", "api < schema"]);
    sync(&scene);
    assert_eq!(notes(&scene, "peculiar"), Vec::new());
    edit(&scene, session, "session.md", |text| text + "\nA peculiar remark about the schema.\n");
    edit(&scene, session, "tasks/active_tasks.md", |text| {
        text + "\n## Beside\n\nPeculiar things happen, says Zoë.\n"
    });
    let found = notes(&scene, "peculiar");
    let mut paths: Vec<&str> = found.iter().map(|hit| hit.id.rsplit('/').next().unwrap()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["active_tasks.md", "session.md"]);
    assert!(found.iter().all(|hit| hit.session_id == session && hit.title.text.contains(".md:")));
    assert_eq!(excerpts(&scene, "peculiar remark"), ["A _peculiar_ _remark_ about the schema."]);
    // By beginnings, phrases, and without accents, as everything else.
    for (text, count) in
        [("pecul*", 2), ("\"things happen\"", 1), ("zoe", 1), ("\"happen things\"", 0)]
    {
        assert_eq!(notes(&scene, text).len(), count, "{text}");
    }
    // What the documents tell of records is no note.
    assert_eq!(notes(&scene, "api"), Vec::new());
    assert_eq!(excerpts(&scene, "schema"), ["A peculiar remark about the _schema_."]);
    edit(&scene, session, "session.md", |text| text.replace("peculiar", "common"));
    assert_eq!(notes(&scene, "peculiar").len(), 1);
    assert_eq!(excerpts(&scene, "common"), ["A _common_ remark about the schema."]);
}

#[test]
fn notes_of_every_session_are_found_where_they_are_looked_for() {
    let (scene, first) = Scene::live();
    sync(&scene);
    edit(&scene, first, "session.md", |text| text + "\nOnly here: ocelot.\n");
    let second = scene.session_beside("Second");
    sync(&scene);
    edit(&scene, second, "session.md", |text| text + "\nThe ocelot again.\n");
    for (text, sessions) in [
        ("ocelot", vec![first, second]),
        ("ocelot session:Work", vec![first]),
        ("ocelot session:Second", vec![second]),
        ("ocelot session:current", vec![second]),
        ("ocelot session:archived", vec![]),
    ] {
        let mut found: Vec<_> = notes(&scene, text).iter().map(|hit| hit.session_id).collect();
        found.sort_by_key(|session| *session != first);
        assert_eq!(found, sessions, "{text}");
    }
}
