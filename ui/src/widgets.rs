//! Widgets: drawing that knows meanings and text, but nothing of sessions and tasks.

pub mod code;
pub mod fit;
pub mod form;
pub mod gauge;
pub mod input;
pub mod laid;
pub mod markdown;
pub mod popup;
pub mod spark;
pub mod text;
pub mod toast;
pub mod wrap;
