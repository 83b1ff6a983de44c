//! What is in force while a file is broken, gone, or missed.

use super::*;

#[test]
fn a_session_keeps_working_through_every_step_of_recovery() {
    let scene = Scene::new();
    scene.write_mode("roles/project_roles.yaml", &role("gardener"));
    scene.session("Work");
    let following = scene.follow();
    let broken = "gardener: [";
    let file = "roles/project_roles.yaml";

    scene.write_mode(file, broken);
    until("a backup is in force", || scene.source() == ModeSource::Backup);
    assert_eq!(scene.role_names(), ["gardener"]);
    assert_eq!(fs::read_to_string(scene.mode_path(file)).unwrap(), broken, "never written over");
    let last = scene.bindings().remove(0);
    assert_eq!(last.actor, Actor::System);
    assert!(last.reason.unwrap().contains("project_roles.yaml:1"));

    scene.write_mode(file, &role("florist"));
    until("the mended file is in force", || scene.source() == ModeSource::File);
    assert_eq!(scene.role_names(), ["florist"]);

    let backups = scene.mode_path("backups/modes");
    scene.select(&Actor::Human, "research").unwrap();
    fs::remove_dir_all(&backups).unwrap();
    fs::remove_file(scene.mode_path("roles/research.yaml")).unwrap();
    until("the built-in file is in force", || scene.source() == ModeSource::BuiltIn);
    assert_eq!(scene.binding().problem.as_deref(), Some("its file is gone"));

    scene.write_mode("roles/custom_modes/own.yaml", &role("writer"));
    scene.select(&Actor::Human, "own").unwrap();
    fs::remove_dir_all(&backups).unwrap();
    scene.write_mode("roles/default_roles.yaml", &role("usher"));
    scene.write_mode("roles/custom_modes/own.yaml", broken);
    until("the default roles are in force", || scene.source() == ModeSource::DefaultRoles);
    assert_eq!(scene.role_names(), ["usher"]);

    scene.write_mode("roles/custom_modes/own.yaml", &role("writer"));
    until("the mended file is in force", || scene.source() == ModeSource::File);
    let folder = callboard_engine::modes::ModesFolder::of(&scene.peer.paths);
    until("it is backed up", || !folder.backups_of("own").is_empty());
    fs::remove_dir_all(&backups).unwrap();
    scene.write_mode("roles/default_roles.yaml", broken);
    scene.write_mode("roles/custom_modes/own.yaml", "x: [");
    until("what is compiled in is in force", || scene.source() == ModeSource::CompiledIn);
    assert!(4 <= scene.binding().attempts.len(), "{:?}", scene.binding().attempts);
    assert_eq!(scene.in_force().0.mode, "own", "it goes on to be bound to its name");
    drop(following);
}

#[test]
fn a_file_that_broke_while_nobody_followed_is_looked_at_when_the_session_is_taken_up_again() {
    let scene = Scene::new();
    let session = scene.session("Work");
    let go = |to: SessionMove| Command::MoveSession(MoveSession::plain(session.id, to));
    scene.does("human", go(SessionMove::Suspend));
    scene.write_mode("roles/project_roles.yaml", "a: [");
    let Answer::Session(resumed) = scene.does("human", go(SessionMove::Resume)) else { panic!() };
    assert_eq!(resumed.binding.unwrap().source, ModeSource::Backup);
    scene.does("human", go(SessionMove::Suspend));
    scene.write_mode("roles/project_roles.yaml", &role("gardener"));
    scene.does("human", go(SessionMove::Resume));
    assert_eq!(scene.role_names(), ["gardener"]);
}

#[test]
fn a_file_that_vanished_is_not_made_anew_without_what_people_wrote_in_it() {
    let scene = Scene::new();
    let file = "roles/project_roles.yaml";
    let strict = format!("{}gates:\n  completed:\n    approval: true\n", role("gardener"));
    scene.write_mode(file, &strict);
    scene.session("Work");
    fs::remove_file(scene.mode_path(file)).unwrap();
    let folder = callboard_engine::modes::ModesFolder::of(&scene.peer.paths);
    folder.prepare().unwrap();
    assert!(!scene.mode_path(file).exists());
    let _following = scene.follow();
    until("the backup is in force", || scene.source() == ModeSource::Backup);
    assert_eq!(scene.in_force().1.gates.len(), 1);
}

#[test]
fn a_file_that_another_one_extends_is_missed_where_people_had_changed_it() {
    let scene = Scene::new();
    scene.write_mode("roles/default_roles.yaml", &role("usher"));
    scene.session("Work");
    assert!(scene.role_names().contains(&"usher".to_owned()));
    let _following = scene.follow();
    fs::remove_file(scene.mode_path("roles/default_roles.yaml")).unwrap();
    until("it is told", || scene.binding().problem.is_some());
    assert!(scene.source().is_recovered());
}
