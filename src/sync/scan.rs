//! What stands on disk, and what changed since it was looked at last.
