//! Short messages at the lower right that go away by themselves.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Clear;

use super::{fit, wrap};
use crate::theme::{Meaning, Theme};

/// Most messages shown at once; older ones give way.
const TOASTS_MAX: usize = 3;
/// Widest message, in columns.
const WIDTH_MAX: u16 = 60;

/// How a message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Info,
    Bad,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    pub text: String,
    pub tone: Tone,
}

/// Draws the newest messages, the newest lowest.
pub fn draw(frame: &mut Frame<'_>, area: Rect, toasts: &[Toast], theme: &Theme) {
    let mut bottom = area.bottom();
    let room = usize::from(area.width.min(WIDTH_MAX).saturating_sub(2));
    for toast in toasts.iter().rev().take(TOASTS_MAX) {
        let style = theme.style(match toast.tone {
            Tone::Info => Meaning::Toast,
            Tone::Bad => Meaning::ToastBad,
        });
        let lines = wrap::wrap_text(&toast.text, room.max(1), style);
        let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
        if room == 0 || bottom.saturating_sub(area.y) < height {
            return;
        }
        bottom -= height;
        let texts = lines.iter().map(|line| Line::from(line.clone()).to_string());
        let texts: Vec<String> = texts.collect();
        let widest = texts.iter().map(|text| fit::width(text)).max().unwrap_or(0);
        let width = u16::try_from(widest + 2).unwrap_or(WIDTH_MAX).min(area.width);
        let place = Rect::new(area.right() - width, bottom, width, height);
        frame.render_widget(Clear, place);
        for (row, text) in place.rows().zip(&texts) {
            let padded = format!(" {} ", fit::left(text, widest, ""));
            frame.render_widget(Line::styled(padded, style), row);
        }
    }
}
