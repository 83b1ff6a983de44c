//! Documents from state, by templates.
