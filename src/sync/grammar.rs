//! The grammar of documents: text to draft, and lines from records.
