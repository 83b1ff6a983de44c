//! The catalogue: every action once, with its name, help, scopes, keys and when it is open.
//!
//! Hints, help, palette, key map and the documentation's tables are made from this one table.

use callboard_engine::domain::document::DocumentState;

use crate::app::board::RowKey;
use crate::app::{Model, View, artifacts, backups, documents, metrics, modes, review};
use crate::conflict::value::{Shape, shape};

/// Where an action means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everywhere.
    Global,
    /// Wherever a cursor moves in a list.
    List,
    Board,
    Sessions,
    Modes,
    Conflicts,
    Agents,
    Artifacts,
    Metrics,
    Backups,
    Search,
    /// The list of kept texts.
    Edits,
}

/// A row of the catalogue.
pub struct Row {
    pub action: Action,
    /// The name in the configuration's `keys`.
    pub id: &'static str,
    pub title: &'static str,
    /// One or two words for the hint line.
    pub hint: &'static str,
    pub help: &'static str,
    pub scopes: &'static [Scope],
    pub keys: &'static [&'static str],
    /// Further words that the palette finds it by.
    pub words: &'static str,
}

macro_rules! actions {
    ($($action:ident, $id:literal, $title:literal, $hint:literal, [$($scope:ident)+], [$($key:literal)*], $words:literal, $help:literal;)+) => {
        /// Something a person can do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $(#[doc = $help] $action,)+
        }

        /// Every action, in the order of help and palette.
        pub const ACTIONS: &[Row] = &[$(Row {
            action: Action::$action,
            id: $id,
            title: $title,
            hint: $hint,
            help: $help,
            scopes: &[$(Scope::$scope,)+],
            keys: &[$($key,)*],
            words: $words,
        },)+];

        impl Action {
            /// The action's row in the catalogue.
            pub fn row(self) -> &'static Row {
                match self {
                    $(Self::$action => {
                        static ROW: Row = Row {
                            action: Action::$action,
                            id: $id,
                            title: $title,
                            hint: $hint,
                            help: $help,
                            scopes: &[$(Scope::$scope,)+],
                            keys: &[$($key,)*],
                            words: $words,
                        };
                        &ROW
                    })+
                }
            }
        }
    };
}

actions! {
    Help, "help", "Help", "help", [Global], ["?" "F1"], "keys shortcuts", "Shows every key; type to find one, Enter does it.";
    Palette, "palette", "Command palette", "palette", [Global], [":" "Ctrl-p"], "commands search jump", "Finds any action, task, group or session by a few letters.";
    Filter, "filter", "Filter", "filter", [Global], ["/"], "search find", "Narrows the board; finds in lists.";
    Status, "status", "Next status", "status", [Board], ["Space"], "start complete done", "Moves the task on: start it, complete it, reopen it.";
    StatusMenu, "status_menu", "Set status…", "set status", [Board], ["t"], "block review fail cancel reopen approve", "Offers every status, and says why one is closed.";
    AddTask, "add_task", "Add task", "add", [Board], ["a"], "new create", "Adds a task after this one.";
    AddChild, "add_child", "Add child", "child", [Board], ["A"], "new subtask subgroup", "Adds a task below this one, or a group inside this one.";
    AddGroup, "add_group", "Add group", "group", [Board], ["+"], "new section", "Adds a group of tasks.";
    FromTemplate, "from_template", "Plan from a template…", "template", [Board], ["I"], "insert apply feature release plan", "Fills in a task template, and puts its whole plan on the board.";
    Rename, "rename", "Rename here", "rename", [Board Sessions], ["e"], "title edit", "Edits the title in place.";
    EditFields, "edit_fields", "Edit all fields", "edit", [Board], ["o"], "form description estimate tags due assignee", "Opens a form with every field.";
    EditText, "edit_text", "Edit in $EDITOR", "$EDITOR", [Board], ["E"], "external vim", "Opens the description in your editor.";
    Priority, "priority", "Set priority…", "priority", [Board], ["p"], "urgent", "Offers the five priorities.";
    Role, "role", "Set role…", "role", [Board], ["r"], "specialist", "Gives the task to a role.";
    Approve, "approve", "Approve", "approve", [Board], ["P"], "review gate accept pass", "Completes a task that waits for a person; Space does it too.";
    SendBack, "send_back", "Send back…", "send back", [Board], ["b"], "review reject remark return", "Gives work back with a remark, which the agent gets with its next answer.";
    Claim, "claim", "Take or release", "take/release", [Board Agents], ["c"], "hold claim assign", "Releases whoever holds the task, or takes it yourself.";
    Depends, "depends", "Wait for…", "waits for", [Board], ["w"], "dependency depends blocked", "Adds or removes a task that this one waits for.";
    MoveTo, "move_to", "Move to…", "move", [Board], ["v"], "group parent", "Moves the task to a group or below another task, or the group into another.";
    MoveDown, "move_down", "Move down", "down", [Board], ["J" "Alt-Down"], "reorder", "Swaps the task or group with the one below.";
    MoveUp, "move_up", "Move up", "up", [Board], ["K" "Alt-Up"], "reorder", "Swaps the task or group with the one above.";
    Delete, "delete", "Delete…", "delete", [Board], ["d" "Delete"], "remove", "Deletes the task or group; undo brings it back.";
    SessionMenu, "session_menu", "Session…", "session", [Global], ["s"], "create suspend resume complete archive", "Creates a session or moves it through its life.";
    ExportSession, "export_session", "Export the session…", "export", [Global], ["Ctrl-x"], "save report markdown json archive file", "Writes the session under the cursor, else the one on the board, into one file.";
    ModeMenu, "mode_menu", "Mode…", "mode", [Global], ["m"], "switch select roles gates", "Puts another mode in force, at once.";
    Message, "message", "Write to an agent…", "write", [Board Agents], ["@"], "message tell", "Sends a message that the agent gets with its next answer.";
    Undo, "undo", "Undo", "undo", [Global], ["u"], "revert back", "Takes back your newest change.";
    Redo, "redo", "Redo", "redo", [Global], ["Ctrl-r"], "again", "Does again what the newest undo took back.";
    TakeOurs, "take_ours", "Take the database's", "database", [Conflicts], ["h" "Left"], "ours keep", "Decides for what the database has.";
    TakeTheirs, "take_theirs", "Take the file's", "file", [Conflicts], ["l" "Right"], "theirs other remove", "Decides for what the file has, or whoever wrote at the same time.";
    TakeBoth, "take_both", "Take both", "both", [Conflicts], ["b"], "union merge", "Keeps what either side has, of texts and sets.";
    EditMerge, "edit_merge", "Edit the merge", "edit", [Conflicts], ["e"], "result change", "Writes the result by hand, here.";
    EditMergeOutside, "edit_merge_outside", "Edit the merge in $EDITOR", "$EDITOR", [Conflicts], ["E"], "external vim", "Writes the result by hand, in your editor.";
    ClearPick, "clear_pick", "Clear the choice", "clear", [Conflicts], ["x"], "undecide reset", "Takes the choice for this field back.";
    NextOpen, "next_open", "Next open conflict", "next open", [Conflicts], ["n"], "undecided", "Goes to the next field without a decision.";
    PreviousOpen, "previous_open", "Previous open conflict", "", [Conflicts], ["p"], "undecided", "Goes to the one before.";
    NextItem, "next_item", "Next item", "item", [Conflicts], ["J" "Alt-Down"], "record task", "Goes to the next task, group or session with conflicts.";
    PreviousItem, "previous_item", "Previous item", "", [Conflicts], ["K" "Alt-Up"], "record task", "Goes to the one before.";
    WholeOurs, "whole_ours", "All of the item from the database", "", [Conflicts], ["H"], "ours every field", "Decides every field of the item for the database.";
    WholeTheirs, "whole_theirs", "All of the item from the file", "", [Conflicts], ["L"], "theirs every field", "Decides every field of the item for the other side.";
    ApplyAll, "apply_all", "Apply to the whole document", "all alike", [Conflicts], ["A"], "same every", "Makes the choice under the cursor for every open conflict of the same document.";
    ShowBase, "show_base", "Show the base", "base", [Conflicts], ["B"], "before original ancestor", "Shows what both sides started from in the place of the database's value, and back.";
    DiffView, "diff_view", "Side by side or together", "view", [Conflicts], ["v"], "unified diff", "Shows both sides in one pane, and back.";
    WriteConflicts, "write_conflicts", "Write what is decided", "write", [Conflicts], ["w"], "resolve save apply", "Writes the decisions, or says what is still open.";
    OpenDocument, "open_document", "Open the document in $EDITOR", "$EDITOR", [Sessions Edits], ["E"], "file external vim", "Opens the document under the cursor in your editor.";
    RestoreDocument, "restore_document", "Restore the held document", "restore", [Sessions], ["R"], "free write again", "Writes a held document as the database has it; what was in it stays with the edit backups.";
    AcceptDocument, "accept_document", "Take the held document as it is", "take as is", [Sessions], ["A"], "accept read free", "Reads a document that is held back as it stands; what is gone from it is asked about.";
    Edits, "edits", "Edit backups", "backups", [Sessions Edits], ["b"], "kept replaced texts history restore", "Lists texts that were replaced or set aside, of this document or of all; again: the others.";
    RestoreEdit, "restore_edit", "Put the kept text back", "put back", [Edits], ["R"], "restore edit backup", "Writes the text into its document again, as an edit; what stands there is kept first.";
    SelectMode, "select_mode", "Select the mode", "select", [Modes], ["Space"], "bind force use", "Puts the mode under the cursor in force, after what its validation says.";
    ValidateMode, "validate_mode", "Validate", "validate", [Modes], ["v"], "check problems errors", "Reads the file again and tells everything that is wrong with it.";
    RepairMode, "repair_mode", "Repair…", "repair", [Modes], ["F"], "fix mend", "Shows what can be repaired by itself, and does it; the file is backed up first.";
    CreateMode, "create_mode", "Create a mode…", "create", [Modes], ["a"], "new add", "Makes a mode of another one.";
    BackUpMode, "back_up_mode", "Back up", "back up", [Modes], ["b"], "backup save", "Keeps the file as it is now.";
    RestoreMode, "restore_mode", "Restore a backup…", "restore", [Modes], ["R"], "backup undo", "Lists the backups; the one you choose becomes the file again.";
    EditMode, "edit_mode", "Edit in $EDITOR", "$EDITOR", [Modes], ["E"], "external vim file yaml", "Opens the file of the mode in your editor; what you save is in force at once.";
    TakeNewerMode, "take_newer_mode", "Take the newer built-in file…", "newer", [Modes], ["A"], "update accept upgrade", "Replaces your copy by the file that came with this version, or keeps yours.";
    CreateBackup, "create_backup", "Make a backup…", "make", [Backups], ["a"], "create backup archive snapshot save", "Makes a backup while work goes on; it asks what it is to hold, and for a name.";
    VerifyBackup, "verify_backup", "Verify the backup", "verify", [Backups], ["v"], "check integrity damaged", "Reads the archive from end to end and tells whether it is what was written.";
    CleanUpBackups, "clean_up_backups", "Clean up backups…", "clean up", [Backups], ["c"], "retention remove old delete", "Shows which backups are not to be kept any more, and asks before they go.";
    RemoveBackup, "remove_backup", "Remove the backup…", "remove", [Backups], ["d" "Delete"], "delete archive gone", "Asks, then removes the archive under the cursor for good.";
    RestoreBackup, "restore_backup", "Restore the backup…", "restore", [Backups], ["R"], "bring back recover", "Shows what bringing it back would change, and asks; what is there is backed up first.";
    StopBackup, "stop_backup", "Call it off", "call off", [Backups], ["x"], "cancel abort stop", "Calls off what goes on with backups; nothing is left of it.";
    OpenArtifact, "open_artifact", "Open a copy in $EDITOR", "$EDITOR", [Artifacts], ["E"], "external vim file view pager", "Opens a copy of the file in your editor; what you change in it is not kept.";
    CopyPath, "copy_path", "Copy the path", "copy path", [Artifacts], ["y"], "clipboard yank file", "Copies the path of the file.";
    CheckArtifact, "check_artifact", "Look at the file again", "look again", [Artifacts], ["c"], "check verify hash missing changed", "Looks whether the file is there and as it was recorded.";
    CheckArtifacts, "check_artifacts", "Look at every file again", "look at all", [Artifacts], ["A"], "check verify hash missing changed all", "Looks at the files of all artifacts of the session.";
    OlderEdition, "older_edition", "Older edition", "older", [Artifacts], ["h" "Left"], "version previous before", "Shows what was recorded under the title before.";
    NewerEdition, "newer_edition", "Newer edition", "newer", [Artifacts], ["l" "Right"], "version next", "Shows what was recorded under the title after it.";
    ArtifactTask, "artifact_task", "Go to its task", "its task", [Artifacts], ["t"], "jump board", "Shows the task that it came of.";
    Open, "open", "Open", "open", [List], ["Enter"], "details expand", "Opens what is under the cursor; of an agent shows only what it does; asks to select a mode.";
    Expand, "expand", "Expand", "", [Board], ["l" "Right"], "unfold", "Opens the group or task under the cursor.";
    Collapse, "collapse", "Collapse", "", [Board], ["h" "Left"], "fold", "Closes it, or goes to what contains it.";
    Down, "down", "Down", "", [List], ["j" "Down"], "", "Moves the cursor down.";
    Up, "up", "Up", "", [List], ["k" "Up"], "", "Moves the cursor up.";
    First, "first", "First", "", [List], ["g" "Home"], "top", "Goes to the first row.";
    Last, "last", "Last", "", [List], ["G" "End"], "bottom", "Goes to the last row.";
    HalfDown, "half_down", "Half a page down", "", [List], ["Ctrl-d" "PageDown"], "scroll", "Moves down by half a page.";
    HalfUp, "half_up", "Half a page up", "", [List], ["Ctrl-u" "PageUp"], "scroll", "Moves up by half a page.";
    NextMatch, "next_match", "Next match", "next", [Board], ["n"], "find", "Goes to the next task that the filter found.";
    PreviousMatch, "previous_match", "Previous match", "", [Board], ["N"], "find", "Goes to the one before.";
    HideDone, "hide_done", "Hide finished", "hide done", [Board], ["."], "completed cancelled", "Leaves finished tasks out of the tree, or shows them again.";
    NeedsYou, "needs_you", "What needs you", "needs you", [Global], ["i"], "inbox review blocked failed approve waiting", "Goes through what waits for a person, the oldest first.";
    Follow, "follow", "Follow the activity", "follow", [Global], ["f"], "feed live newest", "Shows the newest activity again.";
    CopyId, "copy_id", "Copy id", "copy id", [Board Sessions Modes Conflicts Backups Edits], ["y"], "clipboard yank", "Copies the id under the cursor.";
    CopyText, "copy_text", "Copy as markdown", "copy", [Board Edits], ["Y"], "clipboard yank", "Copies title and description, or the whole kept text.";
    CopyConnect, "copy_connect", "Copy connecting line", "connect", [Global], ["C"], "claude codex mcp", "Copies the command for Claude Code; callboard connect knows more clients.";
    Zoom, "zoom", "Zoom the pane", "zoom", [Global], ["z"], "full maximize", "Gives the focused pane the whole screen, and back.";
    Narrow, "narrow", "Side panes narrower", "", [Global], ["<"], "resize", "Makes the side panes narrower.";
    Widen, "widen", "Side panes wider", "", [Global], [">"], "resize", "Makes the side panes wider.";
    NextPane, "next_pane", "Next pane", "pane", [Global], ["Tab"], "focus", "Moves the focus on.";
    PreviousPane, "previous_pane", "Previous pane", "", [Global], ["BackTab"], "focus", "Moves the focus back.";
    ViewBoard, "view_board", "Board", "", [Global], ["1"], "tasks view tab", "Shows the board.";
    ViewSessions, "view_sessions", "Sessions", "", [Global], ["2"], "view tab history", "Shows all sessions and their moves.";
    ViewModes, "view_modes", "Modes", "", [Global], ["3"], "view tab roles gates", "Shows the modes: roles, gates, what is wrong with a file, and what was in force before.";
    ViewConflicts, "view_conflicts", "Conflicts", "", [Global], ["4"], "view tab merge", "Shows what two sides changed differently, to be decided.";
    ViewAgents, "view_agents", "Agents", "", [Global], ["5"], "view tab claims hot spots paths", "Shows who is connected, what each holds, and where several work on the same files.";
    ViewArtifacts, "view_artifacts", "Artifacts", "", [Global], ["6"], "view tab files results work products", "Shows what the work produced or refers to, and whether it is still so.";
    ViewMetrics, "view_metrics", "Metrics", "", [Global], ["7"], "view tab charts throughput latency errors", "Shows how the work goes over time: throughput, cycle time, calls, errors.";
    ViewBackups, "view_backups", "Backups", "", [Global], ["8"], "view tab archive restore verify", "Shows the backups, and what is in each.";
    ViewSearch, "view_search", "Search", "", [Global], ["9" "Ctrl-f"], "view tab find everything", "Finds anything by its words, as you type.";
    SearchFilters, "search_filters", "Narrow the search…", "filters", [Search], ["F2"], "filter status role type", "Offers the filters that can be typed.";
    EarlierSearch, "earlier_search", "Earlier search", "", [Search], ["Alt-Up"], "history before", "Puts what was searched for before into the line.";
    LaterSearch, "later_search", "Later search", "", [Search], ["Alt-Down"], "history after", "Puts what was searched for after it into the line.";
    NextHit, "next_hit", "Next hit", "", [Search], ["Ctrl-n"], "down", "Goes to the next of what was found.";
    ShorterRange, "shorter_range", "A shorter time", "shorter", [Metrics], ["h" "Left"], "range hour day", "Charts a shorter stretch of time.";
    LongerRange, "longer_range", "A longer time", "longer", [Metrics], ["l" "Right"], "range week all", "Charts a longer stretch of time.";
    MetricsPage, "metrics_page", "Charts, errors, messages", "page", [Metrics], ["v"], "view log said", "Goes from the charts to the log of errors, to what was said to agents, and back.";
    ErrorLog, "error_log", "Log of errors", "", [Global], [], "refused failed calls agents tools", "Shows which calls were refused and what else failed.";
    SaidLog, "said_log", "What was said to agents", "", [Global], [], "messages read delivered", "Shows the messages to agents, and whether they were read.";
    CheckProject, "check_project", "Check the project", "", [Global], [], "doctor validate integrity wrong", "Looks what is wrong with database, documents and files; Enter mends it.";
    CleanUp, "clean_up", "Clean up…", "", [Global], [], "cleanup stale expired old orphaned", "Looks what lies about; Enter clears it, after a backup.";
    StopUpkeep, "stop_upkeep", "Call the check off", "call off", [Global], ["X"], "cancel abort stop cleanup doctor", "Calls off a check or a clean-up that goes on; what was done before stays.";
    Documents, "documents", "Documents", "documents", [Global], ["D"], "files markdown held problems", "Shows the markdown files of the session, and how each stands.";
    NextView, "next_view", "Next view", "", [Global], ["]"], "tab", "Shows the view to the right.";
    PreviousView, "previous_view", "Previous view", "", [Global], ["["], "tab", "Shows the view to the left.";
    Themes, "themes", "Theme…", "theme", [Global], ["T"], "colors dark light contrast", "Tries the themes on, live.";
    Log, "log", "Errors and notices", "", [Global], ["!"], "log messages", "Shows what went wrong, newest first.";
    Mouse, "mouse", "Mouse on or off", "", [Global], ["M"], "select", "Gives the mouse back to the terminal, for selecting text.";
    Redraw, "redraw", "Redraw", "", [Global], ["Ctrl-l"], "repaint refresh", "Paints the whole screen anew.";
    Suspend, "suspend", "To the shell", "", [Global], ["Ctrl-z"], "background", "Lays the program to sleep; fg wakes it.";
    Back, "back", "Back", "back", [Global], ["Esc"], "cancel close", "Closes, clears or leaves what is open; never destroys.";
    Quit, "quit", "Quit", "quit", [Global], ["q"], "exit leave", "Ends the program, or closes what is open.";
}

impl Action {
    /// Tells whether the action is open now; otherwise why not.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are always open")]
    pub fn enabled(self, model: &Model) -> Result<(), &'static str> {
        match self {
            Self::Status | Self::StatusMenu | Self::Claim if model.is_board() => {
                needs_task(model)?;
                needs_work(model)
            }
            Self::Claim if model.agents.selected().is_none_or(|agent| agent.holds.is_empty()) => {
                Err("it holds no task")
            }
            Self::EditFields | Self::EditText | Self::Priority | Self::Role | Self::Depends => {
                needs_task(model)?;
                needs_plan(model)
            }
            Self::AddChild | Self::MoveTo | Self::MoveDown | Self::MoveUp | Self::Delete => {
                needs_record(model)?;
                needs_plan(model)
            }
            Self::Rename if model.is_board() => {
                needs_record(model)?;
                needs_plan(model)
            }
            Self::AddTask | Self::AddGroup | Self::FromTemplate => match &model.session {
                None => Err("there is no session yet; s c makes one"),
                Some(_) => needs_plan(model),
            },
            Self::RestoreEdit | Self::CopyText | Self::CopyId | Self::OpenDocument
                if model.edits().is_some() =>
            {
                needs_edit(self, model)
            }
            Self::CopyText => needs_task(model),
            Self::CopyId if model.is_board() => needs_record(model),
            Self::Approve | Self::SendBack if model.is_board() => {
                review::in_review(model)?;
                needs_work(model)
            }
            _ if self.row().scopes == [Scope::Modes] => modes::enabled(model, self),
            _ if self.row().scopes == [Scope::Backups] => backups::enabled(model, self),
            _ if self.row().scopes == [Scope::Artifacts] => artifacts::enabled(model, self),
            _ if self.row().scopes == [Scope::Metrics] => metrics::enabled(model, self),
            Self::ExportSession if model.session.is_none() && model.sessions.rows.is_empty() => {
                Err("there is no session yet")
            }
            Self::StopUpkeep if model.upkeep.work.is_none() => {
                Err("nothing goes on that could be called off")
            }
            Self::Filter
                if model.edits().is_some()
                    || matches!(model.view, View::Metrics | View::Conflicts) =>
            {
                Err("there is no filter here; the search finds everything")
            }
            Self::NeedsYou if model.needs.rows.is_empty() => Err("nothing waits for you"),
            Self::Message if model.agents.rows.is_empty() => Err("no agent has been here yet"),
            Self::NextMatch | Self::PreviousMatch if model.board.filter.is_empty() => {
                Err("there is no filter; / sets one")
            }
            Self::Documents if model.session.is_none() => Err("there is no session yet"),
            Self::OpenDocument if model.documents.rows.is_empty() => {
                Err("this session has no documents yet")
            }
            Self::OpenDocument if documents::are_packed(model) => {
                Err("it is packed with its session; s r resumes that and opens it")
            }
            Self::RestoreDocument | Self::AcceptDocument => match model.documents.selected() {
                Some(row) if row.state == DocumentState::Held => Ok(()),
                Some(_) | None => Err("the document under the cursor is not held"),
            },
            _ => self.decision_enabled(model),
        }
    }

    /// Tells whether something that is done about conflicts is open now; all else is.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are always open")]
    fn decision_enabled(self, model: &Model) -> Result<(), &'static str> {
        match self {
            Self::TakeOurs
            | Self::TakeTheirs
            | Self::TakeBoth
            | Self::ClearPick
            | Self::EditMerge
            | Self::EditMergeOutside
            | Self::WholeOurs
            | Self::WholeTheirs
            | Self::ApplyAll
            | Self::NextOpen
            | Self::PreviousOpen
            | Self::WriteConflicts => decides(self, model),
            _ => Ok(()),
        }
    }
}

/// Tells whether something can be decided about the conflict under the cursor.
fn decides(action: Action, model: &Model) -> Result<(), &'static str> {
    let Some(row) = model.conflicts.selected() else { return Err("there is no open conflict") };
    let shape = shape(&row.conflict);
    let is_edit = matches!(action, Action::EditMerge | Action::EditMergeOutside);
    match action == Action::TakeBoth && !matches!(shape, Shape::Text | Shape::Set) {
        true => Err("this holds one value; e writes your own"),
        false if is_edit && shape == Shape::Whole => Err("choose one side or the other"),
        false => Ok(()),
    }
}

fn needs_edit(action: Action, model: &Model) -> Result<(), &'static str> {
    let Some(edits) = model.edits().filter(|edits| edits.selected().is_some()) else {
        return Err("no kept text is under the cursor");
    };
    match (action, edits.text()) {
        (Action::CopyText, None) => Err("it is still being read"),
        (Action::CopyText, Some(Err(_))) => Err("it cannot be read"),
        (_, _) => Ok(()),
    }
}

fn needs_task(model: &Model) -> Result<(), &'static str> {
    match model.board.selected_task() {
        Some(_) => Ok(()),
        None => Err("no task is under the cursor"),
    }
}

fn needs_record(model: &Model) -> Result<(), &'static str> {
    match model.board.cursor {
        Some(RowKey::Task(_) | RowKey::Group(Some(_))) => Ok(()),
        Some(RowKey::Group(None) | RowKey::More(_)) | None => {
            Err("no task or group is under the cursor")
        }
    }
}

fn needs_work(model: &Model) -> Result<(), &'static str> {
    if model.works() { Ok(()) } else { Err("the session is not active; s r resumes it") }
}

fn needs_plan(model: &Model) -> Result<(), &'static str> {
    if model.plans() { Ok(()) } else { Err("the session is read-only; s r resumes it") }
}
