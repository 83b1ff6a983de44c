//! What the mode demands of a task, ticked off, and what was handed in with it.

use callboard_engine::domain::artifact::ArtifactState;
use callboard_engine::domain::gate::{Need, checks};
use callboard_engine::domain::task::Status;
use ratatui::text::Line;

use crate::action::Action;
use crate::app::Model;
use crate::app::board::Detail;
use crate::panes::chrome::span;
use crate::theme::Meaning;
use crate::widgets::wrap;

/// What must be there before the task is completed, each with whether it is.
pub(super) fn demands(model: &Model, detail: &Detail, width: u16) -> Vec<Line<'static>> {
    if detail.demands.is_empty() {
        return Vec::new();
    }
    let (theme, icons) = (&model.theme, model.theme.icons());
    let mode = model.mode().unwrap_or_default();
    let heading = span(theme, format!("To be completed in {mode}"), Meaning::Heading);
    let mut lines = vec![Line::default(), Line::from(heading)];
    // What a person can do at once comes first.
    let is_approval = |(need, _): &&(Need, bool)| *need == Need::Approval;
    let (own, evidence): (Vec<_>, Vec<_>) = detail.demands.iter().partition(is_approval);
    for (need, is_met) in own.into_iter().chain(evidence) {
        let (icon, meaning) = match (need, is_met) {
            (Need::Approval, _) => (icons.status(Status::Review), Meaning::StatusReview),
            (_, true) => (icons.good, Meaning::Good),
            (_, false) => (icons.bad, Meaning::Bad),
        };
        let pieces = [
            wrap::Piece::new(format!("{icon} "), theme.style(meaning)),
            wrap::Piece::new(need.in_words(), theme.style(Meaning::Text)),
            wrap::Piece::new(more(model, detail, need), theme.style(Meaning::Dim)),
        ];
        let columns = usize::from(width).max(8);
        lines.extend(wrap::wrap(&pieces, columns).into_iter().map(Line::from));
    }
    lines
}

/// How a demand stands.
fn more(model: &Model, detail: &Detail, need: &Need) -> String {
    let task = &detail.view.task;
    match need {
        Need::Checklist => {
            let (ticked, all) = checks(&task.description);
            format!("  {ticked} of {all}")
        }
        Need::Summary(least) if 1 < *least => {
            let length = task.result_summary.as_ref().map_or(0, |text| text.trim().chars().count());
            format!("  {length} so far")
        }
        Need::Approval if task.status == Status::Review => {
            let keys = &model.keymap;
            format!(
                "  {} approves, {} sends back",
                keys.shown(Action::Approve),
                keys.shown(Action::SendBack)
            )
        }
        Need::Approval | Need::Summary(_) | Need::Artifact(_) => String::new(),
    }
}

/// What was handed in with the task.
pub(super) fn artifacts(model: &Model, detail: &Detail, width: u16) -> Vec<Line<'static>> {
    if detail.artifacts.is_empty() {
        return Vec::new();
    }
    let theme = &model.theme;
    let mut lines = vec![Line::default(), Line::from(span(theme, "Artifacts", Meaning::Heading))];
    for row in &detail.artifacts {
        let paths =
            if row.paths.is_empty() { String::new() } else { format!("  {}", row.paths.join(" ")) };
        let edition = row.edition.filter(|edition| 1 < *edition);
        let edition = edition.map(|edition| format!(" v{edition}")).unwrap_or_default();
        let state = row.state.filter(|state| *state != ArtifactState::Present);
        let state = state.map(|state| format!("  {state}")).unwrap_or_default();
        let pieces = [
            wrap::Piece::new(format!("{} ", row.kind), theme.style(Meaning::Accent)),
            wrap::Piece::new(&row.title, theme.style(Meaning::Text)),
            wrap::Piece::new(edition, theme.style(Meaning::Strong)),
            wrap::Piece::new(state, theme.style(Meaning::Warn)),
            wrap::Piece::new(paths, theme.style(Meaning::Dim)),
        ];
        let columns = usize::from(width).max(8);
        lines.extend(wrap::wrap(&pieces, columns).into_iter().map(Line::from));
    }
    lines
}
