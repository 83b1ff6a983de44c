//! The blocks `mode_metadata` and `validation_rules`.

use crate::modes::problem::{Place, Problems};
use crate::modes::tree::Node;

use super::sheet::Sheet;
use super::values::{self, Fields};

pub(super) const KEYS: &[&str] =
    &["name", "description", "version", "created_by", "created_at", "compatible_versions"];
const RULES: &[&str] =
    &["required_roles", "optional_roles", "minimum_specialist_count", "maximum_specialist_count"];
/// Most roles of a mode.
pub(super) const ROLES_MAX: usize = 64;

/// What a file demands of itself.
#[derive(Debug, Default)]
pub(super) struct ValidationRules {
    pub required: Vec<(String, Place)>,
    pub least: Option<(usize, Place)>,
    pub most: Option<(usize, Place)>,
}

pub(super) fn metadata(sheet: &mut Sheet, node: &Node, problems: &mut Problems) {
    let Some(fields) = Fields::of(node, "mode_metadata", KEYS, problems) else { return };
    let mut text = |key: &str| {
        let node = fields.get(key)?;
        values::text(node, key, problems)
    };
    sheet.mode.title = text("name").unwrap_or_default();
    sheet.mode.description = text("description").unwrap_or_default();
    sheet.mode.version = text("version").unwrap_or_default();
    text("created_by");
    text("created_at");
    if let Some(node) = fields.get("compatible_versions") {
        values::texts(node, "compatible_versions", problems);
    }
}

pub(super) fn validation_rules(sheet: &mut Sheet, node: &Node, problems: &mut Problems) {
    let Some(fields) = Fields::of(node, "validation_rules", RULES, problems) else { return };
    let mut names = |key: &str| {
        fields.get(key).map(|node| values::placed_texts(node, key, problems)).unwrap_or_default()
    };
    sheet.rules.required = names("required_roles");
    names("optional_roles");
    let mut count = |key: &str| {
        let node = fields.get(key)?;
        let count = values::number(node, key, (0, ROLES_MAX), problems)?;
        Some((count, node.place))
    };
    sheet.rules.least = count("minimum_specialist_count");
    sheet.rules.most = count("maximum_specialist_count");
}
