//! Backups: bringing back what one holds.

mod restore;
