//! What anybody did, as it happens.

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::change::Verb;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::chrome::{clock_seconds, pane, span, title};
use crate::app::feed::ActivityRow;
use crate::app::{Model, Pane};
use crate::theme::Meaning;
use crate::widgets::wrap::{Piece, wrap};

/// A verb in the words of the activity, and how it is meant.
fn words(verb: Verb) -> (&'static str, Meaning) {
    match verb {
        Verb::SessionCreated => ("created session", Meaning::Accent),
        Verb::SessionMoved => ("moved session", Meaning::Accent),
        Verb::SessionUpdated => ("changed session", Meaning::Text),
        Verb::SessionRestored => ("brought back session", Meaning::Accent),
        Verb::ModeBound => ("put in force", Meaning::Accent),
        Verb::GroupCreated => ("added group", Meaning::Text),
        Verb::GroupUpdated => ("changed group", Meaning::Text),
        Verb::GroupMoved => ("moved group", Meaning::Text),
        Verb::GroupDeleted => ("deleted group", Meaning::Bad),
        Verb::TaskCreated => ("added", Meaning::Text),
        Verb::TaskUpdated => ("changed", Meaning::Text),
        Verb::TaskMoved => ("moved", Meaning::Text),
        Verb::TaskStarted => ("started", Meaning::StatusActive),
        Verb::TaskCompleted => ("completed", Meaning::Good),
        Verb::TaskBlocked => ("blocked", Meaning::StatusBlocked),
        Verb::TaskReview => ("handed over", Meaning::StatusReview),
        Verb::TaskCancelled => ("cancelled", Meaning::StatusCancelled),
        Verb::TaskFailed => ("failed", Meaning::StatusFailed),
        Verb::TaskReopened => ("reopened", Meaning::Warn),
        Verb::TaskDeleted => ("deleted", Meaning::Bad),
        Verb::TaskClaimed => ("took", Meaning::StatusActive),
        Verb::ClaimRenewed => ("renewed its claim on", Meaning::Dim),
        Verb::ClaimReleased => ("let go of", Meaning::Text),
        Verb::ClaimExpired => ("claim ran out on", Meaning::Warn),
        Verb::DependencyAdded => ("linked", Meaning::Text),
        Verb::DependencyRemoved => ("unlinked", Meaning::Text),
        Verb::ContextSet => ("noted", Meaning::Text),
        Verb::ContextRemoved => ("removed the note", Meaning::Text),
        Verb::MessageSent => ("wrote to agents of", Meaning::Accent),
        Verb::ArtifactRecorded => ("recorded", Meaning::Good),
        Verb::ArtifactChecked => ("saw the file of", Meaning::Warn),
        Verb::ArtifactRemoved => ("took out", Meaning::Bad),
        Verb::ConflictOpened => ("clashed on", Meaning::Warn),
        Verb::ConflictUpdated => ("clashed again on", Meaning::Warn),
        Verb::ConflictProposed => ("proposed a way out of", Meaning::Accent),
        Verb::ConflictResolved => ("resolved", Meaning::Good),
        Verb::ConflictWithdrawn => ("no longer clashes on", Meaning::Text),
        Verb::Undone => ("took back", Meaning::Warn),
        Verb::Redone => ("did again", Meaning::Warn),
    }
}

/// The style of whoever acted.
pub(super) fn actor_style(model: &Model, actor: &Actor) -> Style {
    let theme = &model.theme;
    match actor {
        Actor::Human => theme.style(Meaning::Strong),
        Actor::Agent(name) => model.agent_style(name),
        Actor::File(_) | Actor::System => theme.style(Meaning::Dim),
    }
}

/// Whoever acted, as people call them; a document by its name without the way to it.
pub(super) fn actor_name(actor: &Actor) -> &str {
    match actor {
        Actor::Human => "you",
        Actor::File(path) => path.rsplit('/').next().unwrap_or(path),
        Actor::Agent(_) | Actor::System => actor.name(),
    }
}

/// An entry as lines of so many columns, its time in front.
pub(super) fn lines(model: &Model, row: &ActivityRow, width: usize) -> Vec<Line<'static>> {
    const INDENT: usize = 9;
    let theme = &model.theme;
    let (verb, meaning) = words(row.verb);
    let mut pieces = vec![
        Piece::new(format!("{} ", actor_name(&row.actor)), actor_style(model, &row.actor)),
        Piece::new(format!("{verb} "), theme.style(meaning)),
        Piece::new(row.title.clone(), theme.style(Meaning::Text)),
    ];
    if !row.detail.is_empty() {
        let text = format!(" {} {}", theme.icons().separator, row.detail);
        pieces.push(Piece::new(text, theme.style(Meaning::Dim)));
    }
    let wrapped = wrap(&pieces, width.saturating_sub(INDENT).max(8));
    let time = clock_seconds(model, row.at);
    let first = span(theme, format!("{time} "), Meaning::Dim);
    wrapped
        .into_iter()
        .enumerate()
        .map(|(index, spans)| {
            let head = if index == 0 { first.clone() } else { Span::raw(" ".repeat(INDENT)) };
            std::iter::once(head).chain(spans).collect()
        })
        .collect()
}

/// The activity: the newest at the bottom.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let feed = &model.feed;
    let about = match (&feed.only, feed.back, feed.unseen) {
        (Some(name), _, _) => format!("only {name}"),
        (None, 0, _) => "live".to_owned(),
        (None, _, 0) => "scrolled back".to_owned(),
        (None, _, unseen) => format!("{unseen} new"),
    };
    let own = Some(Pane::Activity);
    let inner = pane(model, frame, area, title(model, "Activity", about, own), own);
    let height = usize::from(inner.height);
    let mut shown: Vec<Line<'static>> = Vec::new();
    for row in feed.visible().rev().skip(feed.back) {
        if height <= shown.len() {
            break;
        }
        let mut lines = lines(model, row, usize::from(inner.width));
        lines.reverse();
        shown.extend(lines);
    }
    if shown.is_empty() {
        let text = "Nothing has happened yet.";
        frame.render_widget(span(&model.theme, text, Meaning::Dim), inner);
        return;
    }
    shown.truncate(height);
    for (place, line) in inner.rows().zip(shown.into_iter().rev()) {
        frame.render_widget(line, place);
    }
}
