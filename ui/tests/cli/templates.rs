//! The templates of documents.

use std::fs;

use super::program::Program;

#[test]
fn templates_are_ejected_once_and_checked() {
    let program = Program::project();
    let folder = program.path().join(".task_orchestrator/templates/documents");
    assert!(program.done(&["templates", "check"]).contains("no templates of its own"));
    program.done(&["templates", "eject", "session"]);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    program.done(&["templates", "eject"]);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 8);
    let checked = program.json(&["templates", "check"]);
    let fit = checked.as_array().unwrap().iter().all(|one| one["fit"] == true);
    assert!(fit, "{checked}");
    let own = folder.join("session.md.tera");
    fs::write(&own, "mine").unwrap();
    assert!(program.done(&["templates", "eject"]).contains("--force replaces it"));
    assert_eq!(fs::read_to_string(&own).unwrap(), "mine");
    program.done(&["templates", "eject", "session", "--force"]);
    assert_ne!(fs::read_to_string(&own).unwrap(), "mine");
    assert!(program.refused(2, &["templates", "eject", "sesion"]).contains("active_tasks"));
}

#[test]
fn an_unfit_template_is_told_with_its_line() {
    let program = Program::project();
    let folder = program.path().join(".task_orchestrator/templates/documents");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("session.md.tera"), "# Mine\n\n{{ sesion.name }}\n").unwrap();
    fs::write(folder.join("active_task.md.tera"), "").unwrap();
    let ran = program.run(&["templates", "check"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("session.md.tera:3: Variable `sesion` is not defined"), "{ran:?}");
    assert!(ran.out.contains("no template has this name"), "{ran:?}");
}
