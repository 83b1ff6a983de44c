//! The views, and the panes that take the focus.

use crate::action::Scope;

/// The views, in the order of their tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    Board,
    Sessions,
    Modes,
    Conflicts,
    Agents,
    Artifacts,
    Metrics,
    Backups,
    Search,
}

impl View {
    /// Every view.
    pub const ALL: [Self; 9] = [
        Self::Board,
        Self::Sessions,
        Self::Modes,
        Self::Conflicts,
        Self::Agents,
        Self::Artifacts,
        Self::Metrics,
        Self::Backups,
        Self::Search,
    ];

    /// The name on the tab.
    pub fn title(self) -> &'static str {
        match self {
            Self::Board => "Board",
            Self::Sessions => "Sessions",
            Self::Modes => "Modes",
            Self::Conflicts => "Conflicts",
            Self::Agents => "Agents",
            Self::Artifacts => "Artifacts",
            Self::Metrics => "Metrics",
            Self::Backups => "Backups",
            Self::Search => "Search",
        }
    }

    /// The scope whose keys work in the view.
    pub fn scope(self) -> Scope {
        match self {
            Self::Board => Scope::Board,
            Self::Sessions => Scope::Sessions,
            Self::Modes => Scope::Modes,
            Self::Conflicts => Scope::Conflicts,
            Self::Agents => Scope::Agents,
            Self::Artifacts => Scope::Artifacts,
            Self::Metrics => Scope::Metrics,
            Self::Backups => Scope::Backups,
            Self::Search => Scope::Search,
        }
    }
}

/// The panes that take the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pane {
    /// The list of the view.
    Main,
    /// What is under the cursor, in full.
    Details,
    /// What waits for a person.
    Needs,
    Activity,
    /// The documents of a session.
    Documents,
}
