//! Backups in words.

use callboard_engine::domain::backup::{Backup, Integrity};

/// A size in the unit that suits it.
pub fn bytes(count: u64) -> String {
    const UNITS: [(&str, u64); 4] =
        [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000), ("B", 1)];
    let fits = UNITS.iter().find(|(_, size)| *size <= count);
    match fits {
        None | Some((_, 1)) => format!("{count} B"),
        Some((unit, size)) => {
            let tenths = count.saturating_mul(10) / size;
            format!("{}.{} {unit}", tenths / 10, tenths % 10)
        }
    }
}

/// Whether it is known to be sound.
pub fn integrity(backup: &Backup) -> &'static str {
    match backup.integrity {
        Integrity::Valid => "verified",
        Integrity::Corrupted => "damaged",
        Integrity::Unknown => "unverified",
    }
}

/// The sessions in it: by name where there are few.
pub fn sessions(backup: &Backup) -> String {
    match backup.sessions.as_slice() {
        [] => String::new(),
        [one] => one.name.clone(),
        [one, other] => format!("{}, {}", one.name, other.name),
        [one, rest @ ..] => format!("{} and {} more", one.name, rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_told_in_the_unit_that_suits_it() {
        for (count, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (15_460_000, "15.4 MB"),
            (2_000_000_000, "2.0 GB"),
        ] {
            assert_eq!(bytes(count), text);
        }
    }
}
