//! Themes: a map from *meaning* to style, so that no pane ever names a color.
//!
//! Themes are YAML files; four are built in, people add their own beside their configuration.
//! The terminal's own background is kept unless a theme says `paint: true`.

mod color;
mod file;
pub mod icons;
mod meaning;

use std::path::Path;

use callboard_engine::domain::session::SessionState;
use callboard_engine::domain::task::{Priority, Status};
use ratatui::style::{Modifier, Style};

pub use color::{ColorWords, Depth};
pub use file::ThemeError;
pub use icons::Icons;
pub use meaning::Meaning;

/// The theme that is used unless another is asked for and the terminal is dark.
pub const DEFAULT: &str = "dark";
/// The theme that is used by default on a light terminal.
pub const DEFAULT_LIGHT: &str = "light";

/// The themes that come with the program: name and YAML text.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("dark", include_str!("../../themes/dark.yaml")),
    ("light", include_str!("../../themes/light.yaml")),
    ("high-contrast", include_str!("../../themes/high-contrast.yaml")),
    ("colour-blind-safe", include_str!("../../themes/colour-blind-safe.yaml")),
];

/// Colors for agents repeat after this many.
pub const AGENT_COLORS: usize = 8;

/// Meanings as styles, and the icons that go with them.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// The theme's name, as it is written in the configuration.
    pub name: String,
    /// One line about it.
    pub description: String,
    styles: Vec<Style>,
    agents: Vec<Style>,
    canvas: Style,
    icons: &'static Icons,
}

impl Theme {
    /// Returns a built-in theme in full color; the default one for an unknown name.
    pub fn built_in(name: &str) -> Self {
        let known = BUILT_IN.iter().find(|(known, _)| *known == name).or(BUILT_IN.first());
        known
            .and_then(|(name, text)| file::read(name, text, Depth::True).ok())
            .unwrap_or_else(Self::plain)
    }

    /// Loads a theme by name: a user's file `<name>.yaml` in the folder, else a built-in one.
    ///
    /// # Errors
    ///
    /// When there is no such theme, or its file is not understood.
    pub fn load(name: &str, folder: Option<&Path>, depth: Depth) -> Result<Self, ThemeError> {
        if depth == Depth::None {
            return Ok(Self { name: name.to_owned(), ..Self::plain() });
        }
        let own = folder.map(|folder| folder.join(format!("{name}.yaml")));
        if let Some(path) = own.filter(|path| path.is_file()) {
            let text = std::fs::read_to_string(&path)
                .map_err(|source| ThemeError::Read { path: path.clone(), source })?;
            return file::read(name, &text, depth);
        }
        match BUILT_IN.iter().find(|(known, _)| *known == name) {
            Some((_, text)) => file::read(name, text, depth),
            None => Err(ThemeError::Unknown { name: name.to_owned(), known: names(folder) }),
        }
    }

    /// A theme without colors, for `NO_COLOR` and terminals that have none.
    pub fn plain() -> Self {
        Self {
            name: "plain".to_owned(),
            description: "No colors at all.".to_owned(),
            styles: Meaning::ALL
                .iter()
                .map(|meaning| Style::new().add_modifier(meaning.modifier()))
                .collect(),
            agents: vec![Style::new().add_modifier(Modifier::BOLD); AGENT_COLORS],
            canvas: Style::new(),
            icons: &icons::UNICODE,
        }
    }

    /// The same theme with icons of ASCII only.
    pub fn with_ascii(mut self, ascii: bool) -> Self {
        self.icons = if ascii { &icons::ASCII } else { &icons::UNICODE };
        self
    }

    /// The style of a meaning.
    pub fn style(&self, meaning: Meaning) -> Style {
        if let Meaning::Agent(number) = meaning {
            let index = usize::from(number) % self.agents.len().max(1);
            return self.agents.get(index).copied().unwrap_or_default();
        }
        self.styles.get(meaning.index()).copied().unwrap_or_default()
    }

    /// What is under everything: nothing, or the theme's own background where it paints one.
    pub fn canvas(&self) -> Style {
        self.canvas
    }

    /// The icons, plain Unicode or ASCII.
    pub fn icons(&self) -> &'static Icons {
        self.icons
    }

    /// The style of a task's status.
    pub fn status(&self, status: Status) -> Style {
        self.style(match status {
            Status::Pending => Meaning::StatusPending,
            Status::Active => Meaning::StatusActive,
            Status::Blocked => Meaning::StatusBlocked,
            Status::Review => Meaning::StatusReview,
            Status::Completed => Meaning::StatusCompleted,
            Status::Cancelled => Meaning::StatusCancelled,
            Status::Failed => Meaning::StatusFailed,
        })
    }

    /// The style of a task's priority.
    pub fn priority(&self, priority: Priority) -> Style {
        self.style(match priority {
            Priority::Critical => Meaning::PriorityCritical,
            Priority::High => Meaning::PriorityHigh,
            Priority::Normal => Meaning::PriorityNormal,
            Priority::Low => Meaning::PriorityLow,
            Priority::Someday => Meaning::PrioritySomeday,
        })
    }

    /// The style of a session's state.
    pub fn state(&self, state: SessionState) -> Style {
        self.style(match state {
            SessionState::Initializing | SessionState::Resuming | SessionState::Completing => {
                Meaning::Warn
            }
            SessionState::Active => Meaning::StatusActive,
            SessionState::Suspended => Meaning::StatusBlocked,
            SessionState::Completed => Meaning::StatusCompleted,
            SessionState::Archived => Meaning::StatusCancelled,
        })
    }

    /// The style of an agent's name: the same name always gets the same color.
    pub fn agent(&self, name: &str) -> Style {
        let hash =
            name.bytes().fold(5381_u32, |hash, byte| hash.wrapping_mul(33) ^ u32::from(byte));
        self.style(Meaning::Agent(u8::try_from(hash % 8).unwrap_or(0)))
    }
}

/// The names of all themes: built in, then those of the folder.
pub fn names(folder: Option<&Path>) -> Vec<String> {
    let mut names: Vec<String> = BUILT_IN.iter().map(|(name, _)| (*name).to_owned()).collect();
    let files = folder.and_then(|folder| std::fs::read_dir(folder).ok());
    let mut own: Vec<String> = files
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|file| file.strip_suffix(".yaml").map(str::to_owned))
        .filter(|name| !names.contains(name))
        .collect();
    own.sort();
    names.append(&mut own);
    names
}

#[cfg(test)]
mod tests {
    use ratatui::style::Color;

    use super::*;

    fn has_color(style: Style) -> bool {
        let set = |color: Option<Color>| color.is_some_and(|color| color != Color::Reset);
        set(style.fg) || set(style.bg)
    }

    #[test]
    fn every_built_in_theme_is_understood_and_styles_every_meaning() {
        for (name, text) in BUILT_IN {
            for depth in [Depth::True, Depth::Indexed, Depth::Ansi] {
                let theme = file::read(name, text, depth).unwrap();
                assert_eq!(theme.styles.len(), Meaning::ALL.len(), "{name}");
                assert_eq!(theme.agents.len(), AGENT_COLORS, "{name}");
            }
        }
    }

    #[test]
    fn without_colors_only_modifiers_are_left() {
        let theme = Theme::load("light", None, Depth::None).unwrap();
        for meaning in Meaning::ALL {
            assert!(!has_color(theme.style(*meaning)), "{meaning:?}");
        }
        assert!(theme.style(Meaning::Selection).add_modifier.contains(Modifier::REVERSED));
    }

    #[test]
    fn an_unknown_theme_is_refused_with_those_there_are() {
        let error = Theme::load("drak", None, Depth::True).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no theme \"drak\"; did you mean \"dark\"? There are dark, light, \
             high-contrast, colour-blind-safe"
        );
    }

    #[test]
    fn a_file_of_the_user_comes_before_a_built_in_theme_and_may_leave_things_out() {
        let folder = tempfile::tempdir().unwrap();
        let text = "background: ['#000000']\nstyles: { accent: bold red }\n";
        std::fs::write(folder.path().join("mine.yaml"), text).unwrap();
        let theme = Theme::load("mine", Some(folder.path()), Depth::Ansi).unwrap();
        let bold_red = Style::new().fg(Color::LightRed).add_modifier(Modifier::BOLD);
        assert_eq!(theme.style(Meaning::Accent), bold_red);
        assert_eq!(
            theme.style(Meaning::Good),
            Theme::load("dark", None, Depth::Ansi).unwrap().style(Meaning::Good)
        );
        assert!(names(Some(folder.path())).contains(&"mine".to_owned()));
    }

    #[test]
    fn an_agent_keeps_its_color() {
        let theme = Theme::built_in("dark");
        assert_eq!(theme.agent("claude-1"), theme.agent("claude-1"));
    }
}
