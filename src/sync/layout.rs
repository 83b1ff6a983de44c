//! Where each document of a session stands.
