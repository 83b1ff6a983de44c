//! Icons: one set of plain Unicode, one of ASCII; every icon is one column wide.

use callboard_engine::domain::session::SessionState;
use callboard_engine::domain::task::{Priority, Status};
use ratatui::symbols::border;

/// The signs the screen is drawn with.
#[derive(Debug, PartialEq)]
pub struct Icons {
    /// By [`Status`], in the order of `Status::ALL`.
    statuses: [&'static str; 7],
    /// By [`Priority`], the most urgent first.
    priorities: [&'static str; 5],
    pub caret_open: &'static str,
    pub caret_closed: &'static str,
    pub selected: &'static str,
    pub unselected: &'static str,
    pub bullet: &'static str,
    pub dot: &'static str,
    pub arrow_left: &'static str,
    pub arrow_right: &'static str,
    pub arrow_up: &'static str,
    pub arrow_down: &'static str,
    /// This task waits for another.
    pub waits: &'static str,
    /// Somebody holds it.
    pub held: &'static str,
    pub warn: &'static str,
    pub good: &'static str,
    pub bad: &'static str,
    pub ellipsis: &'static str,
    pub separator: &'static str,
    pub line: &'static str,
    pub quote: &'static str,
    pub checked: &'static str,
    pub unchecked: &'static str,
    /// A bar's cells from nearly empty to full.
    pub bar: &'static [&'static str],
    pub bar_empty: &'static str,
    /// Heights of a chart's column from lowest to full.
    pub spark: &'static [&'static str],
    pub spinner: &'static [&'static str],
    pub border: border::Set<'static>,
    pub scroll_track: &'static str,
    pub scroll_thumb: &'static str,
}

impl Icons {
    /// The icon of a task's status.
    pub fn status(&self, status: Status) -> &'static str {
        let [pending, active, blocked, review, completed, cancelled, failed] = self.statuses;
        match status {
            Status::Pending => pending,
            Status::Active => active,
            Status::Blocked => blocked,
            Status::Review => review,
            Status::Completed => completed,
            Status::Cancelled => cancelled,
            Status::Failed => failed,
        }
    }

    /// The icon of a task's priority; blank for a normal one.
    pub fn priority(&self, priority: Priority) -> &'static str {
        let [critical, high, normal, low, someday] = self.priorities;
        match priority {
            Priority::Critical => critical,
            Priority::High => high,
            Priority::Normal => normal,
            Priority::Low => low,
            Priority::Someday => someday,
        }
    }

    /// The icon of a session's state.
    pub fn state(&self, state: SessionState) -> &'static str {
        match state {
            SessionState::Initializing | SessionState::Resuming => self.status(Status::Review),
            SessionState::Active => self.dot,
            SessionState::Suspended => self.status(Status::Blocked),
            SessionState::Completing => self.status(Status::Active),
            SessionState::Completed => self.status(Status::Completed),
            SessionState::Archived => self.status(Status::Cancelled),
        }
    }
}

/// Signs that terminal fonts have had for decades; no icon fonts, no emoji.
pub static UNICODE: Icons = Icons {
    statuses: ["○", "◐", "⊘", "◇", "✓", "–", "✗"],
    priorities: ["‼", "↑", " ", "↓", "·"],
    caret_open: "▾",
    caret_closed: "▸",
    selected: "◉",
    unselected: "○",
    bullet: "•",
    dot: "●",
    arrow_left: "←",
    arrow_right: "→",
    arrow_up: "↑",
    arrow_down: "↓",
    waits: "⇠",
    held: "▪",
    warn: "▲",
    good: "✓",
    bad: "✗",
    ellipsis: "…",
    separator: "·",
    line: "─",
    quote: "▎",
    checked: "☑",
    unchecked: "☐",
    bar: &["╸", "━"],
    bar_empty: "─",
    spark: &["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    spinner: &["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
    border: border::ROUNDED,
    scroll_track: "│",
    scroll_thumb: "┃",
};

/// For terminals and fonts without Unicode.
pub static ASCII: Icons = Icons {
    statuses: ["o", "*", "!", "?", "v", "-", "x"],
    priorities: ["!", "^", " ", ",", "."],
    caret_open: "v",
    caret_closed: ">",
    selected: "*",
    unselected: "o",
    bullet: "-",
    dot: "*",
    arrow_left: "<",
    arrow_right: ">",
    arrow_up: "^",
    arrow_down: "v",
    waits: "<",
    held: "@",
    warn: "!",
    good: "v",
    bad: "x",
    ellipsis: "~",
    separator: "|",
    line: "-",
    quote: "|",
    checked: "x",
    unchecked: "_",
    bar: &["#"],
    bar_empty: ".",
    spark: &["_", ".", "-", "=", "#"],
    spinner: &["|", "/", "-", "\\"],
    border: border::Set {
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        vertical_left: "|",
        vertical_right: "|",
        horizontal_top: "-",
        horizontal_bottom: "-",
    },
    scroll_track: "|",
    scroll_thumb: "#",
};

/// Tells whether a locale can show more than ASCII; the first one that is set decides.
pub fn locale_is_unicode(lc_all: Option<&str>, lc_ctype: Option<&str>, lang: Option<&str>) -> bool {
    let word = [lc_all, lc_ctype, lang].into_iter().flatten().find(|word| !word.is_empty());
    match word.map(str::to_ascii_lowercase) {
        Some(word) if word == "c" || word == "posix" => false,
        Some(word) => !word.contains('.') || word.contains("utf-8") || word.contains("utf8"),
        // Containers often set no locale at all; their terminals nearly always know UTF-8.
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;

    #[test]
    fn every_icon_is_one_column_wide() {
        for icons in [&UNICODE, &ASCII] {
            let listed = Status::ALL.iter().map(|status| icons.status(*status));
            let ranked = Priority::ALL.iter().map(|priority| icons.priority(*priority));
            let others = [
                icons.caret_open,
                icons.caret_closed,
                icons.selected,
                icons.unselected,
                icons.bullet,
                icons.dot,
                icons.arrow_left,
                icons.arrow_right,
                icons.arrow_up,
                icons.arrow_down,
                icons.waits,
                icons.held,
                icons.warn,
                icons.good,
                icons.bad,
                icons.ellipsis,
                icons.separator,
                icons.line,
                icons.quote,
                icons.checked,
                icons.unchecked,
                icons.bar_empty,
                icons.scroll_track,
                icons.scroll_thumb,
            ];
            let sets = [icons.bar, icons.spark, icons.spinner].concat();
            for icon in listed.chain(ranked).chain(others).chain(sets) {
                assert_eq!(icon.width(), 1, "{icon:?}");
            }
        }
    }

    #[test]
    fn ascii_icons_are_ascii() {
        assert!(format!("{ASCII:?}").is_ascii());
    }

    #[test]
    fn the_locale_tells_whether_unicode_can_be_shown() {
        assert!(locale_is_unicode(None, None, Some("de_DE.UTF-8")));
        assert!(!locale_is_unicode(Some("C"), None, Some("de_DE.UTF-8")));
        assert!(!locale_is_unicode(None, None, Some("de_DE.ISO-8859-1")));
        assert!(locale_is_unicode(None, None, Some("C.UTF-8")));
        assert!(locale_is_unicode(None, None, None));
    }
}
