//! A new document from the file as it stands: only what changed is replaced.
