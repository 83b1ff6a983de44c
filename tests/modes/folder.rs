//! The folder of mode files on a real disk.

use std::fs;
use std::path::Path;

use callboard_engine::domain::mode::ModeSource;
use callboard_engine::domain::time::Timestamp;
use callboard_engine::modes::ModesFolder;
use callboard_engine::modes::folder::{BackupReason, FolderError, ModeFileState};
use callboard_engine::paths::ProjectPaths;

/// 2026-11-25T19:00:00Z.
pub(super) const NOW: Timestamp = Timestamp(1_795_633_200_000);
pub(super) const MINIMAL: &str = "scribe:\n  role_definition: You write.\n";

pub(super) struct Scene {
    pub(super) directory: tempfile::TempDir,
    pub(super) folder: ModesFolder,
}

pub(super) fn scene() -> Scene {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join(".task_orchestrator")).unwrap();
    let folder = ModesFolder::of(&ProjectPaths::at(directory.path()));
    folder.prepare().unwrap();
    Scene { directory, folder }
}

impl Scene {
    pub(super) fn path(&self, file: &str) -> std::path::PathBuf {
        self.directory.path().join(".task_orchestrator").join(file)
    }

    pub(super) fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(super) fn text(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }
}

pub(super) fn tree(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut left = vec![root.to_owned()];
    while let Some(path) = left.pop() {
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                found.push((name, fs::read(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn first_use_makes_what_is_missing_and_touches_nothing_that_is_there() {
    let scene = scene();
    for folder in ["roles/custom_modes", "modes", "backups/modes"] {
        assert!(scene.path(folder).is_dir(), "{folder}");
    }
    assert!(scene.text("roles/project_roles.yaml").contains("extends: default_roles"));
    scene.write("roles/project_roles.yaml", "broken: [");
    fs::remove_file(scene.path("roles/default_roles.yaml")).unwrap();
    assert_eq!(scene.folder.prepare().unwrap(), ["roles/default_roles.yaml"]);
    assert_eq!(scene.text("roles/project_roles.yaml"), "broken: [");
    assert_eq!(scene.folder.prepare().unwrap(), Vec::<String>::new());
}

#[test]
fn a_project_that_is_only_looked_at_gets_no_files() {
    let directory = tempfile::tempdir().unwrap();
    let folder = ModesFolder::of(&ProjectPaths::at(directory.path()));
    assert!(matches!(folder.prepare(), Err(FolderError::NoFolder { .. })));
    assert_eq!(tree(directory.path()), Vec::new());
    assert_eq!(folder.load_only("research").unwrap().binding.source, ModeSource::BuiltIn);
}

#[test]
fn a_mode_is_found_by_name_or_file_name_in_the_order_of_the_folders() {
    let scene = scene();
    scene.write("roles/custom_modes/team.yaml", MINIMAL);
    for given in ["team", "team.yaml", " team.yml "] {
        let loaded = scene.folder.load(given).unwrap();
        assert_eq!(loaded.mode.name, "team");
        assert_eq!(loaded.binding.file.as_deref(), Some("roles/custom_modes/team.yaml"));
        assert_eq!(loaded.binding.source, ModeSource::File);
    }
    scene.write("roles/team.yaml", MINIMAL);
    let loaded = scene.folder.load("team").unwrap();
    assert_eq!(loaded.binding.file.as_deref(), Some("roles/team.yaml"));
    // What is built in is copied on use, and only then.
    assert_eq!(scene.folder.load_only("research").unwrap().binding.file, None);
    assert!(!scene.path("roles/research.yaml").exists());
    let loaded = scene.folder.load("research").unwrap();
    assert_eq!(loaded.binding.file.as_deref(), Some("roles/research.yaml"));
    assert!(scene.path("roles/research.yaml").exists());
}

#[test]
fn a_name_is_never_a_path() {
    let scene = scene();
    let long = "x".repeat(65);
    for given in
        ["", ".", "..", "../x", "a/b", "a\\b", "/etc/passwd", "x.yaml.yaml/", "a b", "ü", &long]
    {
        let error = scene.folder.load(given).unwrap_err();
        assert!(matches!(error, FolderError::Name { .. }), "{given}: {error}");
    }
    let error = scene.folder.load("reserch").unwrap_err();
    let FolderError::Missing { closest, .. } = error else { panic!("{error}") };
    assert_eq!(closest.as_deref(), Some("research"));
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_project_is_not_followed() {
    let scene = scene();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("x.yaml"), MINIMAL).unwrap();
    std::os::unix::fs::symlink(outside.path().join("x.yaml"), scene.path("roles/x.yaml")).unwrap();
    assert!(matches!(scene.folder.load("x"), Err(FolderError::Read(_))));
    let list = scene.folder.list();
    let listed = list.iter().find(|mode| mode.name == "x").unwrap();
    assert_eq!(listed.state, ModeFileState::Unreadable);
    // One that stays inside is like any file.
    scene.write("kept/y.yaml", MINIMAL);
    std::os::unix::fs::symlink(scene.path("kept/y.yaml"), scene.path("roles/y.yaml")).unwrap();
    assert_eq!(scene.folder.load("y").unwrap().mode.roles.len(), 1);
}

#[test]
fn the_list_shows_what_can_be_bound_and_what_cannot() {
    let scene = scene();
    scene.write("roles/custom_modes/bad.yaml", "scribe: 5\nx: [");
    scene.write("roles/team.yaml", MINIMAL);
    scene.write("roles/custom_modes/team.yaml", MINIMAL);
    scene.write("roles/notes.txt", "no mode");
    let list = scene.folder.list();
    let shown: Vec<(&str, Option<&str>, &str)> = list
        .iter()
        .map(|mode| (mode.name.as_str(), mode.file.as_deref(), mode.state.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("default_roles", Some("roles/default_roles.yaml"), "valid"),
            ("project_roles", Some("roles/project_roles.yaml"), "valid"),
            ("team", Some("roles/team.yaml"), "valid"),
            ("bad", Some("roles/custom_modes/bad.yaml"), "invalid"),
            ("team", Some("roles/custom_modes/team.yaml"), "unreadable"),
            ("software_development", None, "built_in"),
            ("research", None, "built_in"),
            ("writing", None, "built_in"),
            ("data_analysis", None, "built_in"),
            ("operations", None, "built_in"),
        ]
    );
    let team = list.iter().find(|mode| mode.name == "team").unwrap();
    assert_eq!(team.custom_roles, ["scribe"]);
    assert!(team.modified.is_some());
}

#[test]
fn recovery_takes_the_newest_backup_that_holds() {
    let scene = scene();
    scene.write("roles/team.yaml", MINIMAL);
    scene.folder.back_up("team", BackupReason::Asked, None, NOW).unwrap();
    scene.write("roles/team.yaml", MINIMAL.replace("write", "edit"));
    scene.folder.back_up("team", BackupReason::Asked, None, NOW.plus_ms(60_000)).unwrap();
    scene.write("roles/team.yaml", "scribe: [");
    scene.folder.back_up("team", BackupReason::Asked, None, NOW.plus_ms(120_000)).unwrap();
    let before = tree(scene.directory.path());
    let loaded = scene.folder.recover("team", "it is broken");
    assert_eq!(loaded.binding.source, ModeSource::Backup);
    assert_eq!(loaded.binding.file.as_deref(), Some("roles/team.yaml"));
    assert_eq!(loaded.binding.problem.as_deref(), Some("it is broken"));
    assert_eq!(loaded.mode.roles[0].role_definition, "You edit.");
    assert_eq!(loaded.binding.attempts.len(), 2);
    assert!(loaded.binding.attempts[0].contains("_190200_team.yaml does not hold"));
    assert_eq!(
        loaded.binding.attempts[1],
        "the backup mode_backup_20261125_190100_team.yaml is used"
    );
    assert_eq!(tree(scene.directory.path()), before, "recovery writes nothing");
}

#[test]
fn recovery_without_backups_takes_what_is_built_in() {
    let scene = scene();
    scene.write("roles/research.yaml", "x: [");
    let loaded = scene.folder.recover("research", "it is broken");
    assert_eq!(loaded.binding.source, ModeSource::BuiltIn);
    assert_eq!(loaded.mode.name, "research");
    assert_eq!(
        loaded.binding.attempts,
        ["there is no backup of research", "the built-in file of research is used"]
    );
}

#[test]
fn recovery_of_a_mode_that_nobody_knows_takes_the_projects_default_roles() {
    let scene = scene();
    scene.write("roles/default_roles.yaml", MINIMAL);
    let loaded = scene.folder.recover("gone", "it is missing");
    assert_eq!(loaded.binding.source, ModeSource::DefaultRoles);
    assert_eq!(loaded.mode.name, "gone");
    assert_eq!(loaded.mode.roles[0].name, "scribe");
    assert_eq!(
        loaded.binding.attempts,
        [
            "there is no backup of gone",
            "no mode gone is built in",
            "the project's roles/default_roles.yaml is used",
        ]
    );
}

#[test]
fn recovery_ends_with_what_is_compiled_in() {
    let scene = scene();
    scene.write("roles/default_roles.yaml", "architect: 7\n");
    let loaded = scene.folder.recover("gone", "it is missing");
    assert_eq!(loaded.binding.source, ModeSource::CompiledIn);
    assert!(loaded.mode.role("implementer").is_some());
    assert_eq!(loaded.binding.attempts.len(), 4);
    assert!(
        loaded.binding.attempts[2].contains("roles/default_roles.yaml:1:12"),
        "{:?}",
        loaded.binding.attempts
    );
    assert_eq!(loaded.binding.attempts[3], "the roles compiled into the program are used");
    // Even where there is no folder at all, and the name is none.
    let nowhere = ModesFolder::of(&ProjectPaths::at("/nonexistent/project"));
    assert!(nowhere.recover("../x", "no name").mode.role("implementer").is_some());
}
