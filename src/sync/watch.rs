//! Hints that something changed on disk.
