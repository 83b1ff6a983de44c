//! Lines that were laid out for a width and a theme, kept for the next frames: a whole file is laid
//! out once, however often it is scrolled.

use std::cell::RefCell;
use std::sync::Arc;

use ratatui::text::Line;

use crate::theme::Theme;

/// Lines as they were laid out last. What they were made of belongs beside it and does not change.
#[derive(Debug, Clone, Default)]
pub struct Laid(RefCell<Option<Kept>>);

#[derive(Debug, Clone)]
struct Kept {
    width: u16,
    theme: String,
    /// Tells the looks of one theme in plain and in other characters apart.
    ellipsis: &'static str,
    lines: Arc<[Line<'static>]>,
}

/// It says nothing that is not said by what it is made of.
impl PartialEq for Laid {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Laid {}

impl Laid {
    /// The lines for a width and a theme, laid out where that was not done yet.
    pub fn lines(
        &self,
        (width, theme): (u16, &Theme),
        lay_out: impl FnOnce() -> Vec<Line<'static>>,
    ) -> Arc<[Line<'static>]> {
        let ellipsis = theme.icons().ellipsis;
        let fits = |kept: &&Kept| {
            kept.width == width && kept.theme == theme.name && kept.ellipsis == ellipsis
        };
        let known = self.0.borrow().as_ref().filter(fits).map(|kept| kept.lines.clone());
        if let Some(lines) = known {
            return lines;
        }
        let lines: Arc<[Line<'static>]> = lay_out().into();
        let kept = Kept { width, theme: theme.name.clone(), ellipsis, lines: lines.clone() };
        *self.0.borrow_mut() = Some(kept);
        lines
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn lines_are_laid_out_once_for_a_width_and_a_theme() {
        let (laid, count) = (Laid::default(), Cell::new(0));
        let lines = |width: u16, theme: &Theme| {
            let lay_out = || {
                count.set(count.get() + 1);
                vec![Line::from(width.to_string())]
            };
            laid.lines((width, theme), lay_out).iter().map(Line::to_string).collect::<String>()
        };
        let dark = Theme::built_in("dark");
        assert_eq!((lines(40, &dark), lines(40, &dark)), ("40".to_owned(), "40".to_owned()));
        assert_eq!(count.get(), 1);
        assert_eq!(lines(80, &dark), "80");
        lines(80, &Theme::built_in("light"));
        lines(80, &Theme::built_in("light").with_ascii(true));
        assert_eq!(count.get(), 4);
    }
}
