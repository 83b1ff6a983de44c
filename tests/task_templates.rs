//! Task templates on a real board: all or nothing, twice, undone, refused half-way.

use std::fs;

use callboard_engine::domain::command::{Command, NewGroup};
use callboard_engine::domain::id::{GroupId, SessionId, TaskId};
use callboard_engine::domain::outcome::{Answer, Outcome};
use callboard_engine::domain::refusal::{Code, Refusal};
use callboard_engine::domain::task::{Priority, Status};
use callboard_engine::query::{self, groups};
use callboard_engine::task_templates::{Application, Library, Preview, Site, Source, created};
use serde_json::{Value, json};

use crate::scene::{Scene, status};

const PLAN: &str = "\
title: A plan
parameters:
  name: { type: string, required: true }
  last: { type: boolean, default: true }
groups:
  - id: outer
    name: \"{{ name }}\"
    description: Made by the plan.
    groups: [{ id: inner, name: Work, role: implementer }]
tasks:
  - id: first
    title: \"First of {{ name }}\"
    priority: high
    estimate: 2h
    tags: [plan]
    group: inner
    children:
      - { id: child, title: Child, role: tester }
  - { id: last, title: Last, depends_on: first, when: last }
";

fn library(scene: &Scene) -> Library {
    Library::open(&scene.peer.paths.task_templates())
}

/// Writes a template of the project.
fn write(scene: &Scene, name: &str, text: &str) {
    let folder = scene.peer.paths.task_templates();
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), text).unwrap();
}

fn preview(scene: &Scene, name: &str, given: Value) -> Preview {
    let Value::Object(given) = given else { panic!("a map") };
    library(scene).fit(name).unwrap().template.preview(&given)
}

fn application(
    scene: &Scene,
    preview: &Preview,
    (session, group, parent): (SessionId, Option<GroupId>, Option<TaskId>),
) -> Application {
    let groups = scene.peer.readers.read(|reader| groups::all(reader, session)).unwrap();
    preview.application(&Site { session, group, parent, groups: &groups }).unwrap()
}

fn apply(scene: &Scene, session: SessionId, given: Value) -> Result<Outcome, Refusal> {
    let preview = preview(scene, "plan", given);
    let command = application(scene, &preview, (session, None, None)).command;
    scene.submit("agent:one", command)
}

fn paths(scene: &Scene, session: SessionId) -> Vec<String> {
    let tree = scene.peer.readers.read(|reader| groups::tree(reader, session)).unwrap();
    tree.into_iter().map(|row| row.path).collect()
}

fn count(scene: &Scene, session: SessionId) -> usize {
    let query = query::tasks::TaskQuery::new(session);
    let page = scene.peer.readers.read(|reader| query::tasks::list(reader, &query)).unwrap();
    page.items.len()
}

#[test]
fn a_plan_is_made_at_once_and_one_undo_takes_it_back() {
    let (scene, session) = Scene::live();
    write(&scene, "plan.yaml", PLAN);
    let before = scene.latest();
    let outcome = apply(&scene, session, json!({ "name": "Login" })).unwrap();
    let made = created(&outcome);
    let locals: Vec<&str> = made.iter().map(|task| task.local.as_deref().unwrap()).collect();
    assert_eq!(locals, ["first", "child", "last"]);
    assert_eq!(paths(&scene, session), ["Login", "Login / Work"]);
    let first = scene.task(made[0].id);
    assert_eq!(first.title, "First of Login");
    assert_eq!((first.priority, first.estimate_minutes), (Priority::High, Some(120)));
    assert_eq!(first.role.as_deref(), Some("implementer"), "the group's");
    assert_eq!(scene.task(made[1].id).parent_id, Some(first.id));
    assert_eq!(scene.task(made[2].id).group_id, None);
    let read = scene.peer.readers.read(|reader| query::tasks::view(reader, made[2].id)).unwrap();
    assert_eq!(read.depends_on[0].id, first.id);

    let query =
        query::changes::ChangeQuery { after: Some(before), limit: 100, ..Default::default() };
    let changes = scene.peer.readers.read(|reader| query::changes::list(reader, &query)).unwrap();
    let commands: std::collections::BTreeSet<i64> =
        changes.iter().map(|change| change.command).collect();
    assert_eq!(commands.len(), 1, "one command");
    assert!(changes.iter().all(|one| one.reason.as_deref() == Some("task template plan")));

    scene.does("agent:one", Command::Undo { seq: None });
    assert_eq!(paths(&scene, session), Vec::<String>::new());
    assert_eq!(count(&scene, session), 0);
}

#[test]
fn applied_twice_it_makes_a_second_set_in_the_same_groups() {
    let (scene, session) = Scene::live();
    write(&scene, "plan.yaml", PLAN);
    let first = apply(&scene, session, json!({ "name": "Login" })).unwrap();
    let second = apply(&scene, session, json!({ "name": "login", "last": "no" })).unwrap();
    assert_eq!(paths(&scene, session), ["Login", "Login / Work"]);
    assert_eq!(count(&scene, session), 5);
    let group = |outcome: &Outcome| scene.task(created(outcome)[0].id).group_id;
    assert_eq!(group(&first), group(&second));
}

#[test]
fn a_plan_goes_into_a_group_or_below_a_task() {
    let (scene, session) = Scene::live();
    write(&scene, "plan.yaml", PLAN);
    let group = NewGroup {
        id: None,
        session_id: session,
        name: "Home".to_owned(),
        parent: None,
        description: String::new(),
        role: None,
    };
    let Answer::Group(home) = scene.does("human", Command::CreateGroup(group)) else { panic!() };
    let preview = preview(&scene, "plan", json!({ "name": "Login" }));
    let into = application(&scene, &preview, (session, Some(home.id), None));
    let outcome = scene.submit("human", into.command).unwrap();
    assert_eq!(paths(&scene, session), ["Home", "Home / Login", "Home / Login / Work"]);
    assert_eq!(scene.task(created(&outcome)[2].id).group_id, Some(home.id));

    let parent = created(&outcome)[2].id;
    let below = application(&scene, &preview, (session, None, Some(parent)));
    assert_eq!(below.notes, ["Below a task, all tasks are in that one's group."]);
    let outcome = scene.submit("human", below.command).unwrap();
    let root = scene.task(created(&outcome)[0].id);
    assert_eq!((root.parent_id, root.group_id), (Some(parent), Some(home.id)));
    assert_eq!(paths(&scene, session).len(), 3);
}

#[test]
fn what_a_rule_refuses_half_way_leaves_nothing() {
    let (scene, session) = Scene::live();
    write(&scene, "plan.yaml", PLAN);
    let preview = preview(&scene, "plan", json!({ "name": "Login" }));
    let done = scene.tasks(session, &["done"])[0];
    scene.does("human", status(done, Status::Completed));
    // The groups are fine; the tasks are refused after them.
    let mut command = application(&scene, &preview, (session, None, None)).command;
    let Command::Batch { commands, .. } = &mut command else { panic!() };
    assert_eq!(commands.len(), 3);
    let Some(Command::CreateTasks(create)) = commands.last_mut() else { panic!() };
    create.tasks[2].title = "x".repeat(300);
    assert_eq!(scene.refused_code("agent:one", command), Code::InvalidText);
    let below = application(&scene, &preview, (session, None, Some(done)));
    assert_eq!(scene.refused_code("agent:one", below.command), Code::IllegalMove);
    assert_eq!(paths(&scene, session), Vec::<String>::new());
    assert_eq!(count(&scene, session), 1);
}

#[test]
fn with_faults_there_is_no_command() {
    let (scene, session) = Scene::live();
    write(&scene, "plan.yaml", PLAN);
    let preview = preview(&scene, "plan", json!({ "nam": "Login", "last": 3 }));
    assert_eq!(preview.tasks[0].title, "First of ‹name›", "as much as can be told is shown");
    let site = Site { session, group: None, parent: None, groups: &[] };
    let refusal = preview.application(&site).unwrap_err();
    assert_eq!(refusal.code, Code::InvalidValue);
    assert_eq!(
        refusal.message,
        "the template plan cannot be applied: nam: the template has no such parameter \
         (did you mean name?); and 2 more"
    );
    assert_eq!(refusal.details["problems"].as_array().unwrap().len(), 3);
}

#[test]
fn files_of_the_project_come_first_and_say_so() {
    let scene = Scene::new();
    write(&scene, "feature.yaml", PLAN);
    write(&scene, "broken.yaml", "title: A\ntasks: [{ titel: x }]\n");
    write(&scene, "other.yml", PLAN);
    write(&scene, "odd name.yaml", PLAN);
    write(&scene, "notes.txt", "none");
    fs::write(scene.peer.paths.task_templates().join("bytes.yaml"), b"title: a\n\xff\n").unwrap();
    fs::create_dir(scene.peer.paths.task_templates().join("folder.yaml")).unwrap();
    let library = library(&scene);
    let names: Vec<&str> = library.names().collect();
    assert_eq!(
        names,
        [
            "broken",
            "bug_investigation",
            "bytes",
            "code_review",
            "feature",
            "odd name",
            "other",
            "refactoring",
            "release",
            "research",
        ]
    );
    let feature = library.fit("Feature").unwrap();
    assert_eq!(feature.template.title, "A plan");
    assert_eq!(feature.note().unwrap(), "The project's feature stands in for the built-in one.");
    assert!(matches!(library.fit("code-review").unwrap().source, Source::BuiltIn(_)));
    for (name, code, part) in [
        ("featur", Code::UnknownId, "there is no task template \"featur\""),
        ("broken", Code::InvalidValue, "broken.yaml:2:9: `title` of a task is missing"),
        ("bytes", Code::InvalidValue, "bytes.yaml:2:1: it is not text in UTF-8"),
        ("odd name", Code::InvalidValue, "a template cannot be called \"odd name\""),
        ("other", Code::InvalidValue, "does not end in `.yaml` (rename it to other.yaml)"),
    ] {
        let refusal = library.fit(name).unwrap_err();
        assert_eq!(refusal.code, code, "{name}");
        assert!(refusal.message.contains(part), "{}", refusal.message);
    }
    assert_eq!(library.fit("featur").unwrap_err().details["closest"], "feature");
}
