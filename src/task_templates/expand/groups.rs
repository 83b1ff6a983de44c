//! The groups that the tasks of a plan go to: those that some task needs, and those around them.

use super::PlannedGroup;
use super::fields::Filler;
use crate::domain::text::NAME_MAX;
use crate::task_templates::model::{TaskTemplate, Text};

/// What stands between the names of a path.
const BETWEEN: &str = " / ";

#[derive(Default)]
pub(super) struct Groups {
    pub(super) planned: Vec<PlannedGroup>,
    /// What the groups of the template have become.
    declared: Vec<Option<usize>>,
}

impl Groups {
    pub(super) fn new(declared: usize) -> Self {
        Self { planned: Vec::new(), declared: vec![None; declared] }
    }

    /// A group of the template's, with those around it.
    pub(super) fn declared(
        &mut self,
        template: &TaskTemplate,
        index: usize,
        fields: &mut Filler<'_>,
    ) -> Option<usize> {
        if let Some(known) = self.declared.get(index).copied().flatten() {
            return Some(known);
        }
        let part = template.groups.get(index)?;
        let mut path = match part.parent {
            None => Vec::new(),
            Some(outer) => {
                let outer = self.declared(template, outer, fields)?;
                self.planned.get(outer)?.path.clone()
            }
        };
        let name = fields.line("group", &part.name, NAME_MAX)?;
        if name.contains(BETWEEN) {
            fields.fault(format!("the name of a group holds no {BETWEEN:?}: {name:?}"));
            return None;
        }
        path.push(name);
        let description = fields.description(part.description.as_ref());
        let role = fields.word("role", part.role.as_ref());
        let at = self.place(PlannedGroup { path, description, role });
        if let Some(known) = self.declared.get_mut(index) {
            *known = Some(at);
        }
        Some(at)
    }

    /// A group by its path, with those around it; none where the path comes out empty.
    pub(super) fn by_path(&mut self, path: &Text, fields: &mut Filler<'_>) -> Option<usize> {
        let text = fields.fill("group", path);
        let mut names: Vec<String> = Vec::new();
        let mut last = None;
        for name in text.split(BETWEEN).filter(|name| !name.trim().is_empty()) {
            // What is filled in is data, and is not filled in again.
            names.push(fields.fits("group", name, NAME_MAX)?);
            last = Some(self.place(PlannedGroup {
                path: names.clone(),
                description: String::new(),
                role: None,
            }));
        }
        last
    }

    fn place(&mut self, group: PlannedGroup) -> usize {
        let lower =
            |path: &[String]| path.iter().map(|name| name.to_lowercase()).collect::<Vec<_>>();
        let wanted = lower(&group.path);
        let known = self.planned.iter().position(|known| lower(&known.path) == wanted);
        known.unwrap_or_else(|| {
            self.planned.push(group);
            self.planned.len() - 1
        })
    }
}
