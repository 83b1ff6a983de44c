//! Backups, restoring, making modes, repair on disk, offers, and what was bound.

use std::fs;

use callboard_engine::domain::mode::ModeSource;
use callboard_engine::domain::task::Complexity;
use callboard_engine::domain::time::{DAY_MS, Timestamp};
use callboard_engine::modes::built_in;
use callboard_engine::modes::folder::backup::BackupLabel;
use callboard_engine::modes::folder::{
    ActiveMode, BackupReason, FolderError, HISTORY_MAX, HistoryEntry, NewMode, NewRole, NewSettings,
};
use proptest::prelude::*;

use super::folder::{MINIMAL, NOW, Scene, scene, tree};

fn names(scene: &Scene) -> Vec<String> {
    scene.folder.backups().into_iter().map(|backup| backup.name).collect()
}

#[test]
fn a_backup_tells_what_it_is_of_and_is_not_made_twice_of_the_same() {
    let scene = scene();
    scene.write("roles/team.yaml", MINIMAL);
    let backup = scene.folder.back_up("team.yaml", BackupReason::Select, Some("s1"), NOW).unwrap();
    assert_eq!(backup.file, "backups/modes/mode_backup_20261125_190000_team.yaml");
    assert_eq!(
        scene.text(&backup.file),
        "backup_metadata:
  created_at: \"2026-11-25T19:00:00Z\"
  source_mode: \"team\"
  session_id: \"s1\"
  backup_reason: \"select\"
original_content: |2+
  scribe:
    role_definition: You write.
"
    );
    let again =
        scene.folder.back_up("team", BackupReason::Select, None, NOW.plus_ms(5_000)).unwrap();
    assert!(!again.is_new && again.name == backup.name);
    // Another text in the same second, then a name of its own.
    scene.write("roles/team.yaml", "scribe: [");
    scene.folder.back_up("team", BackupReason::Select, None, NOW).unwrap();
    let label = BackupLabel { session_id: None, name: Some("before-trip") };
    scene.folder.back_up_as("team", BackupReason::Asked, label, NOW).unwrap();
    assert_eq!(names(&scene).len(), 3);
    assert!(names(&scene).contains(&"mode_backup_20261125_190000_team.2.yaml".to_owned()));
    assert!(
        names(&scene).contains(&"mode_backup_20261125_190000_team.before-trip.yaml".to_owned())
    );
    assert!(scene.folder.backups().iter().all(|backup| backup.mode == "team"));
    assert!(matches!(
        scene.folder.back_up("gone", BackupReason::Asked, None, NOW),
        Err(FolderError::Missing { .. })
    ));
}

#[test]
fn old_backups_go_but_the_newest_ten_stay_however_old() {
    let scene = scene();
    for day in 0..14 {
        scene.write("roles/team.yaml", format!("{MINIMAL}# {day}\n"));
        let at = NOW.plus_ms(day * DAY_MS);
        scene.folder.back_up("team", BackupReason::Asked, None, at).unwrap();
    }
    assert_eq!(names(&scene).len(), 14);
    scene.write("roles/team.yaml", MINIMAL);
    scene.folder.back_up("team", BackupReason::Asked, None, NOW.plus_ms(33 * DAY_MS)).unwrap();
    // Days 0 to 2 are over thirty days old; of the rest twelve there are more than ten anyway.
    assert_eq!(names(&scene).len(), 12);
    scene.write("roles/team.yaml", "scribe: {role_definition: x}\n");
    scene.folder.back_up("team", BackupReason::Asked, None, NOW.plus_ms(400 * DAY_MS)).unwrap();
    assert_eq!(names(&scene).len(), 10);
}

#[test]
fn restoring_backs_up_what_it_replaces() {
    let scene = scene();
    scene.write("roles/custom_modes/team.yaml", MINIMAL);
    let backup = scene.folder.back_up("team", BackupReason::Asked, None, NOW).unwrap();
    scene.write("roles/custom_modes/team.yaml", b"scribe: \xff[\r\n");
    let restored = scene.folder.restore(&backup.name, NOW.plus_ms(1_000)).unwrap();
    assert_eq!(restored.file, "roles/custom_modes/team.yaml");
    assert_eq!(scene.text(&restored.file), MINIMAL);
    let replaced = restored.replaced.unwrap();
    assert_eq!(scene.folder.backed_up(&replaced.name).unwrap().bytes, b"scribe: \xff[\r\n");
    // Back again, by its path; and where no file is left.
    scene
        .folder
        .restore(&format!(".task_orchestrator/{}", replaced.file), NOW.plus_ms(2_000))
        .unwrap();
    assert_eq!(fs::read(scene.path("roles/custom_modes/team.yaml")).unwrap(), b"scribe: \xff[\r\n");
    fs::remove_file(scene.path("roles/custom_modes/team.yaml")).unwrap();
    let restored = scene.folder.restore(&backup.name, NOW.plus_ms(3_000)).unwrap();
    assert_eq!((restored.file.as_str(), restored.replaced), ("roles/team.yaml", None));
    for given in ["../roles/team", "x", "/etc/passwd", "", "mode_backup_20261125_190000_taem"] {
        assert!(scene.folder.restore(given, NOW).is_err(), "{given}");
    }
}

#[test]
fn backups_of_the_first_generation_are_read() {
    let scene = scene();
    let name = "mode_backup_20250601_120000.yaml";
    scene.write(
        &format!("backups/modes/{name}"),
        "backup_metadata:\n  created_at: 2025-06-01T12:00:00\n  source_mode: team.yaml\noriginal_content:\n  scribe:\n    role_definition: You write.\n",
    );
    assert_eq!(scene.folder.backups()[0].mode, "team");
    assert_eq!(scene.folder.backed_up(name).unwrap().bytes, MINIMAL.as_bytes());
    assert_eq!(scene.folder.recover("team", "gone").binding.source, ModeSource::Backup);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_backup_gives_every_file_back_to_the_byte(bytes in prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        super::odd::pieces().prop_map(String::into_bytes),
        any::<String>().prop_map(String::into_bytes),
        "[ \\n\\ta-z:#|-]{0,80}".prop_map(String::into_bytes),
    ]) {
        let scene = scene();
        scene.write("roles/team.yaml", &bytes);
        let backup = scene.folder.back_up("team", BackupReason::Asked, None, NOW).unwrap();
        prop_assert_eq!(scene.folder.backed_up(&backup.name).unwrap().bytes, bytes);
    }
}

#[test]
fn a_mode_is_made_from_another_with_roles_and_settings_of_its_own() {
    let scene = scene();
    let new = NewMode {
        name: "team".to_owned(),
        source: Some("research.yaml".to_owned()),
        description: Some("Ours: \"the best\"\nof all".to_owned()),
        roles: vec![
            NewRole {
                name: "poet".to_owned(),
                description: "Writes: verse".to_owned(),
                prompt: "You write verse.\n\nIt # rhymes: always.".to_owned(),
                ..NewRole::default()
            },
            NewRole {
                name: "critic".to_owned(),
                approach: vec!["- Be kind".to_owned()],
                ..NewRole::default()
            },
        ],
        settings: NewSettings {
            default_complexity: Some(Complexity::Simple),
            auto_task_routing: Some(false),
            ..NewSettings::default()
        },
        ..NewMode::default()
    };
    let loaded = scene.folder.create(&new).unwrap();
    assert_eq!(loaded.binding.file.as_deref(), Some("roles/custom_modes/team.yaml"));
    assert_eq!(
        loaded.mode.role("poet").unwrap().role_definition,
        "You write verse.\n\nIt # rhymes: always."
    );
    let critic = loaded.mode.role("critic").unwrap();
    assert_eq!(critic.approach, ["- Be kind"]);
    assert!(!critic.role_definition.is_empty(), "the rest is the source's");
    assert_eq!(loaded.mode.gates, built_in::mode("research").unwrap().gates);
    assert_eq!(loaded.mode.settings.default_complexity, Complexity::Simple);
    assert_eq!(scene.folder.load("team").unwrap(), loaded);
    let before = tree(scene.directory.path());
    let named = |name: &str| NewMode { name: name.to_owned(), ..NewMode::default() };
    let role = |name: &str| NewRole { name: name.to_owned(), ..NewRole::default() };
    for refused in [
        new,
        named("TEAM"),
        named("research"),
        named("../x"),
        NewMode { source: Some("gone".to_owned()), ..named("x") },
        NewMode { roles: vec![role("gates")], ..named("x") },
        NewMode { roles: vec![role("a b")], ..named("x") },
        NewMode { roles: vec![role("empty")], ..named("x") },
        NewMode {
            settings: NewSettings { claim_minutes: Some(0), ..NewSettings::default() },
            ..named("x")
        },
    ] {
        assert!(scene.folder.create(&refused).is_err(), "{refused:?}");
    }
    assert_eq!(tree(scene.directory.path()), before);
}

#[test]
fn repair_on_disk_backs_up_first_and_writes_only_what_it_must() {
    let scene = scene();
    let broken = "scribe:\n\trole_defintion: You write: well\n";
    scene.write("roles/team.yaml", broken);
    let proposed = scene.folder.propose_repair("team").unwrap();
    assert_eq!(scene.text("roles/team.yaml"), broken);
    assert_eq!(proposed.repaired.repairs.len(), 3);
    let mended = scene.folder.repair("team", NOW).unwrap();
    assert_eq!(scene.text("roles/team.yaml"), "scribe:\n  role_definition: \"You write: well\"\n");
    let backup = mended.backup.unwrap();
    assert_eq!(scene.folder.backed_up(&backup.name).unwrap().bytes, broken.as_bytes());
    assert_eq!(scene.folder.repair("team", NOW).unwrap().backup, None);
    assert!(scene.folder.load("team").is_ok());
    // Nothing temporary is left behind.
    assert!(tree(scene.directory.path()).iter().all(|(name, _)| !name.contains(".callboard-")));
}

#[test]
fn newer_built_in_files_are_offered_and_not_forced() {
    let scene = scene();
    assert_eq!(scene.folder.offers(), []);
    // As if this copy had been made by an earlier program.
    let old = "scribe: {role_definition: Old.}\n";
    scene.write("roles/default_roles.yaml", old);
    let hash = blake3_of(old);
    scene.write("modes/built_in.yaml", format!("built_in:\n  default_roles: {hash}\n"));
    let offers = scene.folder.offers();
    assert_eq!(
        (offers.len(), offers[0].name.as_str(), offers[0].is_changed),
        (1, "default_roles", false)
    );
    scene.folder.decline_offer("default_roles").unwrap();
    assert_eq!(scene.folder.offers(), []);
    assert_eq!(scene.text("roles/default_roles.yaml"), old);
    scene.write("modes/built_in.yaml", format!("built_in:\n  default_roles: {hash}\n"));
    scene.folder.take_offer("default_roles", NOW).unwrap();
    assert_eq!(scene.text("roles/default_roles.yaml"), built_in::FILES[0].text);
    assert_eq!(scene.folder.backed_up(&names(&scene)[0]).unwrap().bytes, old.as_bytes());
    // What a person changed is theirs, and nothing newer is there.
    scene.write("roles/default_roles.yaml", old);
    assert_eq!(scene.folder.offers(), []);
}

fn blake3_of(text: &str) -> String {
    callboard_engine::sync::files::ContentHash::of(text.as_bytes()).into()
}

#[test]
fn what_is_bound_and_what_was_is_written_as_the_first_generation_does() {
    let scene = scene();
    assert_eq!(scene.folder.active(), None);
    scene.write("roles/team.yaml", MINIMAL);
    let loaded = scene.folder.load("team").unwrap();
    scene.folder.write_active(ActiveMode::of(&loaded, "s1", NOW), None).unwrap();
    assert_eq!(
        scene.text("modes/active_mode.yaml"),
        "active_mode:
  mode_file: team.yaml
  activated_at: \"2026-11-25T19:00:00Z\"
  session_id: s1
  binding: 0
  validation_status: valid
  backup_available: false
mode_metadata:
  last_validation: \"2026-11-25T19:00:00Z\"
  validation_result: valid
  specialist_count: 1
  custom_roles_count: 1
"
    );
    let active = scene.folder.active().unwrap();
    assert_eq!((active.mode_name(), active.mode_metadata.specialist_count), ("team", 1));
    let entry = |number: usize| HistoryEntry {
        timestamp: Timestamp(NOW.0 + i64::try_from(number).unwrap() * 1000).to_string(),
        from_mode: (number != 0).then(|| "team".to_owned()),
        to_mode: "research".to_owned(),
        session_id: Some("s1".to_owned()),
        reason: "because: of \"it\"\nand more".to_owned(),
        success: true,
    };
    for number in 0..3 {
        scene.folder.add_history(entry(number), NOW).unwrap();
    }
    assert_eq!(scene.folder.history().unwrap(), [entry(0), entry(1), entry(2)]);
    let many: Vec<HistoryEntry> = (0..HISTORY_MAX + 5).map(entry).collect();
    scene.write("modes/mode_history.yaml", serde_json::to_string(&many).unwrap());
    scene.folder.add_history(entry(0), NOW).unwrap();
    let history = scene.folder.history().unwrap();
    assert_eq!(
        (history.len(), history[0].timestamp.as_str()),
        (HISTORY_MAX, "2026-11-25T19:00:06Z")
    );
    // One that is broken is put aside.
    scene.write("modes/mode_history.yaml", "mode_history: [");
    scene.folder.add_history(entry(0), NOW).unwrap();
    assert_eq!(scene.folder.history().unwrap(), [entry(0)]);
    assert_eq!(scene.text(&format!("modes/mode_history.broken-{}.yaml", NOW.0)), "mode_history: [");
    scene.write("modes/active_mode.yaml", "active_mode: {mode_file: research.yaml}\n");
    assert_eq!(scene.folder.active().unwrap().mode_name(), "research");
}
