//! Task templates: choosing one, filling it in with the plan below, putting it on the board.

use std::fs;

use callboard::overlay::Overlay;
use callboard_engine::query;
use callboard_engine::query::tasks::TaskQuery;
use insta::assert_snapshot;

use super::stage::Stage;

const ENDPOINT: &str = r#"
title: A new endpoint
parameters:
  name: { type: string, required: true, pattern: "[a-z-]+", description: Such as user-list }
  methods: { type: list, default: [GET] }
  public: { type: boolean }
tasks:
  - id: spec
    title: "Specify /{{ name }}"
    role: architect
    estimate: 1h
    group: API / Endpoints
  - id: build
    for_each: methods
    title: "Build {{ item }} /{{ name }}"
    depends_on: [spec]
    children:
      - title: "Test {{ item }} /{{ name }}"
  - title: "Document /{{ name }}"
    when: public
"#;

fn stage(width: u16, height: u16) -> Stage {
    let stage = Stage::busy(width, height);
    let folder = stage.peer.paths.task_templates();
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("endpoint.yaml"), ENDPOINT).unwrap();
    stage
}

fn titles(stage: &Stage) -> Vec<String> {
    let session = stage.model.session_id().unwrap();
    let page =
        stage.peer.readers.read(|reader| query::tasks::list(reader, &TaskQuery::new(session)));
    page.unwrap().items.into_iter().map(|row| row.title).collect()
}

#[test]
fn a_template_is_filled_in_with_its_plan_below_and_applied_at_once() {
    let mut stage = stage(110, 34);
    let before = titles(&stage).len();
    stage.press("I \"endpoint\" Enter");
    assert_snapshot!("empty", stage.screen());
    stage.press("\"user-list\" Tab Enter \"PUT\" Tab Right");
    assert_snapshot!("filled", stage.screen());
    stage.press("Ctrl-s");
    assert!(stage.model.overlay.is_none(), "{}", stage.screen());
    let after = titles(&stage);
    assert_eq!(after.len(), before + 6);
    assert!(after.contains(&"Test PUT /user-list".to_owned()), "{after:?}");
    assert!(stage.model.board.groups.iter().any(|row| row.path == "API / Endpoints"));
    stage.press("u");
    assert_eq!(titles(&stage).len(), before, "one undo takes all of it back");
}

#[test]
fn what_is_missing_is_said_and_the_form_stays() {
    let mut stage = stage(80, 24);
    stage.press("I \"endpoint\" Enter");
    stage.press("\"User List\" Ctrl-s");
    assert!(matches!(stage.model.overlay, Some(Overlay::TemplateForm(_))));
    assert_snapshot!("fault", stage.screen());
    stage.press("Esc");
    assert!(stage.model.overlay.is_some(), "closing is asked once");
    stage.press("Esc");
    assert!(stage.model.overlay.is_none());
}

#[test]
fn a_plan_goes_into_the_group_under_the_cursor_where_that_is_wanted() {
    let mut stage = stage(110, 34);
    stage.press("g I \"endpoint\" Enter");
    stage.press("\"user-list\" Tab Tab Tab Right Ctrl-s");
    assert!(stage.model.board.groups.iter().any(|row| row.path == "Backend / API / Endpoints"));
}

#[test]
fn a_template_with_problems_cannot_be_chosen_and_says_why() {
    let mut stage = stage(110, 34);
    let file = stage.peer.paths.task_templates().join("endpoint.yaml");
    fs::write(file, ENDPOINT.replace("depends_on: [spec]", "depends_on: [spek]")).unwrap();
    stage.press("I \"endpoint\"");
    assert!(stage.screen().contains("spek"), "{}", stage.screen());
    stage.press("Enter");
    assert!(!matches!(stage.model.overlay, Some(Overlay::TemplateForm(_))));
}
