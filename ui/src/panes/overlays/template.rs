//! A task template that is being filled in, with the plan that it makes.

use callboard_engine::domain::count::counted;
use callboard_engine::domain::time::minutes_text;
use callboard_engine::task_templates::{PlannedTask, Preview};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect, Size};
use ratatui::text::{Line, Span};

use super::look;
use crate::app::Model;
use crate::overlay::template_form::TemplateForm;
use crate::panes::chrome::span;
use crate::theme::Meaning;
use crate::widgets::popup::{self, Popup};
use crate::widgets::{fit, wrap};

/// Faults that are shown.
const FAULTS_MAX: usize = 4;

pub(super) fn place(area: Rect) -> Rect {
    let width = 110.min(area.width.saturating_sub(2));
    popup::centered(area, Size::new(width, area.height.saturating_sub(2).max(8)))
}

pub(super) fn draw(model: &Model, form: &TemplateForm, frame: &mut Frame<'_>, area: Rect) {
    let theme = &model.theme;
    let hint = Line::from(span(theme, " Ctrl-S applies ", Meaning::Dim));
    let popup = Popup { title: form.title(), hint, look: look(model) };
    let inner = popup::draw(frame, place(area), &popup, theme);
    let fields = form.fields.height().min(inner.height.saturating_sub(5));
    let parts = [Constraint::Length(fields), Constraint::Length(1), Constraint::Min(1)];
    let [fields, rule, plan] = Layout::vertical(parts).areas(inner);
    form.fields.draw(frame, fields, theme);
    let count = form.preview.tasks.len();
    let heading = counted(count, "task");
    frame.render_widget(span(theme, heading, Meaning::Heading), rule);
    let lines = lines(model, &form.preview, plan.width);
    let more = lines.len().saturating_sub(usize::from(plan.height));
    for (place, line) in plan.rows().zip(lines) {
        frame.render_widget(line, place);
    }
    if 0 < more {
        let text = format!("and {} more", more + 1);
        let last = Rect { y: plan.bottom().saturating_sub(1), height: 1, ..plan };
        frame.buffer_mut().set_style(last, theme.style(Meaning::Popup));
        let padded = fit::left(&text, usize::from(plan.width), theme.icons().ellipsis);
        frame.render_widget(span(theme, padded, Meaning::Dim), last);
    }
}

/// What is wrong, then the tasks by group.
fn lines(model: &Model, preview: &Preview, width: u16) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let columns = usize::from(width).max(8);
    let mut lines: Vec<Line<'static>> = Vec::new();
    for fault in preview.faults.iter().take(FAULTS_MAX) {
        let text = format!("{} {fault}", theme.icons().bad);
        let wrapped = wrap::wrap_text(&text, columns, theme.style(Meaning::Bad));
        lines.extend(wrapped.into_iter().map(Line::from));
    }
    let mut before = None;
    for task in &preview.tasks {
        if task.depth == 0 && task.group != before {
            before = task.group;
            let group = before.and_then(|place| preview.groups.get(place));
            let path = group.map_or_else(|| "no group".to_owned(), |group| group.path.join(" / "));
            lines.push(Line::from(span(theme, path, Meaning::Accent)));
        }
        lines.push(line(model, task, columns));
    }
    lines
}

fn line(model: &Model, task: &PlannedTask, columns: usize) -> Line<'static> {
    let (theme, icons) = (&model.theme, model.theme.icons());
    let mut facts = Vec::new();
    if !task.depends_on.is_empty() {
        facts.push(format!("{}{}", icons.waits, task.depends_on.len()));
    }
    facts.extend(task.role.clone());
    facts.extend(task.estimate_minutes.map(minutes_text));
    let facts = format!("  {}", facts.join("  "));
    let indent = "  ".repeat(task.depth + 1);
    let room = columns.saturating_sub(fit::width(&facts) + fit::width(&indent) + 2);
    Line::from(vec![
        Span::raw(indent),
        span(theme, format!("{} ", icons.bullet), Meaning::Dim),
        span(theme, fit::fit(&task.title, room, icons.ellipsis).into_owned(), Meaning::Text),
        span(theme, facts, Meaning::Dim),
    ])
}
