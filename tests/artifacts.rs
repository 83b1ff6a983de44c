//! Artifacts: recorded, numbered by editions, looked at, taken back.

mod records;
