//! What is under the cursor, in full.

mod evidence;
mod page;

use callboard_engine::domain::change::{Change, Verb};
use callboard_engine::domain::count::counted;
use callboard_engine::domain::task::Complexity;
use callboard_engine::domain::time::minutes_text;
use callboard_engine::query::rows::{TaskLink, TaskView};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::activity::{actor_name, actor_style};
use super::chrome::{moment, pane, span, title};
use crate::app::board::{Detail, RowKey};
use crate::app::{Model, Pane, View};
use crate::theme::Meaning;
use crate::widgets::{fit, markdown, wrap};
pub(super) use page::Page;

/// The details of the view's selection.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let own = Some(Pane::Details);
    let about = match model.view {
        View::Board => model
            .board
            .detail
            .as_ref()
            .map(|detail| detail.view.task.id.to_string())
            .unwrap_or_default(),
        View::Modes => model.modes.selected().map(|row| row.name.clone()).unwrap_or_default(),
        View::Artifacts => {
            model.artifacts.shown().map(|one| one.id.to_string()).unwrap_or_default()
        }
        View::Sessions
        | View::Agents
        | View::Conflicts
        | View::Metrics
        | View::Backups
        | View::Search => String::new(),
    };
    let name = if model.edits().is_some() { "Kept text" } else { "Details" };
    let inner = pane(model, frame, area, title(model, name, about, own), own);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let page = contents(model, inner.width);
    let most = page.len().saturating_sub(usize::from(inner.height));
    let scroll = usize::from(model.board.detail_scroll).min(most);
    frame.render_widget(Paragraph::new(page.window(scroll, inner.height)), inner);
    if scroll < most && !model.place.accessible {
        super::side::more_mark(model, frame, area);
    }
}

/// Rows of the details that do not fit into an area, however far it is scrolled.
pub(super) fn hidden(model: &Model, area: Rect) -> usize {
    let frame = if model.place.accessible { 1 } else { 2 };
    let lines = contents(model, area.width.saturating_sub(if frame == 1 { 2 } else { 4 }));
    lines.len().saturating_sub(usize::from(area.height.saturating_sub(frame)))
}

fn contents(model: &Model, width: u16) -> Page {
    let lines = match model.view {
        View::Board => board(model, width),
        View::Sessions => match model.edits() {
            Some(list) => super::edits::details(model, list, width),
            None => super::sessions::details(model, width),
        },
        View::Modes => super::modes::details(model, width),
        View::Agents => super::agents::details(model, width),
        View::Artifacts => return super::artifacts::details(model, width),
        View::Metrics => super::metrics::details(model, width),
        View::Backups => super::backups::details(model, width),
        View::Search => super::search::details(model, width),
        View::Conflicts => Vec::new(),
    };
    lines.into()
}

fn board(model: &Model, width: u16) -> Vec<Line<'static>> {
    let shown = model
        .board
        .detail
        .as_ref()
        .filter(|detail| model.board.cursor == Some(RowKey::Task(detail.view.task.id)));
    match (shown, model.board.cursor) {
        (Some(detail), _) => task(model, detail, width),
        (None, Some(RowKey::Group(Some(id)))) => group(model, id, width),
        (None, _) => Vec::new(),
    }
}

fn group(
    model: &Model,
    id: callboard_engine::domain::id::GroupId,
    width: u16,
) -> Vec<Line<'static>> {
    let Some(row) = model.board.group(id) else { return Vec::new() };
    let theme = &model.theme;
    let counts = row.tree;
    let mut lines = vec![
        Line::from(span(theme, row.path.clone(), Meaning::Heading)),
        Line::from(span(
            theme,
            format!(
                "{} {} {}% done {} {} open",
                counted(counts.all(), "task"),
                theme.icons().separator,
                counts.percent,
                theme.icons().separator,
                counts.open()
            ),
            Meaning::Dim,
        )),
    ];
    if let Some(role) = &row.group.role {
        lines.push(Line::from(vec![
            span(theme, "role ", Meaning::Dim),
            span(theme, role.clone(), Meaning::Text),
        ]));
    }
    if !row.group.description.is_empty() {
        lines.push(Line::default());
        lines.extend(markdown::render(&row.group.description, width, theme).lines);
    }
    lines
}

fn task(model: &Model, detail: &Detail, width: u16) -> Vec<Line<'static>> {
    let (view, history) = (&detail.view, &detail.history);
    let (theme, task) = (&model.theme, &view.task);
    let title =
        wrap::wrap_text(&task.title, usize::from(width).max(8), theme.style(Meaning::Heading));
    let mut lines: Vec<Line<'static>> = title.into_iter().map(Line::from).collect();
    lines.extend(facts(model, view, width));
    if let Some(reason) = &task.reason {
        lines.extend(wrapped(model, &format!("{}: {reason}", task.status), (width, Meaning::Warn)));
    }
    lines.extend(evidence::demands(model, detail, width));
    if !task.description.is_empty() {
        lines.push(Line::default());
        lines.extend(markdown::render(&task.description, width, theme).lines);
    }
    if let Some(summary) = &task.result_summary {
        lines.push(Line::default());
        lines.push(Line::from(span(theme, "Result", Meaning::Heading)));
        lines.extend(markdown::render(summary, width, theme).lines);
    }
    lines.extend(evidence::artifacts(model, detail, width));
    links(model, "Waits for", &view.depends_on, (width, &mut lines));
    links(model, "Waited for by", &view.dependents, (width, &mut lines));
    links(model, "Below it", &view.children, (width, &mut lines));
    if !history.is_empty() {
        lines.push(Line::default());
        lines.push(Line::from(span(theme, "History", Meaning::Heading)));
        lines.extend(history.iter().flat_map(|change| change_lines(model, change, width)));
    }
    lines
}

fn wrapped(model: &Model, text: &str, (width, meaning): (u16, Meaning)) -> Vec<Line<'static>> {
    let columns = usize::from(width).max(8);
    wrap::wrap_text(text, columns, model.theme.style(meaning)).into_iter().map(Line::from).collect()
}

/// Status, priority, role, holder and the rest, as few lines as they need.
fn facts(model: &Model, view: &TaskView, width: u16) -> Vec<Line<'static>> {
    let (theme, icons, task) = (&model.theme, model.theme.icons(), &view.task);
    let dim = theme.style(Meaning::Dim);
    let text = theme.style(Meaning::Text);
    let status = format!("{} {}", icons.status(task.status), task.status);
    let mut facts = vec![vec![wrap::Piece::new(status, theme.status(task.status))]];
    let mut add = |label: &str, value: String, style| {
        let label = if label.is_empty() { String::new() } else { format!("{label} ") };
        facts.push(vec![wrap::Piece::new(label, dim), wrap::Piece::new(value, style)]);
    };
    add("priority", task.priority.to_string(), theme.priority(task.priority));
    if let Some(role) = &task.role {
        add("role", role.clone(), text);
    }
    if let Some(claim) = &task.claim {
        let name = format!("{} {}", icons.held, actor_name(&claim.holder));
        add("held by", name, actor_style(model, &claim.holder));
        let stale = claim.is_stale(model.now);
        let (label, meaning) =
            if stale { ("ran out", Meaning::Warn) } else { ("until", Meaning::Text) };
        add(label, moment(model, claim.until), theme.style(meaning));
    }
    if let Some(assignee) = &task.assignee {
        add("for", assignee.clone(), text);
    }
    if let Some(group) = &view.group_path {
        add("in", group.clone(), text);
    }
    if let Some(parent) = &view.parent {
        add("below", parent.title.clone(), text);
    }
    if 0 < view.children_total || (0 < view.progress && task.status.is_open()) {
        add("progress", format!("{}%", view.progress), text);
    }
    if task.complexity != Complexity::Moderate {
        add("complexity", task.complexity.to_string(), text);
    }
    match (task.estimate_minutes, task.actual_minutes) {
        (Some(estimate), Some(actual)) => {
            add("took", format!("{} of {}", minutes_text(actual), minutes_text(estimate)), text);
        }
        (Some(estimate), None) => add("estimate", minutes_text(estimate), text),
        (None, Some(actual)) => add("took", minutes_text(actual), text),
        (None, None) => {}
    }
    if let Some(due) = &task.due {
        add("due", due.clone(), text);
    }
    if !task.tags.is_empty() {
        let tags: Vec<String> = task.tags.iter().map(|tag| format!("#{tag}")).collect();
        add("", tags.join(" "), theme.style(Meaning::Accent));
    }
    wrap::keep_together(&facts, usize::from(width).max(8)).into_iter().map(Line::from).collect()
}

fn links(model: &Model, heading: &str, links: &[TaskLink], to: (u16, &mut Vec<Line<'static>>)) {
    let (width, lines) = to;
    if links.is_empty() {
        return;
    }
    let (theme, icons) = (&model.theme, model.theme.icons());
    lines.push(Line::default());
    lines.push(Line::from(span(theme, heading.to_owned(), Meaning::Heading)));
    for link in links {
        let room = usize::from(width).saturating_sub(13);
        lines.push(Line::from(vec![
            Span::styled(format!("{} ", icons.status(link.status)), theme.status(link.status)),
            span(theme, format!("{} ", link.id), Meaning::Dim),
            span(theme, fit::fit(&link.title, room, icons.ellipsis).into_owned(), Meaning::Text),
        ]));
    }
}

/// Who did what to the record, with what was there before.
pub(super) fn change_lines(model: &Model, change: &Change, width: u16) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let word = if change.verb == Verb::Undone {
        "took back"
    } else if change.verb == Verb::Redone {
        "did again"
    } else {
        change.verb.as_str().split('.').next_back().unwrap_or_default()
    };
    let mut pieces = vec![
        wrap::Piece::new(format!("{} ", moment(model, change.at)), theme.style(Meaning::Dim)),
        wrap::Piece::new(
            format!("{} ", actor_name(&change.actor)),
            actor_style(model, &change.actor),
        ),
        wrap::Piece::new(format!("{word} "), theme.style(Meaning::Text)),
    ];
    if let (Some(before), Some(after)) = (&change.before, &change.after) {
        const INNER: [&str; 5] = ["position", "claim", "claim_number", "started_at", "finished_at"];
        let fields = after.keys().filter(|name| !INNER.contains(&name.as_str()));
        let told: Vec<String> = fields
            .map(|name| {
                let value =
                    |side: Option<&serde_json::Value>| side.map(short_value).unwrap_or_default();
                format!(
                    "{} {} {} {}",
                    name.replace('_', " "),
                    value(before.get(name)),
                    theme.icons().arrow_right,
                    value(after.get(name))
                )
            })
            .collect();
        pieces.push(wrap::Piece::new(told.join(", "), theme.style(Meaning::Dim)));
    }
    if let Some(reason) = &change.reason {
        pieces.push(wrap::Piece::new(format!(" ({reason})"), theme.style(Meaning::Dim)));
    }
    wrap::wrap(&pieces, usize::from(width).max(8)).into_iter().map(Line::from).collect()
}

/// A value in a history line: short, without quotes.
fn short_value(value: &serde_json::Value) -> String {
    let text = match value {
        serde_json::Value::Null => "none".to_owned(),
        serde_json::Value::String(text) => text.lines().next().unwrap_or_default().to_owned(),
        serde_json::Value::Array(items) => {
            items.iter().map(short_value).collect::<Vec<_>>().join(" ")
        }
        other @ (serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::Object(_)) => other.to_string(),
    };
    let text = fit::fit(&text, 32, "…").into_owned();
    if text.is_empty() { "nothing".to_owned() } else { text }
}
