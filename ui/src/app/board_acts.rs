//! What is done on the board: each action to a command, or to the question before it.

use callboard_engine::domain::command::{
    ClaimTask, Command, Dependents, Edge, Guard, Place, PlaceTask, SetStatus, TaskPatch,
    UpdateGroup, UpdateTask,
};
use callboard_engine::domain::id::{GroupId, TaskId};
use callboard_engine::domain::task::{Priority, Status};
use callboard_engine::query::rows::TaskRow;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::board::{Container, Rename, RowKey};
use super::unsent::Unsent;
use super::{Effect, Model, Pane, View, act, conflict_acts, documents, group_acts, needs};
use crate::action::Action;
use crate::overlay::finder::{Entry, Finder};
use crate::overlay::form::Form;
use crate::overlay::menu::Menu;
use crate::overlay::prompt::{Prompt, Purpose};
use crate::overlay::{Choice, Overlay};
use crate::widgets::input::Input;

/// Does an action of the board, or the part of a list's action that another view has.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if action == Action::Open && model.focus == Pane::Needs {
        return needs::enter(model);
    }
    match (model.view, action) {
        (View::Sessions, Action::Rename) => rename_session(model),
        (View::Sessions, Action::CopyId) => model
            .sessions
            .selected()
            .map(|row| copy(row.session.id.to_string()))
            .into_iter()
            .collect(),
        (View::Agents, Action::Claim) => release_all(model),
        (View::Agents, Action::Open) => {
            model.feed.only = model
                .agents
                .selected()
                .map(|row| row.name.clone())
                .filter(|name| model.feed.only.as_ref() != Some(name));
            model.feed.follow();
            Vec::new()
        }
        (View::Sessions, Action::Open) if model.focus == Pane::Documents => documents::open(model),
        (View::Conflicts, _) => conflict_acts::act(model, action),
        (View::Sessions | View::Agents, _) => Vec::new(),
        (View::Board, _) => on_board(model, action),
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the others are about the task under the cursor"
)]
fn on_board(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::AddTask => add_task(model, None),
        Action::AddChild if group_acts::under_cursor(model).is_some() => {
            group_acts::add(model, true)
        }
        Action::AddChild => {
            let parent = model.board.selected_task().map(|task| task.id);
            add_task(model, parent)
        }
        Action::AddGroup => group_acts::add(model, false),
        Action::Rename => rename(model),
        Action::Open => open(model),
        Action::Expand => fold(model, false),
        Action::Collapse => fold(model, true),
        Action::Delete => delete(model),
        Action::NextMatch => act::step(model, 1),
        Action::PreviousMatch => act::step(model, -1),
        Action::HideDone => {
            model.board.hide_done = !model.board.hide_done;
            vec![model.reload()]
        }
        Action::CopyId => match model.board.cursor {
            Some(RowKey::Task(id)) => vec![copy(id.to_string())],
            Some(RowKey::Group(Some(id))) => vec![copy(id.to_string())],
            Some(RowKey::Group(None) | RowKey::More(_)) | None => Vec::new(),
        },
        Action::CopyText => model
            .board
            .detail
            .as_ref()
            .map(|detail| {
                let task = &detail.view.task;
                Effect::Copy {
                    text: format!("# {}\n\n{}\n", task.title, task.description),
                    what: "the task".to_owned(),
                }
            })
            .into_iter()
            .collect(),
        Action::EditFields => {
            if let Some(detail) = &model.board.detail {
                model.overlay = Some(Overlay::Form(Box::new(Form::of(&detail.view.task))));
            }
            Vec::new()
        }
        Action::EditText => model
            .board
            .detail
            .as_ref()
            .map(|detail| Effect::EditText {
                task: detail.view.task.id,
                text: detail.view.task.description.clone(),
                version: detail.view.task.version,
            })
            .into_iter()
            .collect(),
        _ => {
            if let Some(id) = group_acts::under_cursor(model) {
                return on_group(model, action, id);
            }
            let task = model.board.selected_task().cloned();
            task.map(|task| on_task(model, action, &task)).unwrap_or_default()
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the others are about tasks")]
fn on_group(model: &mut Model, action: Action, id: GroupId) -> Vec<Effect> {
    match action {
        Action::MoveTo => group_acts::move_to(model, id),
        Action::MoveDown => group_acts::swap(model, id, 1),
        Action::MoveUp => group_acts::swap(model, id, -1),
        _ => Vec::new(),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the others are handled before")]
fn on_task(model: &mut Model, action: Action, task: &TaskRow) -> Vec<Effect> {
    match action {
        Action::Status => next_status(model, task),
        Action::StatusMenu => menu(model, status_menu(task)),
        Action::Priority => menu(model, priority_menu(task)),
        Action::Role => {
            let role = task.role.clone().unwrap_or_default();
            prompt(
                model,
                "Role",
                "architect, implementer, tester, … (empty clears)",
                &role,
                Purpose::Role(task.id),
            )
        }
        Action::Claim => claim(model, task),
        Action::Depends => {
            model.overlay = Some(Overlay::Finder(depends(model, task)));
            Vec::new()
        }
        Action::MoveTo => {
            model.overlay = Some(Overlay::Finder(destinations(model, task)));
            Vec::new()
        }
        Action::MoveDown => swap(model, task.id, 1),
        Action::MoveUp => swap(model, task.id, -1),
        _ => Vec::new(),
    }
}

fn menu(model: &mut Model, menu: Menu) -> Vec<Effect> {
    model.overlay = Some(Overlay::Menu(menu.ready()));
    Vec::new()
}

fn prompt(model: &mut Model, title: &str, hint: &str, text: &str, purpose: Purpose) -> Vec<Effect> {
    model.overlay = Some(Overlay::Prompt(Prompt::new(title, hint, text, purpose)));
    Vec::new()
}

fn copy(text: String) -> Effect {
    Effect::Copy { what: text.clone(), text }
}

fn add_task(model: &mut Model, parent: Option<TaskId>) -> Vec<Effect> {
    let group = model.board.selected_group();
    let task = model.board.selected_task();
    let (title, purpose) = match (parent, task) {
        (Some(parent), Some(task)) => (
            format!("New task below {}", task.title),
            Purpose::NewTask { parent: Some(parent), group, after: None },
        ),
        (_, Some(task)) => (
            "New task".to_owned(),
            Purpose::NewTask { parent: task.parent_id, group, after: Some(task.id) },
        ),
        (_, None) => ("New task".to_owned(), Purpose::NewTask { parent: None, group, after: None }),
    };
    prompt(model, &title, "a title; !high and #tag at its end are understood", "", purpose)
}

fn rename(model: &mut Model) -> Vec<Effect> {
    let Some(row) = model.board.cursor else { return Vec::new() };
    let found = match row {
        RowKey::Task(id) => {
            model.board.tasks.get(&id).map(|task| (task.title.as_str(), task.version))
        }
        RowKey::Group(Some(id)) => {
            model.board.group(id).map(|row| (row.group.name.as_str(), row.group.version))
        }
        RowKey::Group(None) | RowKey::More(_) => None,
    };
    if let Some((text, version)) = found {
        let input = Input::new(text);
        model.board.renaming = Some(Rename { row, input, version: Some(version) });
    }
    Vec::new()
}

/// Takes a key while a title is edited in its row.
pub fn renaming_key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(mut rename) = model.board.renaming.take() else { return Vec::new() };
    let control_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    if key.code == KeyCode::Esc || control_c {
        return Vec::new();
    }
    if key.code != KeyCode::Enter {
        rename.input.key(key);
        model.board.renaming = Some(rename);
        return Vec::new();
    }
    let effects = renamed(&rename);
    model.keep(Unsent::Rename(rename), &effects);
    effects
}

fn renamed(rename: &Rename) -> Vec<Effect> {
    let text = rename.input.text().trim().to_owned();
    let guard = Guard { if_version: rename.version, ..Guard::default() };
    match rename.row {
        RowKey::Task(id) => {
            let patch = TaskPatch { title: Some(text), ..TaskPatch::default() };
            Model::submit(Command::UpdateTask(UpdateTask { id, patch, guard }), "Rename")
        }
        RowKey::Group(Some(id)) => {
            let update = UpdateGroup {
                id,
                name: Some(text),
                description: None,
                role: None,
                if_version: rename.version,
            };
            Model::submit(Command::UpdateGroup(update), "Rename group")
        }
        RowKey::Group(None) | RowKey::More(_) => Vec::new(),
    }
}

fn rename_session(model: &mut Model) -> Vec<Effect> {
    let Some(row) = model.sessions.selected() else { return Vec::new() };
    let (id, name) = (row.session.id, row.session.name.clone());
    prompt(model, "Rename session", "", &name, Purpose::RenameSession(id))
}

fn open(model: &mut Model) -> Vec<Effect> {
    match model.board.cursor {
        Some(RowKey::Task(_)) => {
            model.focus = Pane::Details;
            Vec::new()
        }
        Some(RowKey::Group(id)) => toggle(model, Container::Group(id)),
        Some(RowKey::More(_)) => vec![model.reload()],
        None => Vec::new(),
    }
}

fn toggle(model: &mut Model, container: Container) -> Vec<Effect> {
    if !model.board.closed.remove(&container) {
        model.board.closed.insert(container);
    }
    vec![model.reload()]
}

fn fold(model: &mut Model, close: bool) -> Vec<Effect> {
    let Some(key) = model.board.cursor else { return Vec::new() };
    let container = match key {
        RowKey::Group(id) => Some(Container::Group(id)),
        RowKey::Task(id) => model
            .board
            .tasks
            .get(&id)
            .filter(|task| 0 < task.children)
            .map(|task| Container::Task(task.id)),
        RowKey::More(_) => None,
    };
    match container {
        Some(container) if close != model.board.closed.contains(&container) => {
            toggle(model, container)
        }
        Some(_) | None if close => {
            let parent = model.board.parent_key(key);
            if let Some(index) =
                parent.and_then(|parent| model.board.rows.iter().position(|row| row.key == parent))
            {
                model.board.go(index);
                return vec![model.reload()];
            }
            Vec::new()
        }
        Some(_) | None => Vec::new(),
    }
}

fn set(task: &TaskRow, to: Status) -> SetStatus {
    SetStatus {
        id: task.id,
        to,
        summary: None,
        reason: None,
        actual_minutes: None,
        force: false,
        dependents: Dependents::Refuse,
        guard: Guard::default(),
    }
}

fn status_choice(task: &TaskRow, to: Status) -> Choice {
    Choice::submit(Command::SetStatus(set(task, to)), format!("{} → {to}", task.title))
}

fn next_status(model: &mut Model, task: &TaskRow) -> Vec<Effect> {
    let to = match task.status {
        Status::Pending if 0 < task.unmet => return menu(model, status_menu(task)),
        Status::Pending | Status::Blocked => Status::Active,
        Status::Active | Status::Review => Status::Completed,
        Status::Completed | Status::Cancelled | Status::Failed => Status::Pending,
    };
    Model::submit(Command::SetStatus(set(task, to)), format!("{} → {to}", task.title))
}

fn status_menu(task: &TaskRow) -> Menu {
    let mut menu = Menu::new("Status").about(format!("{} is {}.", task.title, task.status));
    let review = task.status == Status::Review;
    let items = [
        ('s', Status::Active, if review { "send back to work, with a remark" } else { "start" }),
        ('c', Status::Completed, if review { "approve" } else { "complete" }),
        ('r', Status::Review, "hand over for review"),
        ('b', Status::Blocked, "block, with a reason"),
        ('x', Status::Cancelled, "cancel"),
        ('f', Status::Failed, "fail, with a reason"),
        ('o', Status::Pending, "back to pending"),
    ];
    for (key, to, label) in items {
        let closed = (!task.status.may_become(to)).then(|| format!("not from {}", task.status));
        let waits =
            matches!(to, Status::Active | Status::Completed) && 0 < task.unmet && closed.is_none();
        let choice = if waits {
            force_choice(task, to)
        } else if to == Status::Cancelled {
            cancel_choice(task)
        } else if matches!(to, Status::Blocked | Status::Failed) || (review && to == Status::Active)
        {
            let purpose = Purpose::Status(Box::new(set(task, to)));
            Choice::Prompt(Box::new(Prompt::new(label, "why; agents read it", "", purpose)))
        } else {
            status_choice(task, to)
        };
        let label = if waits {
            format!("{label} in spite of {} unmet dependencies", task.unmet)
        } else {
            label.to_owned()
        };
        menu = menu.item_if(key, label, closed, choice);
    }
    menu
}

fn force_choice(task: &TaskRow, to: Status) -> Choice {
    let purpose = Purpose::Status(Box::new(SetStatus { force: true, ..set(task, to) }));
    Choice::Prompt(Box::new(Prompt::new(
        "Why in spite of dependencies?",
        "the reason is recorded",
        "",
        purpose,
    )))
}

fn cancel_choice(task: &TaskRow) -> Choice {
    let with = |dependents| {
        Choice::submit(
            Command::SetStatus(SetStatus { dependents, ..set(task, Status::Cancelled) }),
            format!("Cancel {}", task.title),
        )
    };
    Choice::Menu(Box::new(
        Menu::new("Cancel")
            .about(format!(
                "{}. Open tasks below it are cancelled too. What of tasks that wait for it?",
                task.title
            ))
            .item('n', "cancel only if none waits", with(Dependents::Refuse))
            .item('r', "they no longer wait for it", with(Dependents::Release))
            .item('a', "they are cancelled too", with(Dependents::Cascade)),
    ))
}

fn priority_menu(task: &TaskRow) -> Menu {
    let keys = ['c', 'h', 'n', 'l', 's'];
    let mut menu = Menu::new("Priority").about(task.title.clone());
    for (key, priority) in keys.into_iter().zip(Priority::ALL) {
        let closed = (task.priority == *priority).then(|| "as it is".to_owned());
        let patch = TaskPatch { priority: Some(*priority), ..TaskPatch::default() };
        let command =
            Command::UpdateTask(UpdateTask { id: task.id, patch, guard: Guard::default() });
        menu = menu.item_if(
            key,
            priority.as_str(),
            closed,
            Choice::submit(command, format!("Priority {priority}")),
        );
    }
    menu
}

fn claim(model: &mut Model, task: &TaskRow) -> Vec<Effect> {
    let release = Command::ReleaseClaim {
        id: task.id,
        claim: None,
        reason: Some("released by a person".to_owned()),
    };
    match &task.holder {
        Some(holder) if holder.is_agent() => menu(
            model,
            Menu::new("Release")
                .about(format!(
                    "{} works on {}. Its claim ends at once, and it is told.",
                    holder.name(),
                    task.title
                ))
                .item(
                    'y',
                    format!("release it from {}", holder.name()),
                    Choice::submit(release, "Released".to_owned()),
                ),
        ),
        Some(_) => Model::submit(release, "Released"),
        None => {
            let claim = ClaimTask {
                session_id: task.session_id,
                task: Some(task.id),
                or_next: false,
                role: None,
                group: None,
                minutes: Some(8 * 60),
                paths: Vec::new(),
                hold_only: false,
            };
            Model::submit(Command::ClaimTask(claim), format!("Take {}", task.title))
        }
    }
}

fn release_all(model: &mut Model) -> Vec<Effect> {
    let Some(agent) = model.agents.selected().filter(|agent| !agent.holds.is_empty()) else {
        return Vec::new();
    };
    let commands: Vec<Command> = agent
        .holds
        .iter()
        .map(|held| Command::ReleaseClaim {
            id: held.id,
            claim: None,
            reason: Some("released by a person".to_owned()),
        })
        .collect();
    let about =
        format!("{} holds {} tasks. They can then be taken by others.", agent.name, commands.len());
    let choice = Choice::submit(
        Command::Batch { commands, reason: None },
        format!("Released what {} held", agent.name),
    );
    let asked = Menu::new("Release").about(about).item('y', "release them", choice);
    menu(model, asked)
}

fn depends(model: &Model, task: &TaskRow) -> Finder {
    let waits: Vec<TaskId> = match &model.board.detail {
        Some(detail) if detail.view.task.id == task.id => {
            detail.view.depends_on.iter().map(|link| link.id).collect()
        }
        Some(_) | None => Vec::new(),
    };
    let mut others: Vec<&TaskRow> =
        model.board.tasks.values().filter(|other| other.id != task.id).collect();
    others.sort_by_key(|other| {
        (!waits.contains(&other.id), !other.status.is_open(), other.title.clone())
    });
    let entries = others.into_iter().map(|other| {
        let edge = vec![Edge { task: task.id, depends_on: other.id }];
        let waiting = waits.contains(&other.id);
        let (add, remove) = if waiting { (Vec::new(), edge) } else { (edge, Vec::new()) };
        let what = if waiting { "No longer waits" } else { "Waits" };
        Entry {
            label: other.title.clone(),
            note: if waiting {
                "waits: Enter removes".to_owned()
            } else {
                other.status.to_string()
            },
            words: other.id.to_string(),
            closed: None,
            choice: Choice::submit(
                Command::ChangeDependencies { add, remove },
                format!("{what} for {}", other.title),
            ),
        }
    });
    Finder::new(format!("{} waits for", task.title), entries.collect())
}

fn destinations(model: &Model, task: &TaskRow) -> Finder {
    let to = |group: Option<GroupId>,
              parent: Option<Option<TaskId>>,
              place: Option<Place>,
              name: &str| {
        let place =
            PlaceTask { id: task.id, group: parent.is_none().then_some(group), parent, place };
        Choice::submit(Command::PlaceTask(place), format!("Moved to {name}"))
    };
    let entry = |label: String, note: &str, choice| Entry {
        label,
        note: note.to_owned(),
        words: String::new(),
        closed: None,
        choice,
    };
    let mut entries: Vec<Entry> = model
        .board
        .groups
        .iter()
        .map(|row| entry(row.path.clone(), "group", to(Some(row.group.id), None, None, &row.path)))
        .collect();
    entries.push(entry("no group".to_owned(), "", to(None, None, None, "no group")));
    if task.parent_id.is_some() {
        entries.push(entry(
            "out of its parent".to_owned(),
            "",
            to(task.group_id, Some(None), None, "the group"),
        ));
    }
    let open =
        model.board.tasks.values().filter(|other| other.id != task.id && other.status.is_open());
    entries.extend(open.map(|other| {
        entry(
            other.title.clone(),
            "below this task",
            to(None, Some(Some(other.id)), None, &other.title),
        )
    }));
    Finder::new(format!("Move {} to", task.title), entries)
}

fn swap(model: &Model, id: TaskId, by: isize) -> Vec<Effect> {
    let siblings = model.board.siblings(id);
    let Some(here) = siblings.iter().position(|other| *other == id) else { return Vec::new() };
    let Some(other) = here.checked_add_signed(by).and_then(|index| siblings.get(index)) else {
        return Vec::new();
    };
    let place = if by < 0 { Place::Before(*other) } else { Place::After(*other) };
    Model::submit(
        Command::PlaceTask(PlaceTask { id, group: None, parent: None, place: Some(place) }),
        "Move",
    )
}

fn delete(model: &mut Model) -> Vec<Effect> {
    match model.board.cursor {
        Some(RowKey::Task(id)) => {
            let Some(task) = model.board.tasks.get(&id) else { return Vec::new() };
            let with = |dependents| {
                Choice::submit(
                    Command::DeleteTask { id, dependents },
                    format!("Deleted {}", task.title),
                )
            };
            let waiting = model
                .board
                .detail
                .as_ref()
                .filter(|detail| detail.view.task.id == id)
                .map_or(0, |detail| detail.view.dependents.len());
            let below = if 0 < task.children {
                format!(" With it go {} tasks below it.", task.children)
            } else {
                String::new()
            };
            let mut asked = Menu::new("Delete")
                .about(format!("{}.{below} Undo (u) brings it back.", task.title));
            asked = if waiting == 0 {
                asked.item('y', "delete", with(Dependents::Refuse))
            } else {
                asked
                    .item(
                        'r',
                        format!("delete; {waiting} that wait for it no longer do"),
                        with(Dependents::Release),
                    )
                    .item('a', "delete, and those that wait for it too", with(Dependents::Cascade))
            };
            menu(model, asked)
        }
        Some(RowKey::Group(Some(id))) => group_acts::delete(model, id),
        Some(RowKey::Group(None) | RowKey::More(_)) | None => Vec::new(),
    }
}

/// A description came back from the editor.
pub fn described(model: &mut Model, task: TaskId, (text, version): (String, i64)) -> Vec<Effect> {
    let patch = TaskPatch { description: Some(text.clone()), ..TaskPatch::default() };
    let guard = Guard { if_version: Some(version), ..Guard::default() };
    let update = Command::UpdateTask(UpdateTask { id: task, patch, guard });
    let effects = Model::submit(update, "Save description");
    model.keep(Unsent::Description { task, text }, &effects);
    effects
}
