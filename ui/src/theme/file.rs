//! Theme files: YAML with a palette and one short line a meaning.
//!
//! A style is written as people say it: `bold blue on panel`. Colors are names of the palette,
//! `#rrggbb`, one of the 16 terminal colors, or `default` for the terminal's own.

use std::collections::BTreeMap;
use std::path::PathBuf;

use callboard_engine::domain::refusal::closest;
use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use super::color::{ANSI, Depth, nearest_ansi, parse_hex};
use super::{AGENT_COLORS, BUILT_IN, Meaning, Theme, icons};

/// Largest theme file, in bytes.
const FILE_MAX: usize = 64 * 1024;

/// Why a theme cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ThemeError {
    #[error("cannot read {path}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("there is no theme {name:?}{}There are {}", hint(name, known), known.join(", "))]
    Unknown { name: String, known: Vec<String> },
    #[error("theme {name:?} is not understood: {problem}")]
    Syntax { name: String, problem: String },
    #[error("theme {theme:?}: {problem}")]
    Meaning { theme: String, problem: String },
}

fn hint(name: &str, known: &[String]) -> String {
    closest(name, known.iter().map(String::as_str))
        .map_or_else(|| ". ".to_owned(), |near| format!("; did you mean {near:?}? "))
}

/// A theme as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ThemeFile {
    #[serde(default)]
    description: String,
    /// The backgrounds it is made for; the first is the one it paints.
    pub(super) background: Vec<String>,
    /// Fills the screen with the first background instead of keeping the terminal's own.
    #[serde(default)]
    paint: bool,
    /// Another theme to take everything from that is not said here.
    #[serde(default)]
    extends: Option<String>,
    #[serde(default)]
    palette: BTreeMap<String, Swatch>,
    #[serde(default)]
    styles: BTreeMap<String, String>,
    #[serde(default)]
    agents: Vec<String>,
}

/// A color of the palette, and what stands for it among 16.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Swatch {
    rgb: String,
    #[serde(default)]
    ansi: Option<String>,
}

/// Reads a theme file's text as the theme of that name.
pub(super) fn read(name: &str, text: &str, depth: Depth) -> Result<Theme, ThemeError> {
    let file = parse(name, text)?;
    let base_name = file.extends.as_deref().unwrap_or(super::DEFAULT);
    let Some((known, text)) = BUILT_IN.iter().find(|(known, _)| *known == base_name) else {
        let known = super::names(None);
        return Err(ThemeError::Unknown { name: base_name.to_owned(), known });
    };
    let base = parse(known, text)?;
    let reader = Reader { name, depth, palette: merged(base.palette, file.palette) };
    let known = |key: &String| Meaning::KEYS.contains(&key.as_str());
    if let Some(stranger) = file.styles.keys().find(|key| !known(key)) {
        return Err(reader.unknown("meaning", stranger, Meaning::KEYS.iter().copied()));
    }
    let mut written = base.styles;
    written.extend(file.styles);
    let styles = Meaning::KEYS
        .iter()
        .map(|key| written.get(*key).map_or(Ok(Style::new()), |text| reader.style(text)))
        .collect::<Result<Vec<Style>, ThemeError>>()?;
    let agents = if file.agents.is_empty() { base.agents } else { file.agents };
    let agents = agents
        .iter()
        .cycle()
        .take(AGENT_COLORS)
        .map(|text| reader.style(text))
        .collect::<Result<Vec<Style>, ThemeError>>()?;
    let ground = file.background.first().filter(|_| file.paint);
    let canvas = match (ground, styles.first()) {
        (Some(ground), Some(text)) => text.bg(reader.color(ground)?),
        (Some(_) | None, _) => Style::new(),
    };
    let description = file.description;
    Ok(Theme { name: name.to_owned(), description, styles, agents, canvas, icons: &icons::UNICODE })
}

pub(super) fn parse(name: &str, text: &str) -> Result<ThemeFile, ThemeError> {
    let refuse = |problem: String| ThemeError::Syntax { name: name.to_owned(), problem };
    if FILE_MAX < text.len() {
        return Err(refuse(format!("it is {} bytes long; the limit is {FILE_MAX}", text.len())));
    }
    serde_yaml::from_str(text).map_err(|error| refuse(error.to_string()))
}

fn merged(
    mut base: BTreeMap<String, Swatch>,
    own: BTreeMap<String, Swatch>,
) -> BTreeMap<String, Swatch> {
    base.extend(own);
    base
}

/// Turns words into styles with the palette of one theme.
struct Reader<'a> {
    name: &'a str,
    depth: Depth,
    palette: BTreeMap<String, Swatch>,
}

impl Reader<'_> {
    fn style(&self, text: &str) -> Result<Style, ThemeError> {
        let mut style = Style::new();
        let mut is_ground = false;
        for word in text.split_whitespace() {
            if let Some(modifier) = modifier(word) {
                style = style.add_modifier(modifier);
            } else if word == "on" {
                is_ground = true;
            } else if is_ground {
                style = style.bg(self.color(word)?);
            } else if word != "default" {
                // The default color is what stands under the text: a selection's on a selection.
                style = style.fg(self.color(word)?);
            }
        }
        Ok(style)
    }

    fn color(&self, word: &str) -> Result<Color, ThemeError> {
        if word == "default" {
            return Ok(Color::Reset);
        }
        if let Some(rgb) = parse_hex(word) {
            return Ok(self.depth.show(rgb, nearest_ansi(rgb)));
        }
        if let Some(swatch) = self.palette.get(word) {
            let rgb = parse_hex(&swatch.rgb).ok_or_else(|| self.bad_color(&swatch.rgb))?;
            let ansi = match swatch.ansi.as_deref() {
                Some("default") => Color::Reset,
                Some(name) => ansi(name).ok_or_else(|| self.bad_color(name))?,
                None => nearest_ansi(rgb),
            };
            return Ok(self.depth.show(rgb, ansi));
        }
        ansi(word).ok_or_else(|| self.bad_color(word))
    }

    fn bad_color(&self, word: &str) -> ThemeError {
        let palette = self.palette.keys().map(String::as_str);
        self.unknown("color", word, palette.chain(ANSI.iter().map(|(name, _, _)| *name)))
    }

    fn unknown<'b>(
        &self,
        what: &str,
        word: &str,
        known: impl Iterator<Item = &'b str>,
    ) -> ThemeError {
        let near =
            closest(word, known).map_or_else(String::new, |near| format!(" (is it {near:?}?)"));
        let problem = format!("{word:?} is no {what}{near}");
        ThemeError::Meaning { theme: self.name.to_owned(), problem }
    }
}

fn ansi(name: &str) -> Option<Color> {
    ANSI.iter().find(|(known, _, _)| *known == name).map(|(_, color, _)| *color)
}

fn modifier(word: &str) -> Option<Modifier> {
    match word {
        "bold" => Some(Modifier::BOLD),
        "dim" => Some(Modifier::DIM),
        "italic" => Some(Modifier::ITALIC),
        "underlined" => Some(Modifier::UNDERLINED),
        "reversed" => Some(Modifier::REVERSED),
        "crossed" => Some(Modifier::CROSSED_OUT),
        _ => None,
    }
}

/// Every color that a test must judge: the backgrounds a theme says it is made for.
#[cfg(test)]
pub(super) fn backgrounds(name: &str, text: &str) -> Vec<super::color::Rgb> {
    let file = parse(name, text).unwrap();
    file.background.iter().map(|color| parse_hex(color).unwrap()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::color::{Rgb, contrast};
    use super::*;

    fn rgb(color: Color) -> Option<Rgb> {
        let Color::Rgb(red, green, blue) = color else { return None };
        Some(Rgb(red, green, blue))
    }

    /// Text needs 4.5, lines need 3, on whatever they stand: own ground, any background the theme
    /// is made for, and the selection, which lies under text of every other meaning.
    #[test]
    fn everything_is_readable_in_every_theme() {
        let faults: Vec<String> =
            BUILT_IN.iter().flat_map(|(name, text)| unreadable(name, text)).collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    fn unreadable(name: &str, text: &str) -> Vec<String> {
        let theme = read(name, text, Depth::True).unwrap();
        let grounds = backgrounds(name, text);
        let selections: Vec<Rgb> = [Meaning::Selection, Meaning::SelectionDim]
            .iter()
            .filter_map(|meaning| rgb(theme.style(*meaning).bg?))
            .collect();
        assert_eq!(selections.len(), 2, "{name} has grounds for its selections");
        let agents = (0..8).map(Meaning::Agent);
        let faults = Meaning::ALL.iter().copied().chain(agents).flat_map(|meaning| {
            let style = theme.style(meaning);
            let (needed, chosen) =
                if meaning.is_line() { (3.0, &[][..]) } else { (4.5, selections.as_slice()) };
            let under = match style.bg.and_then(rgb) {
                Some(own) => vec![own],
                None => [grounds.as_slice(), chosen].concat(),
            };
            let found = |ground| Some((ground, contrast(style.fg.and_then(rgb)?, ground)));
            let poor = under.into_iter().filter_map(found).filter(move |found| found.1 < needed);
            poor.map(|(ground, found)| format!("{name} {meaning:?} on {ground:?}: {found:.2}"))
                .collect::<Vec<_>>()
        });
        faults.collect()
    }

    #[test]
    fn a_slip_in_a_theme_file_is_named_with_what_was_meant() {
        let check = |text: &str| read("mine", text, Depth::True).unwrap_err().to_string();
        assert_eq!(
            check("background: ['#000000']\nstyles: { acent: red }"),
            "theme \"mine\": \"acent\" is no meaning (is it \"accent\"?)"
        );
        assert_eq!(
            check("background: ['#000000']\nstyles: { accent: bold magneta }"),
            "theme \"mine\": \"magneta\" is no color (is it \"magenta\"?)"
        );
        assert!(check("background: [").starts_with("theme \"mine\" is not understood"));
    }
}
