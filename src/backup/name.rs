//! Names of backups, and the names of their files.

use super::ENDING;
use crate::domain::backup::Backup;
use crate::domain::id::BackupId;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::text;
use crate::domain::time::Timestamp;

/// Backups of one second that get names of their own.
const NUMBERS_MAX: u32 = 1_000;
/// Longest name, in characters.
pub(super) const NAME_MAX: usize = 60;

/// Takes a name that can be part of a file's on every system.
pub(super) fn checked(name: &str) -> Result<String, Refusal> {
    let name = text::one_line("backup_name", name, NAME_MAX)?;
    let is_safe = |character: char| character.is_alphanumeric() || " _-.".contains(character);
    let begins_well = name.chars().next().is_some_and(char::is_alphanumeric);
    if begins_well && name.chars().all(is_safe) && !name.contains("..") {
        return Ok(name);
    }
    Err(Refusal::new(
        Code::InvalidText,
        "a backup's name begins with a letter or digit and holds only letters, digits, spaces, _, - and single dots",
    )
    .with("name", &name)
    .suggest("leave the name out, and it is made of the time"))
}

/// The name of a backup that was given none.
pub(super) fn of_time(at: Timestamp) -> String {
    let digits: String = at.to_string().chars().filter(char::is_ascii_digit).collect();
    let (day, time) = digits.split_at_checked(8).unwrap_or((&digits, ""));
    format!("backup-{day}-{time}")
}

/// A name that no backup has yet.
///
/// # Errors
///
/// When one has it: who restores by a name is to get what they mean.
pub(super) fn free(known: &[Backup], name: String) -> Result<String, Refusal> {
    let Some(holder) = holder(known, &name) else { return Ok(name) };
    Err(Refusal::new(Code::InvalidValue, format!("there is a backup named {name:?} already"))
        .with("backup_id", holder.id)
        .suggest("choose another name, or leave it out"))
}

/// The name, with a number where some backup has it.
pub(super) fn numbered(known: &[Backup], name: String) -> String {
    if holder(known, &name).is_none() {
        return name;
    }
    let mut numbers = (2..=NUMBERS_MAX).map(|number| format!("{name}-{number}"));
    numbers.find(|name| holder(known, name).is_none()).unwrap_or(name)
}

/// The backup that has a name, in whichever letters.
fn holder<'a>(known: &'a [Backup], name: &str) -> Option<&'a Backup> {
    let name = name.to_lowercase();
    known.iter().find(|one| one.name.to_lowercase() == name)
}

/// The name of the file of a backup.
pub(super) fn file(name: &str, id: BackupId) -> String {
    format!("{name}-{id}{ENDING}")
}

/// The name and id that a file's name tells.
pub(super) fn read(file: &str) -> Option<(String, BackupId)> {
    let stem = file.strip_suffix(ENDING)?;
    let at = stem.rfind("-b-")?;
    let (name, id) = stem.split_at_checked(at)?;
    Some((name.to_owned(), id.strip_prefix('-')?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_could_be_more_than_a_name_is_refused() {
        let long = "x".repeat(NAME_MAX + 1);
        for name in [
            "",
            " ",
            "../x",
            "/etc/passwd",
            "a/b",
            "a\\b",
            "-x",
            "--help",
            ".hidden",
            "a..b",
            "a\0b",
            "a\nb",
            "\u{202E}abc",
            "a:b",
            "a*b",
            "$(x)",
            "`x`",
            &long,
        ] {
            assert!(checked(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn names_that_people_give_are_taken() {
        for name in ["before the release", "v1.2", "nightly_3", "Überblick", "2026-11-25"] {
            assert_eq!(checked(name).unwrap(), name);
        }
    }

    #[test]
    fn a_file_tells_the_name_and_id_that_it_was_made_with() {
        let id = BackupId::from_random(7);
        for name in ["nightly", "a-b-c", "v1.2"] {
            assert_eq!(read(&file(name, id)), Some((name.to_owned(), id)));
        }
        assert_eq!(read("x.tar.zst"), None);
        assert_eq!(of_time(Timestamp(0)), "backup-19700101-000000");
    }
}
