//! The block of a role that is listed and has none.

use crate::modes::built_in;
use crate::modes::folder::{NewRole, role_block};

/// The block as the built-in roles have it, or from the one line of the list.
pub(super) fn of(name: &str, about: &str) -> String {
    let new = match built_in::compiled_in().role(name) {
        Some(role) => NewRole {
            name: name.to_owned(),
            description: String::new(),
            prompt: role.role_definition.clone(),
            expertise: role.expertise.clone(),
            approach: role.approach.clone(),
            output_format: role.output_format.clone(),
        },
        None => NewRole {
            name: name.to_owned(),
            prompt: format!("{}.", about.trim().trim_end_matches('.')),
            ..NewRole::default()
        },
    };
    // A role that is listed has a name that a role can have.
    role_block(&new).unwrap_or_default()
}
