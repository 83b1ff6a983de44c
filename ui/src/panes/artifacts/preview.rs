//! What the file of an artifact says.

use std::sync::Arc;

use ratatui::text::Line;

use crate::action::Action;
use crate::app::Model;
use crate::app::artifacts::{Preview, Shown};
use crate::theme::Meaning;
use crate::widgets::{code, fit, markdown, wrap};

/// Lines of code that are drawn; all of it is in the editor.
const LINES_MAX: usize = 2_000;

/// The lines of the preview, laid out once for all frames.
pub(super) fn lines(model: &Model, width: u16) -> Arc<[Line<'static>]> {
    let Some(preview) = model.artifacts.preview() else {
        return Arc::from([Line::styled("Reading…", model.theme.style(Meaning::Dim))]);
    };
    preview.laid.lines((width, &model.theme), || lay_out(model, preview, width))
}

fn lay_out(model: &Model, preview: &Preview, width: u16) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let columns = usize::from(width).max(8);
    let said = |text: &str, meaning| -> Vec<Line<'static>> {
        let wrapped = wrap::wrap_text(text, columns, theme.style(meaning));
        wrapped.into_iter().map(Line::from).collect()
    };
    let (mut lines, left_out) = match &preview.shown {
        Shown::Markdown(text, _) if text.trim().is_empty() => {
            (said("It is empty.", Meaning::Dim), 0)
        }
        Shown::Markdown(text, fences) => {
            (markdown::render_with(text, width, (theme, fences)).lines, 0)
        }
        Shown::Code(pieces) => {
            let line = |pieces| Line::from(code::line(pieces, columns, (Meaning::Text, theme)));
            let shown = pieces.iter().take(LINES_MAX).map(line);
            (shown.collect(), pieces.len().saturating_sub(LINES_MAX))
        }
        Shown::Plain(text) if text.trim().is_empty() => (said("It is empty.", Meaning::Dim), 0),
        Shown::Plain(text) => {
            let line = |line: &str| match line.replace('\t', "    ") {
                line if fit::width(&fit::shown(&line)) <= columns => {
                    let line = fit::shown(&line).into_owned();
                    vec![Line::styled(line, theme.style(Meaning::Text))]
                }
                long => said(&long, Meaning::Text),
            };
            let left_out = text.lines().count().saturating_sub(LINES_MAX);
            (text.lines().take(LINES_MAX).flat_map(line).collect(), left_out)
        }
        Shown::NoText => (said("It is no text; nothing of it is shown.", Meaning::Dim), 0),
        Shown::Problem(problem) => (said(problem, Meaning::Bad), 0),
    };
    if preview.is_cut || 0 < left_out {
        let key = model.keymap.shown(Action::OpenArtifact);
        lines.extend(said(&format!("There is more; {key} opens all of it."), Meaning::Dim));
    }
    lines
}
