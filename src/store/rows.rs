//! Rows: how each record is written to its table and read from it.

pub(crate) mod artifact;
pub(crate) mod backup;
pub(crate) mod change;
pub(crate) mod conflict;
pub(crate) mod document;
pub(crate) mod group;
pub(crate) mod mode;
pub(crate) mod session;
pub(crate) mod task;

use std::str::FromStr;

use rusqlite::types::Type;
use rusqlite::{Error, Row};

use crate::domain::time::Timestamp;

/// Reads a column whose text is a word or an id of ours.
pub(crate) fn parsed<T: FromStr>(row: &Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text = row.get_ref(column)?.as_str()?;
    text.parse()
        .map_err(|error| Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

/// Reads a column whose text is a word or an id of ours, or null.
pub(crate) fn parsed_option<T: FromStr>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    match row.get_ref(column)?.as_str_or_null()? {
        None => Ok(None),
        Some(text) => text
            .parse()
            .map(Some)
            .map_err(|error| Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))),
    }
}

/// Reads a column of JSON.
pub(crate) fn json<T: serde::de::DeserializeOwned>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text)
        .map_err(|error| Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

/// Reads a column of JSON, or null.
pub(crate) fn json_option<T: serde::de::DeserializeOwned>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<T>> {
    match row.get_ref(column)?.as_str_or_null()? {
        None => Ok(None),
        Some(text) => serde_json::from_str(text)
            .map(Some)
            .map_err(|error| Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))),
    }
}

/// Reads a column of milliseconds.
pub(crate) fn moment(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp)
}

/// Reads a column of milliseconds, or null.
pub(crate) fn moment_option(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    row.get::<_, Option<i64>>(column).map(|value| value.map(Timestamp))
}
