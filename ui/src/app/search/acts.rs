//! What keys do in the search: letters go into the line, arrows through what was found.

use callboard_engine::domain::id::TaskId;
use callboard_engine::query::search::{Hit, Kind};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{Answer, Cursor, HitKey, Preview, Wish};
use crate::action::Action;
use crate::app::board::RowKey;
use crate::app::sessions::Extract;
use crate::app::{Effect, Model, Pane, View, act, metrics};
use crate::overlay::menu::Menu;
use crate::overlay::{self, Choice, Overlay};
use crate::widgets::input::{Handled, Input};
use crate::widgets::markdown::Fences;
use crate::widgets::toast::Tone;

/// Rows that a page key moves by.
const PAGE: isize = 10;
/// Actions whose keys work while a line is typed, as far as these are no letters.
const WHILE_TYPING: [Action; 16] = [
    Action::Help,
    Action::Palette,
    Action::Open,
    Action::Back,
    Action::Down,
    Action::Up,
    Action::HalfDown,
    Action::HalfUp,
    Action::NextHit,
    Action::SearchFilters,
    Action::EarlierSearch,
    Action::LaterSearch,
    Action::NextPane,
    Action::PreviousPane,
    Action::Redraw,
    Action::Suspend,
];
/// Of these, what keys that also move or cut within the line do not do.
const BY_NAMED_KEYS: [Action; 2] = [Action::HalfDown, Action::HalfUp];

/// Shows the search, with what was found before; the first letter begins another.
pub fn show(model: &mut Model) -> Vec<Effect> {
    if model.view != View::Search {
        model.search.from = Some(model.view);
        model.search.is_old = true;
    }
    model.board.detail_scroll = 0;
    model.view = View::Search;
    model.focus = Pane::Main;
    model.zoomed = false;
    let mut effects = vec![model.reload()];
    effects.extend(ask(model, Cursor::Stays));
    effects
}

/// Tells whether the keys of an action work while a line is typed.
pub fn works_while_typing(action: Action) -> bool {
    WHILE_TYPING.contains(&action)
}

/// Tells whether a key writes a character.
pub fn is_letter(key: KeyEvent) -> bool {
    let holds = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    matches!(key.code, KeyCode::Char(_)) && !holds
}

/// Takes a key while the line has the focus, or a letter that goes there from another pane.
pub fn key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    model.focus = Pane::Main;
    let begins_anew = std::mem::take(&mut model.search.is_old);
    if is_letter(key) {
        if begins_anew {
            model.search.input.clear();
        }
        return edit(model, key);
    }
    if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
        return leave(model);
    }
    let is_named = !matches!(key.code, KeyCode::Char(_));
    let works = |action: &Action| {
        works_while_typing(*action) && (is_named || !BY_NAMED_KEYS.contains(action))
    };
    match model.keymap.lookup(&model.scopes(), key).filter(works) {
        Some(action) => act(model, action),
        None => edit(model, key),
    }
}

fn edit(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    match model.search.input.key(key) {
        Handled::Changed => typed(model),
        Handled::Moved | Handled::Ignored => Vec::new(),
    }
}

/// Does an action of the search while its line has the focus.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are the same everywhere")]
fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Back => leave(model),
        Action::Open => open(model),
        Action::Down | Action::NextHit => step(model, 1),
        Action::Up => step(model, -1),
        Action::HalfDown => step(model, PAGE),
        Action::HalfUp => step(model, -PAGE),
        Action::EarlierSearch => recall(model, 1),
        Action::LaterSearch => recall(model, -1),
        Action::SearchFilters => {
            model.overlay = Some(Overlay::Menu(filters()));
            Vec::new()
        }
        _ => act::act(model, action),
    }
}

/// Does what only the search has, wherever its focus is.
pub fn own(model: &mut Model, action: Action) -> Vec<Effect> {
    model.focus = Pane::Main;
    act(model, action)
}

/// Takes a pasted text.
pub fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if std::mem::take(&mut model.search.is_old) {
        model.search.input.clear();
    }
    model.search.input.paste(text);
    typed(model)
}

/// Adds a filter to what is typed.
pub fn insert(model: &mut Model, filter: &str) -> Vec<Effect> {
    let text = model.search.input.text();
    let space = if text.is_empty() || text.ends_with(' ') { "" } else { " " };
    model.search.input = Input::new(&format!("{text}{space}{filter}"));
    typed(model)
}

fn typed(model: &mut Model) -> Vec<Effect> {
    model.search.cursor = 0;
    model.search.offset = 0;
    model.board.detail_scroll = 0;
    ask(model, Cursor::Best)
}

/// Asks for what is typed; where the cursor goes with the answer.
fn ask(model: &mut Model, goes: Cursor) -> Vec<Effect> {
    let search = &mut model.search;
    search.asked += 1;
    (search.goes, search.opens, search.is_outdated) = (goes, false, false);
    if !search.is_typed() {
        search.answered = search.asked;
        search.found = None;
        search.problem = None;
        return Vec::new();
    }
    let (text, number, now) = (search.input.text(), search.asked, model.now);
    vec![Effect::Search(Wish::Find { text, number, now })]
}

/// Something has changed: what is shown is searched for again. A search that is under way is not
/// stopped for it, or where much changes none would ever end.
pub fn changed(model: &mut Model) -> Vec<Effect> {
    if model.view != View::Search || !model.search.is_typed() {
        return Vec::new();
    }
    if model.search.is_waiting() {
        model.search.is_outdated = true;
        return Vec::new();
    }
    ask(model, Cursor::Stays)
}

/// Takes what was found.
pub fn answered(model: &mut Model, answer: Answer) -> Vec<Effect> {
    match answer {
        Answer::Stopped => Vec::new(),
        Answer::Looked(preview) => {
            // The cursor may have moved on meanwhile; that one was asked for, too.
            if model.search.selected().is_some_and(|hit| preview.of == HitKey::from(hit)) {
                model.search.preview = Some(*preview);
            }
            Vec::new()
        }
        Answer::Found { number, .. } if number != model.search.asked => Vec::new(),
        Answer::Found { number, found } => {
            let search = &mut model.search;
            search.answered = number;
            let under = search.selected().map(HitKey::from);
            match *found {
                Ok(found) => {
                    search.found = Some(found);
                    search.problem = None;
                }
                Err(refusal) => {
                    search.found = None;
                    search.problem = Some(refusal.message);
                }
            }
            // The cursor stays on its hit; only when something is typed does it go to the best one,
            // unless it was moved meanwhile.
            if search.goes == Cursor::Stays || 0 < search.cursor {
                let is_it = |hit: &Hit| under.as_ref().is_some_and(|key| *key == HitKey::from(hit));
                let place = search.hits().iter().position(is_it);
                let last = search.hits().len().saturating_sub(1);
                search.cursor = place.unwrap_or(search.cursor).min(last);
            }
            if std::mem::take(&mut search.opens) && model.view == View::Search {
                return open(model);
            }
            let again = std::mem::take(&mut search.is_outdated) && model.view == View::Search;
            let mut effects = look(model);
            if again {
                effects.extend(ask(model, Cursor::Stays));
            }
            effects
        }
    }
}

/// Asks for the hit under the cursor in full.
fn look(model: &Model) -> Vec<Effect> {
    let hit = model.search.selected().cloned();
    hit.map(|hit| Effect::Search(Wish::Look(Box::new(hit)))).into_iter().collect()
}

/// Moves the cursor.
pub fn step(model: &mut Model, by: isize) -> Vec<Effect> {
    step_to(model, model.search.cursor.saturating_add_signed(by))
}

/// Puts the cursor on a row.
pub fn step_to(model: &mut Model, index: usize) -> Vec<Effect> {
    let last = model.search.len().saturating_sub(1);
    model.search.cursor = index.min(last);
    model.search.offset = model.search.scrolled(crate::panes::search_rows(model));
    model.board.detail_scroll = 0;
    look(model)
}

/// Puts an earlier search into the line.
fn recall(model: &mut Model, by: isize) -> Vec<Effect> {
    let text = model.search.input.text();
    let here = model.search.history.iter().position(|known| *known == text.trim());
    let next = match here {
        None if 0 < by => Some(0),
        Some(here) => here.checked_add_signed(by),
        // What is typed is newer than any of them.
        None => return Vec::new(),
    };
    let recalled = next.map(|next| model.search.history.get(next).cloned());
    // Beyond the oldest there is nothing; before the newest there is an empty line.
    let text = match recalled {
        Some(Some(text)) => text,
        Some(None) => return Vec::new(),
        None => String::new(),
    };
    model.search.input = Input::new(&text);
    typed(model)
}

/// Goes where the hit under the cursor is; without a text, takes an earlier search up.
pub fn open(model: &mut Model) -> Vec<Effect> {
    if !model.search.is_typed() {
        let text = model.search.history.get(model.search.cursor).cloned();
        model.search.input = Input::new(&text.unwrap_or_default());
        return typed(model);
    }
    if model.search.is_behind() {
        // What is listed was found for another text.
        model.search.opens = true;
        return Vec::new();
    }
    let Some(hit) = model.search.selected().cloned() else { return Vec::new() };
    model.search.remember();
    go(model, &hit)
}

/// Goes to the very thing that was found.
fn go(model: &mut Model, hit: &Hit) -> Vec<Effect> {
    let is_here = model.session_id() == Some(hit.session_id);
    let choice = match hit.kind {
        Kind::Task => hit.id.parse::<TaskId>().ok().map(|id| Choice::Select(RowKey::Task(id))),
        Kind::Group => hit.id.parse().ok().map(|id| Choice::Select(RowKey::Group(Some(id)))),
        Kind::Artifact => hit.id.parse().ok().map(Choice::Artifact),
        Kind::Session => return overlay::choose(model, Choice::Session(hit.session_id)),
        Kind::Message => {
            let number = hit.id.parse().unwrap_or_default();
            return metrics::show_message(model, number);
        }
        Kind::Note => return note(hit),
        Kind::Context => None,
    };
    match choice.filter(|_| is_here) {
        Some(choice) => overlay::choose(model, choice),
        None => in_session(model, hit, is_here),
    }
}

/// Opens a document at the line of a note.
fn note(hit: &Hit) -> Vec<Effect> {
    let at = hit.title.text.strip_prefix(&hit.id).and_then(|rest| rest.strip_prefix(':'));
    let line = at.and_then(|number| number.parse().ok());
    vec![Effect::OpenDocument { path: hit.id.clone(), line }]
}

/// Shows a hit in full with the session that it lies in.
fn in_session(model: &mut Model, hit: &Hit, is_here: bool) -> Vec<Effect> {
    if !is_here {
        model.tell(Tone::Info, "That is in another session; this is the one.");
    }
    let text = || hit.excerpt.as_ref().map(|(_, text)| text.text.clone()).unwrap_or_default();
    let (session, title) = (hit.session_id, hit.title.text.clone());
    let shown = model.search.shown().cloned();
    let (facts, text, fences) = shown.map_or_else(
        || (Vec::new(), text(), Fences::default()),
        |Preview { facts, text, fences, .. }| (facts, text, fences),
    );
    let extract = Extract { session, title, facts, text, fences };
    let effects = overlay::choose(model, Choice::Session(session));
    model.sessions.extract = Some(extract);
    effects
}

/// Back to the view that one came from; what is typed stays for the next time.
fn leave(model: &mut Model) -> Vec<Effect> {
    model.search.remember();
    model.search.opens = false;
    let view = model.search.from.take().unwrap_or(View::Board);
    act::go_to(model, view)
}

/// The filters that can be typed, each with a key.
fn filters() -> Menu {
    let filter = |text: &str| Choice::Filter(text.to_owned());
    Menu::new("Narrow the search")
        .about("Each is a word that can be typed as well.")
        .item('o', "open tasks          status:open", filter("status:open "))
        .item('a', "active tasks        status:active", filter("status:active "))
        .item('d', "completed tasks     status:completed", filter("status:completed "))
        .item('t', "only tasks          type:task", filter("type:task "))
        .item('s', "only sessions       type:session", filter("type:session "))
        .item('n', "notes in documents  type:note", filter("type:note "))
        .item('c', "this session        session:current", filter("session:current "))
        .item('i', "in the title        in:title", filter("in:title "))
        .item('r', "of a role           role:…", filter("role:"))
        .item('b', "by somebody         by:…", filter("by:"))
        .item('w', "of the last week    since:7d", filter("since:7d "))
        .ready()
}
