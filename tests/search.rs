//! Search: what is found, in which order, and that nothing anybody types is a mistake.

mod texts;

use callboard_engine::domain::command::{
    Command, CreateTasks, Dependents, MoveSession, NewGroup, NewTask, SetContext, UpdateGroup,
};
use callboard_engine::domain::id::{SessionId, TaskId};
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::refusal::Code;
use callboard_engine::domain::session::SessionMove;
use callboard_engine::domain::task::Status;
use callboard_engine::query::search::{Found, Kind, Mode, Scope, SearchQuery, search};
use proptest::prelude::*;
use tokio_util::sync::CancellationToken;

use crate::bulk;
use crate::scene::{NOON, Scene, status};

fn found(scene: &Scene, query: &SearchQuery) -> Found {
    scene.peer.readers.read(|reader| search(reader, query)).unwrap()
}

fn titles(scene: &Scene, text: &str) -> Vec<String> {
    let found = found(scene, &SearchQuery::new(text, NOON));
    found.hits.into_iter().map(|hit| hit.title.text).collect()
}

fn create(scene: &Scene, session: SessionId, tasks: Vec<NewTask>) -> Vec<TaskId> {
    let command = Command::CreateTasks(CreateTasks { session_id: session, tasks });
    let Answer::Created(made) = scene.does("human", command) else { panic!() };
    made.into_iter().map(|one| one.id).collect()
}

fn task(title: &str, description: &str) -> NewTask {
    NewTask { title: title.to_owned(), description: description.to_owned(), ..NewTask::default() }
}

/// A session with a bit of everything.
fn board() -> (Scene, SessionId) {
    let (scene, session) = Scene::live();
    let tags = vec!["auth".to_owned()];
    let made = create(
        &scene,
        session,
        vec![
            task("Fix the login form", "It forgets the name that was typed."),
            task("Write release notes", "Mention the new login form and the café theme."),
            NewTask { tags, role: Some("tester".to_owned()), ..task("Check passwords", "") },
            task("Login", "Sign in with a second factor."),
        ],
    );
    let [_, notes, _, login] = made.as_slice() else { panic!() };
    scene.does("agent:codex", status(*notes, Status::Active));
    scene.does("human", status(*login, Status::Completed));
    let group = NewGroup {
        id: None,
        session_id: session,
        name: "Accounts".to_owned(),
        parent: None,
        description: "Everything about signing in.".to_owned(),
        role: None,
    };
    scene.does("human", Command::CreateGroup(group));
    let context = SetContext {
        session_id: session,
        key: "decision/database".to_owned(),
        value: "We keep accounts in SQLite.\nNo server.".into(),
        if_version: None,
    };
    scene.does("human", Command::SetContext(context));
    let text = "Please look at the passwords first.".to_owned();
    scene.does("human", Command::SendMessage { session_id: session, to: "codex".to_owned(), text });
    (scene, session)
}

#[test]
fn everything_is_found_by_its_words() {
    let (scene, _) = board();
    for (text, expected) in [
        ("login", vec!["Login", "Fix the login form", "Write release notes"]),
        ("login form", vec!["Fix the login form", "Write release notes"]),
        ("\"login form\" -release", vec!["Fix the login form"]),
        ("pass*", vec!["Check passwords", "human to codex"]),
        ("auth", vec!["Check passwords"]),
        ("CAFE", vec!["Write release notes"]),
        ("theme OR factor", vec!["Write release notes", "Login"]),
        ("in:title login", vec!["Login", "Fix the login form"]),
        ("login status:open", vec!["Fix the login form", "Write release notes"]),
        ("status:active", vec!["Write release notes"]),
        ("login is:completed", vec!["Login"]),
        ("role:tester", vec!["Check passwords"]),
        ("accounts", vec!["Accounts", "decision/database"]),
        ("server type:context", vec!["decision/database"]),
        ("type:session work", vec!["Work"]),
        ("passwords by:human type:message", vec!["human to codex"]),
        ("login since:2027-01-01", vec![]),
        ("login since:7d until:2027-01-01 in:title", vec!["Login", "Fix the login form"]),
        ("", vec![]),
    ] {
        assert_eq!(titles(&scene, text), expected, "{text}");
    }
}

#[test]
fn what_was_found_is_marked_in_the_title_and_in_a_piece_of_the_text() {
    let (scene, _) = board();
    let found = found(&scene, &SearchQuery::new("login form", NOON));
    assert_eq!((found.total, found.at_least, found.cursor), (2, false, None));
    let [first, second] = found.hits.as_slice() else { panic!() };
    assert_eq!(first.title.with_signs("**"), "Fix the **login** **form**");
    assert_eq!(first.excerpt, None);
    let (field, excerpt) = second.excerpt.as_ref().unwrap();
    assert_eq!(
        (field.as_str(), excerpt.with_signs("**").as_str()),
        ("description", "Mention the new **login** **form** and the café theme.")
    );
}

#[test]
fn what_is_changed_is_found_as_it_is_now() {
    let (scene, session) = board();
    let groups =
        scene.peer.readers.read(|reader| callboard_engine::query::groups::all(reader, session));
    let update = UpdateGroup {
        id: groups.unwrap()[0].id,
        name: Some("Identity".to_owned()),
        description: None,
        role: None,
        if_version: None,
    };
    scene.does("human", Command::UpdateGroup(update));
    let key = "decision/database".to_owned();
    scene.does("human", Command::RemoveContext { session_id: session, key });
    assert_eq!(titles(&scene, "accounts"), [""; 0]);
    assert_eq!(titles(&scene, "identity"), ["Identity"]);
    scene.does("human", Command::Undo { seq: None });
    assert_eq!(titles(&scene, "accounts"), ["decision/database"]);
}

#[test]
fn a_misspelled_word_finds_what_was_meant_and_says_so() {
    let (scene, _) = board();
    let fuzzy = found(&scene, &SearchQuery::new("relaese ntoes", NOON));
    assert_eq!(fuzzy.instead.as_deref(), Some("release notes"));
    assert_eq!(fuzzy.hits[0].title.with_signs("_"), "Write _release_ _notes_");
    let exact = SearchQuery { mode: Mode::Exact, ..SearchQuery::new("relaese", NOON) };
    let exact = found(&scene, &exact);
    assert_eq!((exact.total, exact.suggestions), (0, vec!["release".to_owned()]));
}

#[test]
fn a_common_word_within_a_session_finds_an_old_task_that_has_it_in_its_title() {
    let (scene, session) = Scene::live();
    create(&scene, session, vec![task("A cart and its order", "")]);
    for _ in 0..30 {
        let many = |index| task(&format!("Step {index}"), "About the cart.");
        create(&scene, session, (0..50).map(many).collect());
    }
    let query = SearchQuery { scope: Scope::Current, ..SearchQuery::new("cart", NOON) };
    let found = found(&scene, &query);
    assert_eq!(found.hits[0].title.text, "A cart and its order");
    assert_eq!(found.total, 1_501);
    assert!(!found.at_least);
}

#[test]
fn a_scope_leaves_other_sessions_out() {
    let (scene, _) = board();
    let command = MoveSession::plain(scene.live_session(), SessionMove::Suspend);
    scene.does("human", Command::MoveSession(command));
    scene.session("Later work");
    let of = |scope| found(&scene, &SearchQuery { scope, ..SearchQuery::new("login", NOON) }).total;
    assert_eq!([Scope::All, Scope::Current, Scope::Archived].map(of), [3, 0, 0]);
    assert_eq!(titles(&scene, "login session:Work").len(), 3);
    let query = SearchQuery::new("login session:nowhere", NOON);
    let refusal = scene.peer.readers.read(|reader| search(reader, &query)).unwrap_err();
    assert_eq!(refusal.code, Code::UnknownId);
}

#[test]
fn pages_follow_each_other_without_gaps() {
    let (scene, session) = Scene::live();
    let tasks = (0..45).map(|index| task(&format!("Widget {index}"), "")).collect();
    create(&scene, session, tasks);
    let mut query = SearchQuery { limit: 20, ..SearchQuery::new("widget", NOON) };
    let mut seen = std::collections::BTreeSet::new();
    loop {
        let page = found(&scene, &query);
        assert_eq!(page.total, 45);
        seen.extend(page.hits.into_iter().map(|hit| hit.id));
        query.cursor = page.cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 45);
}

#[test]
fn a_search_that_nobody_wants_any_more_ends() {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("callboard.db");
    bulk::fill(&database, 20_000).unwrap();
    let readers = callboard_engine::store::Readers::new(database);
    let stop = CancellationToken::new();
    let query = SearchQuery::new("task what", NOON);
    let late = stop.clone();
    let stopped = readers.read_unless(&stop, |reader| {
        late.cancel();
        search(reader, &query)
    });
    assert_eq!(stopped.unwrap_err().code, Code::Busy);
    let again = readers.read_unless(&CancellationToken::new(), |reader| search(reader, &query));
    assert_eq!(again.unwrap().total, 1_000);
}

#[test]
fn a_database_from_before_the_index_is_filled_when_it_is_opened() {
    let (scene, _) = board();
    let path = scene.peer.paths.database();
    let Scene { directory, peer, clock } = scene;
    drop(peer);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let made: Vec<String> = connection
        .prepare("SELECT 'DROP ' || type || ' ' || name FROM sqlite_master WHERE type IN ('table', 'trigger', 'view', 'index')
             AND (type = 'view' OR name GLOB 'search_*' OR name GLOB 'task_search_*_plain' OR name IN
                 ('record_search', 'task_words', 'record_words', 'artifact_texts', 'task_search_updated', 'documents_written'))
             ORDER BY type DESC, name = 'record_search'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for sql in made {
        connection.execute_batch(&sql).unwrap();
    }
    for sql in [
        include_str!("../migrations/0006_search.sql"),
        include_str!("../migrations/0008_search_texts.sql"),
    ] {
        connection.execute_batch(sql).unwrap();
    }
    drop(connection);
    let peer = callboard_engine::peer::Peer::open(
        &callboard_engine::paths::ProjectPaths::at(directory.path()),
        clock.clone(),
    )
    .unwrap();
    let scene = Scene { directory, peer, clock };
    assert_eq!(titles(&scene, "accounts"), ["Accounts", "decision/database"]);
    assert_eq!(titles(&scene, "passwords type:message"), ["human to codex"]);
    assert_eq!(titles(&scene, "type:session work"), ["Work"]);
}

/// Writes what would take long by commands.
fn tamper(scene: &Scene, sql: &str) {
    let connection = rusqlite::Connection::open(scene.peer.paths.database()).unwrap();
    connection.execute_batch(sql).unwrap();
}

fn context(session: SessionId, key: &str, value: &str) -> Command {
    Command::SetContext(SetContext {
        session_id: session,
        key: key.to_owned(),
        value: value.into(),
        if_version: None,
    })
}

#[test]
fn what_is_found_elsewhere_hides_nothing_that_is_searched_for() {
    let (scene, first) = Scene::live();
    scene.does("human", context(first, "old", "the login of before"));
    let second = scene.session_beside("Later");
    tamper(
        &scene,
        &format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
             INSERT INTO session_context_data (session_id, key, value, updated_at, version)
             SELECT '{second}', 'note ' || i, '\"login ' || i || '\"', {}, 1 FROM n",
            NOON.0
        ),
    );
    assert_eq!(titles(&scene, &format!("login session:{first}")), ["old"]);
    assert_eq!(titles(&scene, "login before"), ["old"]);
    let all = found(&scene, &SearchQuery::new("login", NOON));
    assert_eq!((all.total, all.at_least), (1_000, true));
}

#[test]
fn filters_alone_list_the_tasks_of_every_session() {
    let (scene, first) = Scene::live();
    create(&scene, first, vec![task("Before", "")]);
    let second = scene.session_beside("Later");
    create(&scene, second, vec![task("After", "")]);
    let found = found(&scene, &SearchQuery::new("status:pending", NOON));
    assert_eq!((found.total, found.at_least), (2, false));
}

#[test]
fn who_wrote_something_and_when_it_was_changed_counts() {
    let (scene, session) = Scene::live();
    scene.does("agent:codex", context(session, "choice", "first"));
    scene.does("human", context(session, "other", "first"));
    scene.clock.advance_ms(40 * 24 * 60 * 60_000);
    let now = scene.clock.now();
    let titles = |text: &str| -> Vec<String> {
        let found = found(&scene, &SearchQuery::new(text, now));
        found.hits.into_iter().map(|hit| hit.title.text).collect()
    };
    assert_eq!(titles("first by:codex"), ["choice"]);
    assert_eq!(titles("first since:7d"), [""; 0]);
    scene.does("human", context(session, "choice", "first and second"));
    assert_eq!(titles("first since:7d"), ["choice"]);
    assert_eq!(titles("first by:codex"), [""; 0], "who wrote it last");
    assert_eq!(titles("type:session work since:7d"), [""; 0]);
}

#[test]
fn a_query_that_names_nothing_is_known_as_such() {
    for (text, is_empty) in
        [("", true), ("*", true), ("- \"", true), ("login", false), ("status:open", false)]
    {
        assert_eq!(SearchQuery::new(text, NOON).is_empty(), is_empty, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_a_mistake(texts in prop::collection::vec(any_query(), 1..30)) {
        let (scene, _) = Scene::live();
        for text in texts {
            for mode in [Mode::Exact, Mode::Fuzzy] {
                let query = SearchQuery { mode, ..SearchQuery::new(text.clone(), NOON) };
                let found = scene.peer.readers.read(|reader| search(reader, &query));
                prop_assert!(found.is_ok() || text.contains("session:"), "{text:?}: {found:?}");
            }
        }
    }
}

/// Texts in which the signs of the query languages come often.
fn any_query() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        "[a-z\"*():^+\\-{}']{0,12}",
        prop::sample::select(vec![
            "AND",
            "OR",
            "NOT",
            "NEAR(a b)",
            "\"",
            "in:title",
            "status:",
            "since:",
            "type:x",
            "title:",
            "{title}:",
            "\0",
            "-\"",
            "work",
            "*",
            "^work",
            "tags:work*",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.join(" "))
}

#[test]
fn kinds_are_understood_by_all_their_names() {
    for (name, kind) in [("task_groups", Kind::Group), ("markdown_content", Kind::Note)] {
        assert_eq!(name.parse::<Kind>().unwrap(), kind);
    }
}
