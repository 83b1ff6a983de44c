//! Points in time and their text. Time enters the program through [`crate::clock`], not here.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60_000;
/// An hour in milliseconds.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Milliseconds in a day.
pub const DAY_MS: i64 = 24 * HOUR_MS;

impl Timestamp {
    /// Returns the point that many milliseconds later.
    pub fn plus_ms(self, milliseconds: i64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// Returns how many milliseconds have passed since `earlier`; negative if it is later.
    pub fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Returns its day in UTC, as in `2026-11-23`.
    pub fn day(self) -> String {
        self.to_string().chars().take(10).collect()
    }

    /// Returns the noon of a day in UTC; `None` where the text is no day.
    pub fn noon_of(day: &str) -> Option<Self> {
        let noon: jiff::Timestamp = format!("{day}T12:00:00Z").parse().ok()?;
        let noon = Self(noon.as_millisecond());
        (noon.day() == day).then_some(noon)
    }
}

/// RFC 3339 in UTC with seconds, as in `2026-11-23T14:03:19Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0.div_euclid(1000)) {
            Ok(moment) => write!(formatter, "{moment}"),
            Err(_) => write!(formatter, "{} ms", self.0),
        }
    }
}

/// A span in words of one unit: `now`, `42s`, `5m`, `3h`, `2d`.
pub fn age(milliseconds: i64) -> String {
    let seconds = milliseconds.max(0) / 1000;
    match seconds {
        0 => "now".to_owned(),
        1..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// Reads a span of work: `90`, `90m`, `2h`, `1h30m`, `3d` (a day is eight hours); minutes.
pub fn parse_minutes(text: &str) -> Option<u32> {
    let (mut total, mut number) = (0_u32, String::new());
    for character in text.trim().to_ascii_lowercase().chars() {
        let factor = match character {
            '0'..='9' => {
                number.push(character);
                continue;
            }
            ' ' => continue,
            'm' => 1,
            'h' => 60,
            'd' => 480,
            _ => return None,
        };
        total = total.checked_add(number.parse::<u32>().ok()?.checked_mul(factor)?)?;
        number.clear();
    }
    if number.is_empty() {
        (!text.trim().is_empty()).then_some(total)
    } else {
        total.checked_add(number.parse().ok()?)
    }
}

/// Writes a span of work as [`parse_minutes`] reads it.
pub fn minutes_text(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, rest) => format!("{rest}m"),
        (hours, 0) => format!("{hours}h"),
        (hours, rest) => format!("{hours}h{rest}m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_work_are_read_in_every_spelling() {
        for (text, minutes) in
            [("90", 90), ("90m", 90), ("2h", 120), ("1h30m", 90), ("1h 30", 90), ("3d", 1440)]
        {
            assert_eq!(parse_minutes(text), Some(minutes), "{text}");
        }
        for text in ["", "h2x", "-3", "99999999999h", "m"] {
            assert_eq!(parse_minutes(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_is_written_in_utc() {
        assert_eq!(Timestamp(1_795_442_599_000).to_string(), "2026-11-23T14:03:19Z");
    }
}
