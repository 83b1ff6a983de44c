//! What the work produced or refers to: the list, and beside it the one under the cursor.

mod preview;

use callboard_engine::artifacts::WORK_PRODUCTS;
use callboard_engine::domain::artifact::{Artifact, ArtifactState, Storage};
use callboard_engine::domain::session::SessionState;
use callboard_engine::domain::time::age;
use callboard_engine::query::artifacts::ArtifactItem;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::activity::{actor_name, actor_style};
use super::chrome::{moment, pane, select, span, title};
use super::details::{Page, change_lines};
use crate::app::{Model, Pane};
use crate::sizes::bytes;
use crate::theme::Meaning;
use crate::widgets::{fit, wrap};

/// Columns from which a row has room for who and which task.
const WIDE: usize = 76;
/// Columns of the kind, and of who and the task where there is room.
const KIND: usize = 8;
const KIND_WIDE: usize = 13;
const WHO: usize = 11;
const TASK: usize = 14;
/// Digits of a hash that are shown.
const HASH_DIGITS: usize = 16;

/// The list.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let own = Some(Pane::Main);
    let about = model.artifacts.total.to_string();
    let inner = pane(model, frame, area, title(model, "Artifacts", about, own), own);
    if model.artifacts.rows.is_empty() {
        for (place, line) in inner.rows().zip(nothing(model, inner.width)) {
            frame.render_widget(line, place);
        }
        return;
    }
    let (cursor, offset) =
        (model.artifacts.index(), model.artifacts.scrolled(usize::from(inner.height)));
    let rows = model.artifacts.rows.iter().enumerate().skip(offset);
    for (place, (index, row)) in inner.rows().zip(rows) {
        let selected = index == cursor;
        if selected {
            select(model, frame, (place, Pane::Main));
        }
        let marker = if selected && model.place.accessible { ">" } else { " " };
        frame.render_widget(line(model, row, (marker, place.width)), place);
    }
}

/// What is listed here, where nothing is.
fn nothing(model: &Model, width: u16) -> Vec<Line<'static>> {
    let text = if model.loaded {
        "What the work produces is listed here: texts that agents hand in, which are kept with the \
         session, and files of the project. Agents record them with orchestrator_artifact_record, \
         people with `callboard artifact add`."
    } else {
        "Reading…"
    };
    let columns = usize::from(width).saturating_sub(2).max(8);
    let wrapped = wrap::wrap_text(text, columns, model.theme.style(Meaning::Dim));
    let indented =
        |spans: Vec<Span<'static>>| std::iter::once(Span::raw(" ")).chain(spans).collect();
    wrapped.into_iter().map(indented).collect()
}

/// Tells whether a file lies in the archive of its session.
fn is_packed(model: &Model, artifact: &Artifact) -> bool {
    let session = model.session.as_ref().filter(|row| row.session.id == artifact.session_id);
    artifact.storage == Storage::Stored
        && session.is_some_and(|row| row.session.state == SessionState::Archived)
}

/// How a file stands, as a sign and a look.
fn sign(model: &Model, artifact: &Artifact) -> (&'static str, Meaning) {
    let icons = model.theme.icons();
    if is_packed(model, artifact) {
        return (icons.unselected, Meaning::Dim);
    }
    match artifact.state {
        ArtifactState::Present => (icons.good, Meaning::Good),
        ArtifactState::Changed => (icons.warn, Meaning::Warn),
        ArtifactState::Missing => (icons.bad, Meaning::Bad),
    }
}

/// State, kind, title and edition; who, task, size and age where there is room.
fn line(model: &Model, row: &ArtifactItem, (marker, width): (&'static str, u16)) -> Line<'static> {
    let (theme, ellipsis) = (&model.theme, model.theme.icons().ellipsis);
    let artifact = &row.artifact;
    let is_wide = WIDE <= usize::from(width);
    let kind = if is_wide { KIND_WIDE } else { KIND };
    let (icon, meaning) = sign(model, artifact);
    let mut spans = vec![
        Span::raw(marker),
        span(theme, format!("{icon} "), meaning),
        span(theme, format!("{} ", fit::left(&artifact.kind, kind, ellipsis)), Meaning::Accent),
    ];
    let age = format!("{:>5} ", age(model.now.since_ms(artifact.created_at)));
    let mut behind = vec![span(theme, age, Meaning::Dim)];
    if is_wide {
        let who = fit::left(actor_name(&artifact.actor), WHO, ellipsis);
        let task = fit::left(row.task_title.as_deref().unwrap_or_default(), TASK, ellipsis);
        let own = [
            Span::styled(format!(" {who} "), actor_style(model, &artifact.actor)),
            span(theme, task, Meaning::Dim),
            span(theme, format!(" {:>8}", bytes(artifact.size)), Meaning::Dim),
        ];
        behind.splice(0..0, own);
    }
    let taken: usize = spans.iter().chain(&behind).map(Span::width).sum();
    spans.extend(name(model, artifact, usize::from(width).saturating_sub(taken)));
    spans.extend(behind);
    Line::from(spans)
}

/// The title with what is unusual about it, in so many columns.
fn name(model: &Model, artifact: &Artifact, columns: usize) -> [Span<'static>; 4] {
    let (theme, ellipsis) = (&model.theme, model.theme.icons().ellipsis);
    let (_, meaning) = sign(model, artifact);
    let state = match artifact.state {
        ArtifactState::Present => String::new(),
        state @ (ArtifactState::Changed | ArtifactState::Missing) => format!("{state} "),
    };
    let edition =
        if 1 < artifact.edition { format!(" {}", artifact.edition_shown()) } else { String::new() };
    let room = columns.saturating_sub(fit::width(&state) + fit::width(&edition));
    let title = fit::fit(&artifact.title, room, ellipsis).into_owned();
    let blanks = " ".repeat(room.saturating_sub(fit::width(&title)));
    [
        span(theme, state, meaning),
        span(theme, title, Meaning::Text),
        span(theme, edition, Meaning::Strong),
        Span::raw(blanks),
    ]
}

/// The one under the cursor: what is known of it, what its file says, its editions, its history.
pub(super) fn details(model: &Model, width: u16) -> Page {
    let (Some(row), Some(shown)) = (model.artifacts.selected(), model.artifacts.shown()) else {
        return Page::default();
    };
    let theme = &model.theme;
    let columns = usize::from(width).max(8);
    let wrapped = |text: &str, meaning| {
        let spans = wrap::wrap_text(text, columns, theme.style(meaning));
        spans.into_iter().map(Line::from).collect::<Vec<_>>()
    };
    let mut lines = wrapped(&shown.title, Meaning::Heading);
    lines.extend(facts(model, (row, shown), columns));
    lines.extend(wrapped(short_path(shown), Meaning::Link));
    if !shown.summary.is_empty() {
        lines.extend(wrapped(&shown.summary, Meaning::Text));
    }
    lines.push(Line::default());
    let above = std::mem::take(&mut lines);
    if 1 < model.artifacts.editions.len() {
        lines.push(Line::default());
        lines.push(Line::from(span(theme, "Editions", Meaning::Heading)));
        lines.extend(model.artifacts.editions.iter().map(|one| edition(model, one, shown)));
    }
    if !model.artifacts.history.is_empty() {
        lines.push(Line::default());
        lines.push(Line::from(span(theme, "History", Meaning::Heading)));
        let history = model.artifacts.history.iter();
        lines.extend(history.flat_map(|change| change_lines(model, change, width)));
    }
    Page { above, kept: preview::lines(model, width), below: lines }
}

/// The path without what all stored files of a session have in common.
fn short_path(artifact: &Artifact) -> &str {
    let folder = format!("/{WORK_PRODUCTS}/");
    let own = artifact.path.find(&folder).and_then(|at| artifact.path.get(at + 1..));
    match artifact.storage {
        Storage::Stored => own.unwrap_or(&artifact.path),
        Storage::Referenced => &artifact.path,
    }
}

fn facts(
    model: &Model,
    (row, shown): (&ArtifactItem, &Artifact),
    columns: usize,
) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let (dim, text) = (theme.style(Meaning::Dim), theme.style(Meaning::Text));
    let (icon, meaning) = sign(model, shown);
    let word = if is_packed(model, shown) { "packed" } else { shown.state.as_str() };
    let state = format!("{icon} {word}");
    let mut facts = vec![vec![wrap::Piece::new(state, theme.style(meaning))]];
    let mut add = |label: &str, value: String, style| {
        facts
            .push(vec![wrap::Piece::new(format!("{label} "), dim), wrap::Piece::new(value, style)]);
    };
    add("looked at", moment(model, shown.checked_at), text);
    add("kind", shown.kind.clone(), theme.style(Meaning::Accent));
    let editions = model.artifacts.editions.len();
    if 1 < editions {
        add("edition", format!("{} of {editions}", shown.edition_shown()), text);
    }
    add("by", actor_name(&shown.actor).to_owned(), actor_style(model, &shown.actor));
    add("at", moment(model, shown.created_at), text);
    if let Some(task) = shown.task_id {
        // Another edition may be of another task, of which the id is known here.
        let title = row.task_title.clone().filter(|_| row.artifact.task_id == Some(task));
        add("task", title.unwrap_or_else(|| task.to_string()), text);
    }
    let size = bytes(shown.size);
    match shown.storage {
        Storage::Stored => add("stored,", size, text),
        Storage::Referenced => add("referenced,", size, text),
    }
    let hash: String = shown.hash.chars().take(HASH_DIGITS).collect();
    add("hash", hash, dim);
    wrap::keep_together(&facts, columns).into_iter().map(Line::from).collect()
}

/// An edition on a line; the one that is shown is marked.
fn edition(model: &Model, one: &Artifact, shown: &Artifact) -> Line<'static> {
    let theme = &model.theme;
    let is_shown = one.id == shown.id;
    let icons = theme.icons();
    let (mark, meaning) = if is_shown {
        (icons.selected, Meaning::Strong)
    } else {
        (icons.unselected, Meaning::Text)
    };
    Line::from(vec![
        span(theme, format!("{mark} {:<4} ", one.edition_shown()), meaning),
        span(theme, format!("{} ", moment(model, one.created_at)), Meaning::Dim),
        Span::styled(format!("{} ", actor_name(&one.actor)), actor_style(model, &one.actor)),
        span(theme, format!("{} {}", bytes(one.size), one.state), Meaning::Dim),
    ])
}
