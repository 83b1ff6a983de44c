//! A frame in the middle, over whatever was there.

use ratatui::Frame;
use ratatui::layout::{Rect, Size};
use ratatui::text::Line;
use ratatui::widgets::{Block, Clear, Padding};

use crate::theme::{Meaning, Theme};

/// A popup's words: a title above and, if any, hints below.
#[derive(Debug, Clone, Default)]
pub struct Popup<'a> {
    pub title: &'a str,
    pub hint: Line<'a>,
    pub look: Look,
}

/// How a popup is set apart from what is under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Look {
    #[default]
    Boxed,
    /// By its title alone, as a screen reader reads it.
    Plain,
}

/// The rectangle of a size in the middle of an area, made smaller where it does not fit.
pub fn centered(area: Rect, size: Size) -> Rect {
    let width = size.width.min(area.width);
    let height = size.height.min(area.height);
    Rect::new(area.x + (area.width - width) / 2, area.y + (area.height - height) / 2, width, height)
}

/// Draws the frame and clears what is under it; returns the room inside.
pub fn draw(frame: &mut Frame<'_>, area: Rect, popup: &Popup<'_>, theme: &Theme) -> Rect {
    let block = Block::bordered()
        .border_set(theme.icons().border)
        .border_style(theme.style(Meaning::BorderFocus))
        .style(theme.canvas().patch(theme.style(Meaning::Popup)))
        .padding(Padding::horizontal(1))
        .title_top(Line::styled(format!(" {} ", popup.title), theme.style(Meaning::TitleFocus)))
        .title_bottom(popup.hint.clone().right_aligned());
    let inner = block.inner(area);
    frame.render_widget(Clear, area);
    match popup.look {
        Look::Boxed => frame.render_widget(block, area),
        Look::Plain => {
            let style = theme.style(Meaning::TitleFocus);
            let title = Line::styled(format!("# {}", popup.title), style);
            frame.render_widget(title, Rect { height: area.height.min(1), ..area });
        }
    }
    inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_popup_never_leaves_its_area() {
        for (width, height) in [(0, 0), (1, 1), (10, 3), (200, 60)] {
            let area = Rect::new(2, 3, width, height);
            let inside = centered(area, Size::new(40, 12));
            assert_eq!(area.intersection(inside), inside);
        }
    }
}
