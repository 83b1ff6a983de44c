//! Backups: what a project holds, packed, and brought back.

pub mod restore;
