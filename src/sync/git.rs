//! Whether git is in the middle of something in the project's tree.
