//! Artifacts: recorded, numbered by editions, looked at, taken back.

mod checking;
mod earlier;
mod paths;
mod records;
mod storing;
