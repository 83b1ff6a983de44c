//! Edit backups: whatever a person wrote and Callboard replaced or discarded is kept.
