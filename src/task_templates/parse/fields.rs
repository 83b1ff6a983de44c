//! A map with known keys: what is missing, unknown, doubled or of the wrong type is told.

use crate::domain::refusal::closest;
use crate::task_templates::model::Text;
use crate::task_templates::problem::{Place, Problem, shown};
use crate::task_templates::yaml::{Data, Node};

/// The entries of a map.
pub(super) struct Fields<'a> {
    node: &'a Node,
    what: &'a str,
    entries: Vec<(&'a str, &'a Node)>,
}

impl<'a> Fields<'a> {
    /// Reads a map that has these keys at most; `None` where it is none.
    pub(super) fn of(
        node: &'a Node,
        what: &'a str,
        keys: &[&str],
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let Data::Map(map) = &node.data else {
            let found = node.data.kind();
            let message = format!("{what} is a map of {}, not {found}", listed(keys));
            problems.push(Problem::new(node.place, message));
            return None;
        };
        let mut entries: Vec<(&str, &Node)> = Vec::new();
        for (key, value) in map {
            let Some(name) = key_of(key, problems) else { continue };
            if entries.iter().any(|(known, _)| *known == name) {
                let message = format!("`{}` stands here twice", shown(name));
                problems.push(Problem::new(key.place, message).suggest("keep one of them"));
            } else if keys.contains(&name) {
                entries.push((name, value));
            } else {
                let message = format!("{what} has no `{}`", shown(name));
                let advice = match closest(name, keys.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("it has {}", listed(keys)),
                };
                problems.push(Problem::new(key.place, message).suggest(advice));
            }
        }
        Some(Self { node, what, entries })
    }

    /// The value of a key that says something.
    pub(super) fn node(&self, name: &str) -> Option<&'a Node> {
        let found = self.entries.iter().find(|(known, _)| *known == name);
        found.map(|(_, node)| *node).filter(|node| !matches!(node.data, Data::Nothing))
    }

    /// Where a key's value stands; the map itself where it has none.
    pub(super) fn place(&self, name: &str) -> Place {
        self.node(name).unwrap_or(self.node).place
    }

    /// A text.
    pub(super) fn text(&self, name: &str, problems: &mut Vec<Problem>) -> Option<Text> {
        text(self.node(name)?, name, problems)
    }

    /// A text that must be there and say something.
    pub(super) fn must_have(&self, name: &str, problems: &mut Vec<Problem>) -> Option<Text> {
        let Some(node) = self.node(name) else {
            let message = format!("`{name}` of {} is missing", self.what);
            problems.push(Problem::new(self.node.place, message));
            return None;
        };
        let text = text(node, name, problems)?;
        if text.source.trim().is_empty() {
            problems.push(Problem::new(node.place, format!("`{name}` is empty")));
            return None;
        }
        Some(text)
    }

    /// True or false.
    pub(super) fn boolean(&self, name: &str, problems: &mut Vec<Problem>) -> Option<bool> {
        let node = self.node(name)?;
        if let Data::Boolean(value) = node.data {
            return Some(value);
        }
        wrong(node, name, "true or false", problems);
        None
    }

    /// A whole number.
    pub(super) fn integer(&self, name: &str, problems: &mut Vec<Problem>) -> Option<i64> {
        let node = self.node(name)?;
        if let Data::Number(value) = &node.data
            && let Some(value) = value.as_i64()
        {
            return Some(value);
        }
        wrong(node, name, "a whole number", problems);
        None
    }

    /// A list of texts; one text is a list of one.
    pub(super) fn texts(&self, name: &str, problems: &mut Vec<Problem>) -> Vec<Text> {
        let Some(node) = self.node(name) else { return Vec::new() };
        match &node.data {
            Data::List(items) => {
                items.iter().filter_map(|item| text(item, name, problems)).collect()
            }
            Data::Nothing | Data::Boolean(_) | Data::Number(_) | Data::Text(_) | Data::Map(_) => {
                text(node, name, problems).into_iter().collect()
            }
        }
    }
}

/// The items of a list that says something.
pub(super) fn items<'a>(node: &'a Node, name: &str, problems: &mut Vec<Problem>) -> &'a [Node] {
    let Data::List(items) = &node.data else {
        wrong(node, name, "a list", problems);
        return &[];
    };
    items
}

/// A text of one place.
pub(super) fn text(node: &Node, name: &str, problems: &mut Vec<Problem>) -> Option<Text> {
    if let Data::Text(source) = &node.data {
        return Some(Text { source: source.clone(), place: node.place });
    }
    wrong(node, name, "a text", problems);
    None
}

/// Tells of a value of the wrong type.
pub(super) fn wrong(node: &Node, name: &str, meant: &str, problems: &mut Vec<Problem>) {
    let message = format!("`{name}` is {meant}, not {}", node.data.kind());
    let problem = Problem::new(node.place, message);
    let is_word = matches!(node.data, Data::Boolean(_) | Data::Number(_));
    problems.push(match (meant, &node.data) {
        ("a text", _) if is_word => problem.suggest("put it in quotes"),
        ("a text", Data::Map(_)) => problem.suggest("put `{{ … }}` in quotes"),
        ("a list", _) => problem.suggest("begin each entry with `- `"),
        _ => problem,
    });
}

fn key_of<'a>(key: &'a Node, problems: &mut Vec<Problem>) -> Option<&'a str> {
    if let Data::Text(name) = &key.data {
        return Some(name);
    }
    let message = format!("a key is a text, not {}", key.data.kind());
    problems.push(Problem::new(key.place, message));
    None
}

pub(super) fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
