//! What a person can give an agent can give, and the reverse: each command names the tool and the
//! action that send it, or says why one side has none.

use std::collections::BTreeSet;

use callboard::action::Action;
use callboard_engine::domain::command::Command;
use serde_json::json;

use crate::processes::program::Server;

type Side<T> = Result<T, &'static str>;

macro_rules! sides {
    ($($variant:ident: $tool:expr, $action:expr;)+) => {
        /// The name of a command. A command without a line below does not compile.
        fn name(command: &Command) -> &'static str {
            match command {
                $(Command::$variant { .. } => stringify!($variant),)+
            }
        }

        const SIDES: &[(&str, Side<&str>, Side<Action>)] =
            &[$((stringify!($variant), $tool, $action),)+];
    };
}

const CALLBOARD: &str = "Callboard itself sends it";
const PEOPLE: &str = "people decide it";
const AGENTS: &str = "a notebook and a tool of agents; people see what it does";

sides! {
    CreateSession: Ok("session_create"), Ok(Action::SessionMenu);
    UpdateSession: Err(PEOPLE), Ok(Action::Rename);
    BindMode: Ok("mode_select"), Ok(Action::ModeMenu);
    MoveSession: Ok("session_suspend"), Ok(Action::SessionMenu);
    BeginMove: Err(CALLBOARD), Err(CALLBOARD);
    FinishMove: Err(CALLBOARD), Err(CALLBOARD);
    RecoverSessions: Err(CALLBOARD), Err(CALLBOARD);
    SetContext: Ok("context"), Err(AGENTS);
    RemoveContext: Ok("context"), Err(AGENTS);
    CreateGroup: Ok("task_group_create"), Ok(Action::AddGroup);
    UpdateGroup: Ok("task_group_organize"), Ok(Action::Rename);
    PlaceGroup: Ok("task_group_organize"), Ok(Action::MoveTo);
    DeleteGroup: Ok("task_group_organize"), Ok(Action::Delete);
    CreateTasks: Ok("task_create"), Ok(Action::AddTask);
    UpdateTask: Ok("task_batch_update"), Ok(Action::EditFields);
    SetStatus: Ok("task_complete"), Ok(Action::StatusMenu);
    PlaceTask: Ok("task_group_organize"), Ok(Action::MoveTo);
    DeleteTask: Err("agents cancel, so that what they drop stays visible"), Ok(Action::Delete);
    ClaimTask: Ok("task_claim"), Ok(Action::Claim);
    RenewClaim: Ok("task_claim"), Err("any work of the holder renews a claim");
    ReleaseClaim: Ok("task_claim"), Ok(Action::Claim);
    ChangeDependencies: Ok("task_dependencies_map"), Ok(Action::Depends);
    Expect: Ok("task_group_organize"), Err(AGENTS);
    Batch: Ok("task_batch_update"), Ok(Action::Depends);
    Undo: Err(PEOPLE), Ok(Action::Undo);
    Redo: Err(PEOPLE), Ok(Action::Redo);
    FreeClaims: Err(CALLBOARD), Err(CALLBOARD);
    RecordArtifact: Ok("artifact_record"), Err("people add files on the command line");
    NoteArtifacts: Err("agents see how files stand in answers"), Ok(Action::CheckArtifact);
    ReadDocument: Err(CALLBOARD), Err(CALLBOARD);
    NoteDocuments: Err(PEOPLE), Ok(Action::RestoreDocument);
    NoteBackups: Err(CALLBOARD), Err(CALLBOARD);
    ResolveConflict: Ok("conflict_resolve"), Ok(Action::WriteConflicts);
    ProposeResolution: Ok("conflict_resolve"), Err("a person decides at once");
    RebuildSession: Err(CALLBOARD), Err(CALLBOARD);
    RestoreBackup: Ok("backup_restore"), Ok(Action::RestoreBackup);
    ForgetChanges: Err(PEOPLE), Ok(Action::CleanUp);
    SendMessage: Err("agents leave notes in the context"), Ok(Action::Message);
}

#[test]
fn every_tool_that_a_command_names_is_offered() {
    let project = tempfile::tempdir().unwrap();
    let mut server = Server::start(project.path(), "agent");
    let listed = server.request("tools/list", &json!({}));
    let offered: BTreeSet<&str> = listed["result"]["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["name"].as_str().unwrap().trim_start_matches("orchestrator_"))
        .collect();
    for (command, tool, _) in SIDES {
        assert!(tool.is_err() || tool.is_ok_and(|tool| offered.contains(tool)), "{command}");
    }
}

#[test]
fn what_only_one_side_can_do_has_its_reason() {
    assert_eq!(name(&Command::Redo), "Redo");
    for (command, tool, action) in SIDES {
        let by_nobody = tool.is_err() && action.is_err();
        assert_eq!(
            by_nobody,
            *tool == Err(CALLBOARD) && action.err() == Some(CALLBOARD),
            "{command}"
        );
    }
}
