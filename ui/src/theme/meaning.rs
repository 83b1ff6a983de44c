//! Everything on the screen that has a look of its own, as one table.

use ratatui::style::Modifier;

macro_rules! meanings {
    ($($(#[doc = $doc:literal])* $name:ident = $key:literal, $modifier:expr;)*) => {
        /// What something on the screen means; the theme says how that looks.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Meaning {
            $($(#[doc = $doc])* $name,)*
            /// An agent's name; the number picks one of the theme's agent colors.
            Agent(u8),
        }

        /// The places of the meanings in [`Meaning::ALL`].
        enum Slot {
            $($name,)*
        }

        impl Meaning {
            /// The place of the meaning in [`Self::ALL`]; past its end for agents.
            pub(super) fn index(self) -> usize {
                match self {
                    $(Self::$name => Slot::$name as usize,)*
                    Self::Agent(_) => usize::MAX,
                }
            }

            /// Every meaning but the agents'.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// The keys of [`Self::ALL`] in theme files.
            pub const KEYS: &'static [&'static str] = &[$($key,)*];

            /// What is left of the look where there are no colors.
            pub(super) fn modifier(self) -> Modifier {
                match self {
                    $(Self::$name => $modifier,)*
                    Self::Agent(_) => Modifier::BOLD,
                }
            }
        }
    };
}

const NONE: Modifier = Modifier::empty();
const BOLD: Modifier = Modifier::BOLD;
const DIM: Modifier = Modifier::DIM;
const REVERSED: Modifier = Modifier::REVERSED;
const UNDERLINED: Modifier = Modifier::UNDERLINED;

meanings! {
    Text = "text", NONE;
    /// Secondary text: ids, ages, hints. Still readable.
    Dim = "dim", DIM;
    Strong = "strong", BOLD;
    Accent = "accent", BOLD;
    Border = "border", DIM;
    BorderFocus = "border_focus", BOLD;
    /// The row under the cursor of the focused pane.
    Selection = "selection", REVERSED;
    /// The row under the cursor of a pane without focus.
    SelectionDim = "selection_dim", UNDERLINED;
    Title = "title", BOLD;
    TitleFocus = "title_focus", BOLD.union(UNDERLINED);
    StatusPending = "status_pending", NONE;
    StatusActive = "status_active", BOLD;
    StatusBlocked = "status_blocked", BOLD;
    StatusReview = "status_review", BOLD;
    StatusCompleted = "status_completed", DIM;
    StatusCancelled = "status_cancelled", DIM;
    StatusFailed = "status_failed", BOLD;
    PriorityCritical = "priority_critical", BOLD;
    PriorityHigh = "priority_high", BOLD;
    PriorityNormal = "priority_normal", NONE;
    PriorityLow = "priority_low", DIM;
    PrioritySomeday = "priority_someday", DIM;
    Good = "good", NONE;
    Warn = "warn", BOLD;
    Bad = "bad", BOLD;
    /// A key in hints and help.
    Key = "key", BOLD;
    /// A key or action that is not open now.
    Disabled = "disabled", DIM;
    HeaderBar = "header_bar", REVERSED;
    /// The project's name in the header bar.
    Brand = "brand", REVERSED.union(BOLD);
    Footer = "footer", NONE;
    Tab = "tab", NONE;
    TabActive = "tab_active", REVERSED.union(BOLD);
    Link = "link", UNDERLINED;
    Code = "code", NONE;
    Heading = "heading", BOLD;
    Quote = "quote", DIM;
    BarFull = "bar_full", NONE;
    BarEmpty = "bar_empty", DIM;
    Spark = "spark", NONE;
    Toast = "toast", REVERSED;
    ToastBad = "toast_bad", REVERSED.union(BOLD);
    Popup = "popup", NONE;
    Input = "input", UNDERLINED;
    /// The characters that a filter or search matched.
    Match = "match", UNDERLINED.union(BOLD);
    Added = "added", NONE;
    Removed = "removed", DIM;
    /// A row that has just been changed by somebody else.
    Fresh = "fresh", BOLD;
}

impl Meaning {
    /// Tells whether this is a line rather than text, for which less contrast is enough.
    pub fn is_line(self) -> bool {
        matches!(
            self,
            Self::Border | Self::BorderFocus | Self::BarFull | Self::BarEmpty | Self::Spark
        )
    }
}
