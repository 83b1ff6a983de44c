//! The whole state of one session, as its documents show it.
