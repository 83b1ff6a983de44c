//! Colors: reading them, showing them with fewer, and how well one is seen on another.

use ratatui::style::Color;

/// How many colors the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// 24 bits.
    #[default]
    True,
    /// The 256 colors of xterm.
    Indexed,
    /// The 16 colors that the terminal's own palette defines.
    Ansi,
    /// None: only bold, underlined, reversed.
    None,
}

/// The variables of the environment that say how many colors there are.
#[derive(Debug, Clone, Copy, Default)]
pub struct ColorWords<'a> {
    pub no_color: Option<&'a str>,
    pub colorterm: Option<&'a str>,
    pub term: Option<&'a str>,
}

impl Depth {
    /// Judges by the environment: `NO_COLOR`, `COLORTERM`, `TERM`.
    pub fn of(words: ColorWords<'_>) -> Self {
        let term = words.term.unwrap_or("");
        if words.no_color.is_some_and(|word| !word.is_empty()) || term == "dumb" {
            return Self::None;
        }
        match words.colorterm {
            Some("truecolor" | "24bit") => Self::True,
            Some(_) | None if term.ends_with("-direct") => Self::True,
            Some(_) | None if term.contains("256color") => Self::Indexed,
            Some(_) | None => Self::Ansi,
        }
    }

    /// The color as this terminal shows it; `ansi` stands for it where there are only 16.
    pub(super) fn show(self, rgb: Rgb, ansi: Color) -> Color {
        match self {
            Self::True => Color::Rgb(rgb.0, rgb.1, rgb.2),
            Self::Indexed => Color::Indexed(indexed(rgb)),
            Self::Ansi => ansi,
            Self::None => Color::Reset,
        }
    }
}

/// A color by its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rgb(pub(super) u8, pub(super) u8, pub(super) u8);

/// The names of the 16 colors, with what they look like on most terminals.
pub(super) const ANSI: &[(&str, Color, Rgb)] = &[
    ("black", Color::Black, Rgb(0, 0, 0)),
    ("red", Color::Red, Rgb(205, 49, 49)),
    ("green", Color::Green, Rgb(13, 188, 121)),
    ("yellow", Color::Yellow, Rgb(229, 229, 16)),
    ("blue", Color::Blue, Rgb(36, 114, 200)),
    ("magenta", Color::Magenta, Rgb(188, 63, 188)),
    ("cyan", Color::Cyan, Rgb(17, 168, 205)),
    ("gray", Color::Gray, Rgb(229, 229, 229)),
    ("dark-gray", Color::DarkGray, Rgb(102, 102, 102)),
    ("light-red", Color::LightRed, Rgb(241, 76, 76)),
    ("light-green", Color::LightGreen, Rgb(35, 209, 139)),
    ("light-yellow", Color::LightYellow, Rgb(245, 245, 67)),
    ("light-blue", Color::LightBlue, Rgb(59, 142, 234)),
    ("light-magenta", Color::LightMagenta, Rgb(214, 112, 214)),
    ("light-cyan", Color::LightCyan, Rgb(41, 184, 219)),
    ("white", Color::White, Rgb(255, 255, 255)),
];

/// Reads `#rrggbb`.
pub(super) fn parse_hex(text: &str) -> Option<Rgb> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let number = u32::from_str_radix(digits, 16).ok()?;
    let [_, red, green, blue] = number.to_be_bytes();
    Some(Rgb(red, green, blue))
}

/// The name among the 16 colors that is nearest.
pub(super) fn nearest_ansi(rgb: Rgb) -> Color {
    ANSI.iter()
        .min_by_key(|(_, _, other)| distance(rgb, *other))
        .map_or(Color::Reset, |(_, color, _)| *color)
}

fn distance(left: Rgb, right: Rgb) -> u32 {
    let part = |one: u8, other: u8| u32::from(one.abs_diff(other)).pow(2);
    part(left.0, right.0) + part(left.1, right.1) + part(left.2, right.2)
}

/// The nearest of xterm's cube of 216 colors and its 24 grays.
fn indexed(rgb: Rgb) -> u8 {
    let level = |part: u8| match part {
        0..48 => 0_u8,
        48..115 => 1,
        _ => (part - 35) / 40,
    };
    let shown = |level: u8| if level == 0 { 0 } else { 55 + level * 40 };
    let (red, green, blue) = (level(rgb.0), level(rgb.1), level(rgb.2));
    let cube = Rgb(shown(red), shown(green), shown(blue));
    let mean = (u16::from(rgb.0) + u16::from(rgb.1) + u16::from(rgb.2)) / 3;
    let step = u8::try_from(mean.saturating_sub(3) / 10).unwrap_or(23).min(23);
    let gray = Rgb(8 + step * 10, 8 + step * 10, 8 + step * 10);
    if distance(rgb, gray) < distance(rgb, cube) {
        232 + step
    } else {
        16 + 36 * red + 6 * green + blue
    }
}

/// The contrast of two colors by WCAG: 1 (none) to 21 (black on white).
#[cfg(test)]
pub(super) fn contrast(left: Rgb, right: Rgb) -> f64 {
    let linear = |part: u8| {
        let share = f64::from(part) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    let luminance =
        |rgb: Rgb| 0.2126 * linear(rgb.0) + 0.7152 * linear(rgb.1) + 0.0722 * linear(rgb.2);
    let (one, other) = (luminance(left), luminance(right));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_says_how_many_colors_there_are() {
        let of = |no_color, colorterm, term| Depth::of(ColorWords { no_color, colorterm, term });
        assert_eq!(of(None, Some("truecolor"), Some("xterm-256color")), Depth::True);
        assert_eq!(of(None, None, Some("xterm-256color")), Depth::Indexed);
        assert_eq!(of(None, None, Some("xterm")), Depth::Ansi);
        assert_eq!(of(Some(""), None, Some("xterm")), Depth::Ansi);
        assert_eq!(of(Some("1"), Some("truecolor"), Some("xterm")), Depth::None);
        assert_eq!(of(None, None, Some("dumb")), Depth::None);
    }

    #[test]
    fn the_nearest_of_fewer_colors_is_taken() {
        assert_eq!(indexed(Rgb(255, 0, 0)), 196);
        assert_eq!(indexed(Rgb(128, 128, 128)), 244);
        assert_eq!(indexed(Rgb(255, 255, 255)), 231);
        assert_eq!(nearest_ansi(Rgb(250, 10, 10)), Color::Red);
    }

    #[test]
    fn black_on_white_is_the_best_contrast_there_is() {
        assert!((contrast(Rgb(0, 0, 0), Rgb(255, 255, 255)) - 21.0).abs() < 0.01);
    }
}
