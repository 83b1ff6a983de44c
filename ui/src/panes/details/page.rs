//! The lines of the details, of which only those in sight are drawn.

use std::sync::Arc;

use ratatui::text::Line;

/// Lines, some of which are kept from frame to frame.
#[derive(Debug, Default)]
pub(in crate::panes) struct Page {
    pub above: Vec<Line<'static>>,
    pub kept: Arc<[Line<'static>]>,
    pub below: Vec<Line<'static>>,
}

impl From<Vec<Line<'static>>> for Page {
    fn from(lines: Vec<Line<'static>>) -> Self {
        Self { above: lines, ..Self::default() }
    }
}

impl Page {
    pub(super) fn len(&self) -> usize {
        self.above.len() + self.kept.len() + self.below.len()
    }

    /// So many lines behind those that are scrolled away.
    pub(super) fn window(&self, skipped: usize, rows: u16) -> Vec<Line<'static>> {
        let parts: [&[Line<'static>]; 3] = [&self.above, &self.kept, &self.below];
        parts.into_iter().flatten().skip(skipped).take(usize::from(rows)).cloned().collect()
    }
}
