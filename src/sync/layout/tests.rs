//! Paths and slugs.

use super::*;

fn group(number: u64) -> GroupId {
    GroupId::from_random(number)
}

fn session() -> SessionId {
    "s-7k3q9xwb".parse().unwrap()
}

#[test]
fn names_become_file_names_that_every_system_holds() {
    let long = "word ".repeat(40);
    for (name, expected) in [
        ("Login & Sessions", "login-sessions"),
        ("Backend / API", "backend-api"),
        ("Überprüfung der Größe", "ueberpruefung-der-groesse"),
        ("Crème brûlée", "creme-brulee"),
        ("cafe\u{301}", "cafe"),
        ("İstanbul", "istanbul"),
        ("日本語", "group"),
        ("../../etc/passwd", "etc-passwd"),
        ("  --  ", "group"),
        ("CON", "con-group"),
        ("lpt1", "lpt1-group"),
        ("user's guide", "users-guide"),
        (&long, "word-word-word-word-word-word-word-word-word-wor"),
    ] {
        assert_eq!(slug(name, "group"), expected, "{name}");
    }
}

#[test]
fn every_path_leads_back_to_its_document() {
    let groups = [(group(1), "Backend / API".to_owned()), (group(2), "Backend-API".to_owned())];
    let layout = Layout::new(new_directory("Login", session()), &BTreeMap::new(), &groups);
    assert_eq!(layout.directory, "sessions/login-s-7k3q9xwb");
    let kinds = FIXED.iter().map(|(kind, _)| *kind);
    for kind in kinds.chain([DocumentKind::Group(group(1)), DocumentKind::Group(group(2))]) {
        let path = layout.path(kind).unwrap();
        assert_eq!(layout.kind(&path), Some(kind), "{path}");
        assert_eq!(place(&path).unwrap().session, session(), "{path}");
    }
    assert_eq!(layout.group_slug(group(1)), Some("backend-api"));
    assert_eq!(layout.group_slug(group(2)), Some("backend-api-g-00000002"));
}

#[test]
fn other_paths_are_of_no_document() {
    for path in [
        "sessions/login-s-7k3q9xwb",
        "sessions/login-s-7k3q9xwb/notes.md",
        "sessions/login-s-7k3q9xw/session.md",
        "sessions/login/session.md",
        "sessions/s-7k3q9xwb/session.md",
        "session.md",
        "sessions/login-s-7k3q9xwb/tasks/task_groups/a/b.md",
        "sessions/login-s-7k3q9xwb/tasks/task_groups/.md",
        "sessions/login-s-7k3q9xwb/tasks/task_groups/.#a.md",
        "roles/default.yaml",
    ] {
        assert_eq!(place(path), None, "{path}");
    }
}

#[test]
fn a_group_keeps_its_file_when_it_is_renamed() {
    let known = BTreeMap::from([(group(1), "old-name".to_owned())]);
    let groups = [(group(1), "New name".to_owned()), (group(2), "Old name".to_owned())];
    let layout = Layout::new("sessions/a-s-7k3q9xwb".to_owned(), &known, &groups);
    assert_eq!(layout.group_slug(group(1)), Some("old-name"));
    assert_eq!(layout.group_slug(group(2)), Some("old-name-g-00000002"));
}

#[test]
fn a_session_is_found_by_its_id_whatever_it_is_called() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(find_directory(directory.path(), session()), None);
    for name in ["old-name-s-7k3q9xwb", "other-s-00000001", "s-7k3q9xwb.md"] {
        fs::create_dir_all(directory.path().join(SESSIONS).join(name)).unwrap();
    }
    let found = find_directory(directory.path(), session());
    assert_eq!(found.as_deref(), Some("sessions/old-name-s-7k3q9xwb"));
}

#[test]
fn links_are_relative() {
    let base = "sessions/a-s-7k3q9xwb";
    for (from, to, expected) in [
        ("session.md", "tasks/active_tasks.md", "tasks/active_tasks.md"),
        ("tasks/active_tasks.md", "session.md", "../session.md"),
        ("tasks/active_tasks.md", "tasks/task_groups/a.md", "task_groups/a.md"),
        ("tasks/task_groups/a.md", "tasks/task_groups/b.md", "b.md"),
        ("specialists/assignments.md", "tasks/task_groups/b.md", "../tasks/task_groups/b.md"),
    ] {
        assert_eq!(link(&format!("{base}/{from}"), &format!("{base}/{to}")), expected);
    }
}
