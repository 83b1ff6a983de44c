//! The first line: project, session and state, and what asks for attention.

use callboard_engine::domain::count::{by_count, counted};

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::chrome::clock_seconds;
use crate::app::{Model, documents};
use crate::theme::Meaning;
use crate::widgets::fit;

/// Who is asked for attention, and where we are.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let (theme, icons) = (&model.theme, model.theme.icons());
    let bar = theme.style(Meaning::HeaderBar);
    frame.buffer_mut().set_style(area, bar);
    let over = |meaning: Meaning| bar.patch(theme.style(meaning));
    let mut spans = vec![
        Span::styled(
            format!(" {} ", fit::fit(&model.place.project, 24, icons.ellipsis)),
            theme.style(Meaning::Brand),
        ),
        Span::styled(" ", bar),
    ];
    let right = header_right(model);
    let taken =
        spans.iter().map(Span::width).sum::<usize>() + right.iter().map(Span::width).sum::<usize>();
    match &model.session {
        None if model.loaded => spans.push(Span::styled("no session yet", over(Meaning::Dim))),
        None => spans.push(Span::styled("loading…", over(Meaning::Dim))),
        Some(row) => {
            let state = row.session.state;
            let room = usize::from(area.width).saturating_sub(taken + state.as_str().len() + 12);
            let name = fit::fit(&row.session.name, room, icons.ellipsis).into_owned();
            spans.push(Span::styled(name, over(Meaning::Strong)));
            let shown = format!("  {} {state}", icons.state(state));
            spans.push(Span::styled(shown, bar.patch(theme.state(state))));
            let all = row.counts.all();
            if 0 < all && 100 <= area.width {
                let done = format!("  {}% of {all}", row.counts.percent);
                spans.push(Span::styled(done, over(Meaning::Dim)));
            }
        }
    }
    frame.render_widget(Line::from(spans), area);
    frame.render_widget(Line::from(right).right_aligned(), area);
}

fn header_right(model: &Model) -> Vec<Span<'static>> {
    let (theme, icons) = (&model.theme, model.theme.icons());
    let bar = theme.style(Meaning::HeaderBar);
    let mut spans = Vec::new();
    if !model.needs.rows.is_empty() {
        let count = model.needs.rows.len();
        let need = by_count(count, "needs", "need");
        let text = format!("{} {count} {need} you  ", icons.warn);
        spans.push(Span::styled(text, bar.patch(theme.style(Meaning::Warn))));
    }
    if 0 < model.conflicts.open && 80 <= model.size.width {
        let text = counted(model.conflicts.open, "conflict") + "  ";
        spans.push(Span::styled(text, bar.patch(theme.style(Meaning::Bad))));
    }
    let standing = documents::standing(model).filter(|_| 80 <= model.size.width);
    // A session's name is worth more than a word that goes without saying.
    let is_crowded = model.size.width < 100
        && 0 < model.conflicts.open
        && standing.as_ref().is_some_and(|standing| !standing.short.is_empty());
    if let Some(standing) = standing {
        let text = if 130 <= model.size.width { standing.long } else { standing.short };
        let text = if text.is_empty() { text } else { text + "  " };
        spans.push(Span::styled(text, bar.patch(theme.style(standing.meaning))));
    }
    let agents = model.agents.connected();
    let meaning = if agents == 0 { Meaning::Dim } else { Meaning::Good };
    spans.push(Span::styled(
        if is_crowded {
            format!("{} {agents}", icons.dot)
        } else {
            format!("{} {}", icons.dot, counted(agents, "agent"))
        },
        bar.patch(theme.style(meaning)),
    ));
    if 100 <= model.size.width
        && let Some(last) = model.feed.rows.back()
    {
        let text = format!("  changed {}", clock_seconds(model, last.at));
        spans.push(Span::styled(text, bar.patch(theme.style(Meaning::Dim))));
    }
    spans.push(Span::styled(" ", bar));
    spans
}
