//! What is in a backup, and what becomes of one that cannot be made.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use callboard_engine::backup::archive::unwatched;
use callboard_engine::backup::{self, BackupError, Request};
use callboard_engine::domain::backup::{Integrity, Scope};
use callboard_engine::domain::refusal::{Code, Refusal};
use callboard_engine::query::{self, tasks::TaskQuery};

use super::{Unpacked, archive_of, create, lying, request, scratches};
use crate::scene::Scene;

/// A project with a session that has files, and files of the project beside it.
fn scene() -> (Scene, String) {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["api < schema", "schema"]);
    let folder = format!("sessions/work-{session}");
    for path in [
        &format!("{folder}/session.md"),
        &format!("{folder}/artifacts/work_products/-x y.txt"),
        "sessions/other-s-00000000/session.md",
        "roles/project_roles.yaml",
        "config.yaml",
        "backups/edits/kept.md",
        "run/endpoint.json",
        "callboard.before-v2.db",
        "sessions/.callboard-part-0000000000000001.tmp",
    ] {
        write(&scene, path, path);
    }
    (scene, folder)
}

fn write(scene: &Scene, path: &str, text: &str) {
    let path = scene.peer.paths.task_orchestrator().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn each_scope_has_its_own_files() {
    let (scene, folder) = scene();
    let own = [
        format!("files/{folder}/artifacts/work_products/-x y.txt"),
        format!("files/{folder}/session.md"),
    ];
    let other = "files/sessions/other-s-00000000/session.md".to_owned();
    let database = "callboard.db".to_owned();
    let sessions = [&[other][..], &own].concat();
    let full = [
        "files/.gitignore",
        "files/backups/edits/kept.md",
        "files/config.yaml",
        "files/roles/project_roles.yaml",
    ]
    .map(str::to_owned);
    for (scope, expected) in [
        (Scope::Database, vec![database.clone()]),
        (Scope::Session, [&[database.clone()][..], &own].concat()),
        (Scope::Documents, sessions.clone()),
        (Scope::All, [&[database.clone()][..], &sessions].concat()),
        (Scope::Full, [&[database][..], &full, &sessions].concat()),
    ] {
        let made = create(&scene, scope);
        let unpacked = Unpacked::of(&scene, &made);
        let mut paths = unpacked.paths();
        paths.sort_unstable();
        let mut expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        expected.sort_unstable();
        // What Callboard made of the modes is in a full one, too.
        let own = ["files/backups/modes/", "files/modes/", "files/roles/default_roles.yaml"];
        paths.retain(|path| !own.iter().any(|own| path.starts_with(own)));
        assert_eq!(paths, expected, "{scope}");
        for path in paths.iter().filter_map(|path| path.strip_prefix("files/")) {
            let (inside, there) = (
                unpacked.into.join("files").join(path),
                scene.peer.paths.task_orchestrator().join(path),
            );
            assert_eq!(fs::read(inside).unwrap(), fs::read(there).unwrap(), "{path}");
        }
        assert_eq!(made.integrity, Integrity::Valid);
        assert_eq!(scratches(&scene), 0);
    }
}

#[test]
fn the_database_in_a_backup_is_whole_and_what_it_was() {
    let (scene, _) = scene();
    let unpacked = Unpacked::of(&scene, &create(&scene, Scope::Database));
    assert_eq!(unpacked.findings(), Vec::<String>::new());
    assert_eq!(unpacked.manifest.head.seq, scene.latest());
    assert_eq!(unpacked.manifest.head.counts["tasks"], 2);
    assert_eq!(unpacked.manifest.head.counts["orchestration_sessions"], 1);
    let titles = |readers: &callboard_engine::store::Readers| {
        let page = readers
            .read(|reader| query::tasks::list(reader, &TaskQuery::new(scene.live_session())))
            .unwrap();
        page.items.into_iter().map(|row| row.title).collect::<Vec<_>>()
    };
    assert_eq!(titles(&unpacked.readers()), titles(&scene.peer.readers));
}

#[cfg(unix)]
#[test]
fn links_and_pipes_are_left_where_they_are_and_named() {
    let (scene, folder) = scene();
    let home = scene.peer.paths.task_orchestrator();
    std::os::unix::fs::symlink("/etc/passwd", home.join(&folder).join("passwd.md")).unwrap();
    std::os::unix::fs::symlink("/etc", home.join("sessions/etc")).unwrap();
    let pipe = home.join(&folder).join("pipe.md");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let unpacked = Unpacked::of(&scene, &create(&scene, Scope::All));
    let mut left: Vec<String> = unpacked
        .manifest
        .head
        .left_out
        .iter()
        .map(|left| format!("{}: {}", left.path, left.why))
        .collect();
    left.sort();
    assert_eq!(
        left,
        [
            "sessions/etc: a symbolic link".to_owned(),
            format!("{folder}/passwd.md: a symbolic link"),
            format!("{folder}/pipe.md: neither a file nor a folder"),
        ]
    );
    assert!(!unpacked.paths().iter().any(|path| path.contains("passwd") || path.contains("pipe")));
}

#[test]
fn a_name_that_is_more_than_a_name_is_refused_and_makes_nothing() {
    let (scene, _) = scene();
    let long = "x".repeat(10_000);
    for name in ["../x", "/tmp/x", "-x", "a\0b", "a/../../b", "", ".", &long] {
        let wanted = Request { name: Some(name.to_owned()), ..request(Scope::Database) };
        let refused = backup::create(&scene.peer, &wanted, &unwatched);
        assert!(matches!(refused, Err(BackupError::Refused(_))), "{name:?}");
    }
    assert_eq!(lying(&scene), Vec::<String>::new());
}

#[test]
fn a_session_that_does_not_exist_is_refused() {
    let (scene, _) = scene();
    let sessions = vec!["s-zzzzzzzz".parse().unwrap()];
    let wanted = Request { sessions, ..request(Scope::Session) };
    let refusal: Refusal = backup::create(&scene.peer, &wanted, &unwatched).unwrap_err().into();
    assert_eq!(refusal.code.as_str(), "unknown_id");
    assert_eq!((lying(&scene), scratches(&scene)), (Vec::new(), 0));
}

#[test]
fn whenever_it_is_called_off_nothing_is_left() {
    let (scene, _) = scene();
    let mut after = 0;
    loop {
        let told = std::cell::Cell::new(0);
        let watch = |_| {
            told.set(told.get() + 1);
            if after < told.get() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let made = backup::create(&scene.peer, &request(Scope::Full), &watch);
        assert_eq!(scratches(&scene), 0);
        if made.is_ok() {
            break;
        }
        assert!(matches!(made, Err(BackupError::Cancelled)), "{made:?}");
        assert_eq!(lying(&scene), Vec::<String>::new());
        after += 1;
    }
    assert!(10 < after, "it is asked often enough: {after}");
    assert_eq!(lying(&scene).len(), 1);
}

#[test]
fn where_the_folder_cannot_be_made_it_says_so_and_nothing_is_left() {
    let (scene, _) = scene();
    fs::write(scene.peer.paths.backups(), "a file in its place").unwrap();
    let refusal: Refusal =
        backup::create(&scene.peer, &request(Scope::All), &unwatched).unwrap_err().into();
    assert_eq!(refusal.code.as_str(), "store_failed");
    assert!(refusal.message.contains("archives"), "{refusal}");
    assert_eq!(scratches(&scene), 0);
}

#[test]
fn what_a_death_has_left_is_removed_by_the_next() {
    let (scene, _) = scene();
    let dead = scene.peer.paths.run().join("scratch-00000000000000aa");
    fs::create_dir_all(&dead).unwrap();
    fs::write(dead.join("lock"), "").unwrap();
    fs::write(dead.join("callboard.db"), "half").unwrap();
    fs::create_dir_all(scene.peer.paths.backups()).unwrap();
    fs::write(scene.peer.paths.backups().join(".callboard-00000000000000aa.tmp"), "half").unwrap();
    let made = create(&scene, Scope::All);
    assert_eq!((lying(&scene), scratches(&scene)), (vec![made.file], 0));
}

#[test]
fn two_at_once_do_not_disturb_each_other() {
    let (scene, _) = scene();
    let made: Vec<_> = std::thread::scope(|scope| {
        let one = || scope.spawn(|| create(&scene, Scope::Full));
        [one(), one(), one(), one()].into_iter().map(|one| one.join().unwrap()).collect()
    });
    for backup in &made {
        let (found, _) = backup::verify(&scene.peer, backup, &unwatched).unwrap();
        assert_eq!(found.integrity, Integrity::Valid);
    }
    assert_eq!(lying(&scene).len(), 4);
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_full_disk_it_fails_and_leaves_nothing() {
    let (scene, _) = scene();
    let archives = scene.peer.paths.backups();
    fs::create_dir_all(&archives).unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=4k", "tmpfs"])
        .arg(&archives)
        .output()
        .is_ok_and(|output| output.status.success());
    // Where we may not mount, there is no small disk.
    if !mounted {
        return;
    }
    let made = backup::create(&scene.peer, &request(Scope::All), &unwatched);
    let left = lying(&scene);
    std::process::Command::new("umount").arg("-l").arg(&archives).status().unwrap();
    let refusal: Refusal = made.unwrap_err().into();
    assert!(refusal.message.contains("No space left"), "{refusal}");
    assert!(refusal.suggested_action.unwrap().contains("free some space"));
    assert_eq!((left, scratches(&scene)), (Vec::<String>::new(), 0));
}

#[cfg(unix)]
#[test]
fn only_the_user_can_read_an_archive() {
    use std::os::unix::fs::PermissionsExt as _;
    let (scene, _) = scene();
    let archive = archive_of(&scene, &create(&scene, Scope::All));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&archive), mode(archive.parent().unwrap())), (0o600, 0o700));
}

#[test]
fn a_backup_of_a_damaged_database_is_made_and_said_to_be_damaged() {
    let (scene, _) = scene();
    let sound = create(&scene, Scope::Database);
    let path = scene.peer.paths.database();
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.pragma_update(None, "ignore_check_constraints", true).unwrap();
    connection.execute("UPDATE tasks SET status = 'odd' WHERE title = 'api'", []).unwrap();
    let damaged = create(&scene, Scope::Database);
    assert_eq!((sound.integrity, damaged.integrity), (Integrity::Valid, Integrity::Corrupted));
    assert!(damaged.problem.as_deref().is_some_and(|problem| problem.contains("damaged already")));
    // What is known of it is lost with the database; the archive says it again.
    connection.execute("DELETE FROM backups", []).unwrap();
    let listed = backup::list(&scene.peer).unwrap();
    let listed = listed.iter().find(|one| one.file == damaged.file).unwrap();
    assert_eq!((listed.integrity, &listed.problem), (Integrity::Corrupted, &damaged.problem));
    let (verified, manifest) = backup::verify(&scene.peer, listed, &unwatched).unwrap();
    assert_eq!((verified.integrity, manifest), (Integrity::Corrupted, None));
}

#[test]
fn no_two_backups_have_the_same_name() {
    let (scene, _) = scene();
    let [first, second, third] = [(); 3].map(|()| create(&scene, Scope::Database).name);
    assert_eq!((second, third), (format!("{first}-2"), format!("{first}-3")));
    let named = |name: &str| {
        let request = Request { name: Some(name.to_owned()), ..request(Scope::Database) };
        backup::create(&scene.peer, &request, &unwatched).map_err(Refusal::from)
    };
    named("Nightly").unwrap();
    let before = lying(&scene);
    for taken in ["Nightly", "nightly", &first] {
        assert_eq!(named(taken).unwrap_err().code, Code::InvalidValue, "{taken}");
    }
    assert_eq!(lying(&scene), before);
    assert_eq!(backup::resolve(&scene.peer, "Nightly").unwrap().name, "Nightly");
}
