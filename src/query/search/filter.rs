//! What hits are narrowed by besides their words.

use super::Kind;
use crate::domain::actor::Actor;
use crate::domain::task::{Priority, Status};
use crate::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};

words! {
    /// A part of a record that words are looked for in.
    Field("field") {
        Title = "title" | "name" | "key",
        Description = "description" | "text" | "body" | "goal",
        Tags = "tags" | "tag",
        Result = "result" | "result_summary",
    }
}

impl Field {
    /// The field of a `name:` before a word.
    pub(super) fn of(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

/// What hits must be besides holding the words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// Any when empty.
    pub kinds: Vec<Kind>,
    /// Tasks in one of these; any when empty.
    pub status: Vec<Status>,
    /// Any when empty.
    pub priority: Vec<Priority>,
    pub role: Option<String>,
    /// Who made it, holds it or is to do it.
    pub by: Option<String>,
    /// The field that all words must stand in.
    pub within: Option<Field>,
    /// Changed at this time or later.
    pub since: Option<Timestamp>,
    /// Changed before this time.
    pub until: Option<Timestamp>,
    /// Where, as it was typed: an id or name of a session, `all`, `archived` or `current`.
    pub session: Option<String>,
    /// What times such as `7d` count from.
    pub now: Timestamp,
}

/// The names of filters, for reading and for help.
const NAMES: &[&str] = &[
    "status", "is", "role", "priority", "type", "kind", "in", "by", "since", "after", "until",
    "before", "session",
];

impl Filter {
    pub(super) fn knows(name: &str) -> bool {
        NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Tells whether only tasks can meet it.
    pub(super) fn is_of_tasks(&self) -> bool {
        !self.status.is_empty() || !self.priority.is_empty() || self.role.is_some()
    }

    /// Tells whether records of a kind can meet it.
    pub(super) fn allows(&self, kind: Kind) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&kind))
            && (kind == Kind::Task || !self.is_of_tasks())
    }

    /// Takes one filter as it is typed; several values are separated by commas.
    pub(super) fn set(&mut self, name: &str, text: &str) -> Result<(), String> {
        let values = || text.split(',').map(str::trim).filter(|value| !value.is_empty());
        match name {
            "status" | "is" => {
                for value in values() {
                    self.status.extend(statuses(value).ok_or_else(|| no_status(name, value))?);
                }
            }
            "priority" => {
                for value in values() {
                    self.priority.push(word(name, value, Priority::TEXTS)?);
                }
            }
            "type" | "kind" => {
                for value in values() {
                    self.kinds.push(word(name, value, Kind::TEXTS)?);
                }
            }
            "in" if Field::of(text).is_some() => self.within = Field::of(text),
            "in" => self.kinds.push(word(name, text, Kind::TEXTS)?),
            "role" => self.role = given(text),
            "by" => self.by = given(text),
            "session" => self.session = given(text),
            "since" | "after" => self.since = self.moment(name, text)?,
            "until" | "before" => self.until = self.moment(name, text)?,
            other => return Err(format!("{other}: is no filter")),
        }
        Ok(())
    }

    /// A day, or how long ago: `2026-11-23`, `today`, `36h`, `7d`, `2w`.
    fn moment(&self, name: &str, text: &str) -> Result<Option<Timestamp>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        moment(text, self.now)
            .map(Some)
            .ok_or_else(|| format!("{name}: is a day (2026-11-23), a time (2026-11-23T18:00) or an age (7d); not {text:?}"))
    }
}

fn no_status(name: &str, value: &str) -> String {
    format!("{name}: {value:?} is none of {}, open, closed", Status::TEXTS.join(", "))
}

/// The beginning of a day, a time of one, or the time so long ago.
pub fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("today") {
        return start_of(&now.day());
    }
    if let Some(day) = text.get(..10).and_then(start_of) {
        return Some(day.plus_ms(time_of_day(text.get(10..).unwrap_or_default())?));
    }
    let unit = match text.chars().last()? {
        'm' => MINUTE_MS,
        'h' => HOUR_MS,
        'd' => DAY_MS,
        'w' => 7 * DAY_MS,
        _ => return None,
    };
    let count: i64 = text.get(..text.len() - 1)?.trim().parse().ok()?;
    let ago = count.checked_mul(unit).filter(|_| 0 <= count)?;
    Some(now.plus_ms(-ago))
}

/// The end of a range: of a day that is named, the whole day is in it.
pub fn ending(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    let is_day = text.eq_ignore_ascii_case("today") || start_of(text).is_some();
    moment(text, now).map(|moment| if is_day { moment.plus_ms(DAY_MS) } else { moment })
}

fn start_of(day: &str) -> Option<Timestamp> {
    Timestamp::noon_of(day).map(|noon| noon.plus_ms(-DAY_MS / 2))
}

/// Milliseconds of what follows a day: nothing, or `T18:00`, `T18:00:30`, with `Z` or without.
fn time_of_day(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    let time = text.strip_prefix(['T', 't', ' '])?;
    let time = time.strip_suffix(['Z', 'z']).unwrap_or(time);
    let mut parts = time.split(':').map(|part| {
        let is_number =
            matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i64>().ok().filter(|_| is_number)
    });
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().unwrap_or(Some(0))?;
    let is_time = hours < 24 && minutes < 60 && seconds < 60 && parts.next().is_none();
    is_time.then_some(hours * HOUR_MS + minutes * MINUTE_MS + seconds * 1_000)
}

/// The statuses of a word: one of them, all that are open, or all that are not.
pub fn statuses(text: &str) -> Option<Vec<Status>> {
    let of = |open: bool| Status::ALL.iter().copied().filter(|s| s.is_open() == open).collect();
    match text.to_ascii_lowercase().as_str() {
        "open" => Some(of(true)),
        "closed" | "finished" => Some(of(false)),
        other => word("status", other, Status::TEXTS).ok().map(|status| vec![status]),
    }
}

/// A word, or one that begins so where it is typed only in part.
fn word<W: std::str::FromStr>(name: &str, text: &str, all: &[&str]) -> Result<W, String> {
    let lower = text.to_ascii_lowercase();
    let begun = all.iter().filter(|known| !lower.is_empty() && known.starts_with(&lower));
    let mut begun = begun.take(2);
    text.parse()
        .ok()
        .or_else(|| match (begun.next(), begun.next()) {
            (Some(one), None) => one.parse().ok(),
            (Some(_), Some(_)) | (None, _) => None,
        })
        .ok_or_else(|| format!("{name}: {text:?} is none of {}", all.join(", ")))
}

fn given(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Whoever is meant, in both ways in which people are stored: as actors, and as plain names.
pub(super) fn names(by: &str) -> (String, String) {
    let Ok(actor) = by.parse::<Actor>();
    let is_plain = !by.contains(':') && actor != Actor::Human && actor != Actor::System;
    let actor = if is_plain { Actor::agent(by) } else { actor };
    (actor.to_string(), actor.name().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_days_or_ages() {
        let now = Timestamp(1_795_442_400_000);
        let shown = |text| moment(text, now).map(|time| time.to_string());
        assert_eq!(shown("2026-11-01").unwrap(), "2026-11-01T00:00:00Z");
        assert_eq!(shown("today").unwrap(), "2026-11-23T00:00:00Z");
        assert_eq!(shown("7d").unwrap(), "2026-11-16T14:00:00Z");
        assert_eq!(shown("2026-11-23T18:00").unwrap(), "2026-11-23T18:00:00Z");
        assert_eq!(shown("2026-11-23 18:00:05Z").unwrap(), "2026-11-23T18:00:05Z");
        let end = |text| ending(text, now).unwrap().to_string();
        assert_eq!(end("2026-11-23"), "2026-11-24T00:00:00Z");
        assert_eq!(end("2026-11-23T18:00"), "2026-11-23T18:00:00Z");
        let wrong = ["2026-11-23x", "2026-11-23T18", "2026-11-23T24:00", "2026-11-23T18:00+02:00"];
        for wrong in ["", "d", "7y", "-7d", "99999999999999999d", "é"].into_iter().chain(wrong) {
            assert_eq!(shown(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_word_may_be_typed_in_part() {
        assert_eq!(statuses("act"), Some(vec![Status::Active]));
        assert_eq!(statuses("c"), None);
        assert_eq!(statuses("open").unwrap().len(), 4);
    }
}
