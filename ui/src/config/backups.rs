//! The settings of backups.

use std::time::Duration;

use callboard_engine::backup::retention::Strategy;
use serde_json::{Value, json};

use super::{Key, number};

/// Seconds in an hour, and hours between two backups at the most.
const HOUR_S: u64 = 3_600;
const HOURS_MAX: u64 = 24 * 365;
const COUNT_MAX: u64 = 10_000;
const DAYS_MAX: u64 = 36_500;
const TOTAL_MB_MAX: u64 = 100_000_000;

pub(super) const EVERY: Key = Key {
    name: "backup.every",
    help: "hours between backups that are made by themselves while work goes on; 0 makes none",
    take: |config, value| {
        let hours = number(value, HOURS_MAX)?;
        config.backups.every = (0 < hours).then(|| Duration::from_secs(hours * HOUR_S));
        Ok(())
    },
    show: |config| json!(config.backups.every.map_or(0, |every| every.as_secs() / HOUR_S)),
};

pub(super) const KEEP: Key = Key {
    name: "backup.keep",
    help: "backups that are kept; 0 keeps only the newest that always stay, -1 has no limit",
    take: |config, value| limit(value, COUNT_MAX).map(|it| config.backups.retention.count = it),
    show: |config| shown(config.backups.retention.count),
};

pub(super) const DAYS: Key = Key {
    name: "backup.days",
    help: "days for which backups are kept; 0 keeps only the newest that always stay, -1 has no limit",
    take: |config, value| limit(value, DAYS_MAX).map(|it| config.backups.retention.days = it),
    show: |config| shown(config.backups.retention.days),
};

pub(super) const TOTAL_MB: Key = Key {
    name: "backup.total_mb",
    help: "megabytes that all backups together may have; 0 keeps only the newest that always stay, -1 has no limit",
    take: |config, value| {
        limit(value, TOTAL_MB_MAX).map(|it| config.backups.retention.total_mb = it)
    },
    show: |config| shown(config.backups.retention.total_mb),
};

pub(super) const NEWEST: Key = Key {
    name: "backup.newest",
    help: "so many of the newest backups stay whatever else holds; at least 1",
    take: |config, value| {
        let newest = number(value, COUNT_MAX)?;
        config.backups.retention.newest = u32::try_from(newest.max(1)).unwrap_or(1);
        Ok(())
    },
    show: |config| json!(config.backups.retention.newest),
};

pub(super) const STRATEGY: Key = Key {
    name: "backup.strategy",
    help: "oldest_first, largest_first or least_accessed: which backup goes where there are too many",
    take: |config, value| {
        let known = value.as_str().and_then(|text| text.parse::<Strategy>().ok());
        let known =
            known.ok_or_else(|| format!("must be {}, not {value}", Strategy::TEXTS.join(", ")))?;
        config.backups.retention.strategy = known;
        Ok(())
    },
    show: |config| json!(config.backups.retention.strategy),
};

/// A limit; -1 is none.
fn limit<T: TryFrom<u64>>(value: &Value, most: u64) -> Result<Option<T>, String> {
    let is_none =
        value.as_i64() == Some(-1) || value.as_str().is_some_and(|text| text.trim() == "-1");
    if is_none {
        return Ok(None);
    }
    let said = number(value, most).map_err(|problem| format!("{problem}; -1 has no limit"))?;
    Ok(T::try_from(said).ok())
}

fn shown<T: Into<u64>>(limit: Option<T>) -> Value {
    limit.map_or_else(|| json!(-1), |most| json!(most.into()))
}
