//! What can be done with a session, as a menu.

use callboard_engine::domain::command::{Command, MoveSession};
use callboard_engine::domain::count::{by_count, counted};
use callboard_engine::domain::session::{SessionMove, SessionState};
use callboard_engine::export::Format;
use callboard_engine::query::rows::SessionRow;

use crate::app::upkeep::Wish;
use crate::app::{Effect, Model, View};
use crate::overlay::menu::Menu;
use crate::overlay::prompt::{Prompt, Purpose};
use crate::overlay::{Choice, Overlay};

pub(super) fn session_menu(model: &Model) -> Menu {
    let is_listed = model.view == View::Sessions;
    let selected = if is_listed { model.sessions.selected() } else { model.session.as_ref() };
    let live = model.session.as_ref().filter(|row| row.session.state.is_live());
    let create = |suspend_current| {
        let hint = "a name for what you set out to do";
        Choice::Prompt(Box::new(Prompt::new(
            "New session",
            hint,
            "",
            Purpose::NewSession { suspend_current },
        )))
    };
    let mut menu = Menu::new("Session").item(
        'c',
        "create a session",
        match live {
            None => create(false),
            Some(row) => Choice::Menu(Box::new(
                Menu::new("Create a session")
                    .about(format!(
                        "{} is live, and a project has one live session. Claims in it are let go.",
                        row.session.name
                    ))
                    .keep("leave it as it is")
                    .item('y', format!("suspend {} and create", row.session.name), create(true)),
            )),
        },
    );
    let Some(row) = selected else { return menu };
    menu = menu.about(format!("{} is {}.", row.session.name, row.session.state));
    for (key, to) in [
        ('p', SessionMove::Suspend),
        ('r', SessionMove::Resume),
        ('f', SessionMove::Complete),
        ('a', SessionMove::Archive),
    ] {
        let closed = (!to.is_open_from(row.session.state))
            .then(|| format!("not from {}", row.session.state));
        menu = menu.item_if(
            key,
            format!("{to} {}", row.session.name),
            closed,
            session_choice(model, row, to),
        );
    }
    let rename = Prompt::new(
        "Rename session",
        "",
        &row.session.name,
        Purpose::RenameSession(row.session.id),
    );
    let closed = (!row.session.state.allows_planning()).then(|| "read-only".to_owned());
    let export = Choice::Menu(Box::new(export_menu(row)));
    menu.item_if('n', "rename", closed, Choice::Prompt(Box::new(rename)))
        .item('x', "export", export)
}

/// Asks as what the session is to be exported: the one under the cursor, else the one on the board.
pub(super) fn export(model: &mut Model) -> Vec<Effect> {
    let is_listed = model.view == View::Sessions;
    let selected = if is_listed { model.sessions.selected() } else { model.session.as_ref() };
    model.overlay = selected.map(|row| Overlay::Menu(export_menu(row)));
    Vec::new()
}

fn export_menu(row: &SessionRow) -> Menu {
    let (id, state) = (row.session.id, row.session.state);
    let write = |format| Choice::Upkeep(Wish::Export(id, format));
    let unpacked = (state != SessionState::Archived).then(|| format!("not while {state}"));
    Menu::new("Export")
        .about(format!(
            "{} is written into one file in .task_orchestrator/exports.",
            row.session.name
        ))
        .item('m', "a report to read, in markdown", write(Format::Markdown))
        .item('j', "every record, as JSON", write(Format::Json))
        .item_if('t', "what it is packed into, as tar.zst", unpacked, write(Format::Archive))
}

/// What a move does, or what is asked before.
fn session_choice(model: &Model, row: &SessionRow, to: SessionMove) -> Choice {
    let id = row.session.id;
    let wanted = |suspend_current, allow_open| {
        let wanted = MoveSession { suspend_current, allow_open, ..MoveSession::plain(id, to) };
        Choice::submit(Command::MoveSession(wanted), format!("{to} {}", row.session.name))
    };
    let live =
        model.session.as_ref().filter(|live| live.session.state.is_live() && live.session.id != id);
    match (to, live) {
        (SessionMove::Resume, Some(live)) => Choice::Menu(Box::new(
            Menu::new("Resume")
                .about(format!("{} is live, and a project has one live session.", live.session.name))
                .keep("leave it as it is")
                .item('y', format!("suspend {} and resume {}", live.session.name, row.session.name), wanted(true, false)),
        )),
        (SessionMove::Complete, _) if 0 < row.counts.open() => Choice::Menu(Box::new(
            Menu::new("Complete")
                .about(format!(
                    "{} {} still open. What is open stays as it is, and can be taken up by resuming.",
                    counted(row.counts.open(), "task"),
                    by_count(row.counts.open(), "is", "are")
                ))
                .keep("leave it as it is")
                .item('y', "complete all the same", wanted(false, true)),
        )),
        (SessionMove::Archive, _) => Choice::Menu(Box::new(
            Menu::new("Archive")
                .about("An archived session is read-only until it is resumed. Its documents and artifacts are packed into an archive in .task_orchestrator/archives; resuming opens it. Nothing is lost.")
                .keep("leave it as it is")
                .item('y', format!("archive {}", row.session.name), wanted(false, false)),
        )),
        (SessionMove::Suspend | SessionMove::Resume | SessionMove::Complete, _) => wanted(false, false),
    }
}
