//! YAML as a tree in which every value knows its place, within budgets that no alias bomb exceeds.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use serde_yaml::options::DuplicateKeyPolicy;
use serde_yaml::{Budget, Options, Spanned};

use super::problem::{Place, Problem};

/// Largest file, in bytes.
pub(super) const FILE_MAX: usize = 256 * 1024;
/// Most values in a file, aliases followed.
const NODES_MAX: usize = 50_000;
const ALIASES_MAX: usize = 200;
/// Deepest nesting: tasks nest eight deep, each with a list and a map.
const DEPTH_MAX: usize = 48;

/// A value and its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) data: Data,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(super) enum Data {
    Nothing,
    Boolean(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    /// Every entry, doubles among them.
    Map(Vec<(Node, Node)>),
}

impl Data {
    /// What a person calls it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Boolean(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

/// Reads a file.
///
/// # Errors
///
/// The first mistake of syntax.
pub(super) fn read(text: &str) -> Result<Node, Problem> {
    if FILE_MAX < text.len() {
        let message = format!("the file has {} bytes; the limit is {FILE_MAX}", text.len());
        return Err(Problem::new(Place::START, message));
    }
    let is_content = |line: &str| !line.trim().is_empty() && !line.trim().starts_with('#');
    if !text.lines().any(is_content) {
        return Err(Problem::new(Place::START, "the file is empty")
            .suggest("`callboard template show feature --yaml` prints one to begin with"));
    }
    serde_yaml::from_str_with_options(text, options()).map_err(|error| {
        let place = error.location().map_or(Place::START, place_of);
        Problem::new(place, message_of(&error))
    })
}

fn options() -> Options {
    let mut budget = Budget::default();
    budget.max_events = NODES_MAX * 2;
    budget.max_nodes = NODES_MAX;
    budget.max_aliases = ALIASES_MAX;
    budget.max_anchors = ALIASES_MAX;
    budget.max_depth = DEPTH_MAX;
    budget.flow_nesting_limit = DEPTH_MAX;
    budget.max_documents = 1;
    budget.max_total_scalar_bytes = FILE_MAX * 2;
    budget.max_merge_keys = ALIASES_MAX;
    let mut options = Options::default();
    options.budget = Some(budget);
    options.alias_limits.max_total_replayed_events = NODES_MAX;
    options.duplicate_keys = DuplicateKeyPolicy::PassThrough;
    options.with_snippet = false;
    // `y` and `no` are words.
    options.strict_booleans = true;
    options
}

/// The message without the place, which is told apart, on one line.
fn message_of(error: &serde_yaml::Error) -> String {
    let text = error.without_snippet().to_string();
    if let Some((_, breach)) = text.split_once("budget breached: ") {
        let what = match breach.split_whitespace().next() {
            Some("Documents") => "a template is one document, and `---` begins another",
            Some("Depth") => "it is nested too deeply",
            Some(_) | None => "it holds too much, or its aliases make too much of it",
        };
        return what.to_owned();
    }
    let text = text.split(" at line ").next().unwrap_or_default();
    if text.contains("alias replay limit") {
        return "its aliases make too much of it".to_owned();
    }
    if text.contains("recursion limit") {
        return "it is nested too deeply".to_owned();
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    format!("this is not YAML: {}", words.join(" "))
}

fn place_of(location: serde_yaml::Location) -> Place {
    let number = |value: u64| usize::try_from(value).unwrap_or(1).max(1);
    Place { line: number(location.line()), column: number(location.column()) }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned: Spanned<Data> = Spanned::deserialize(deserializer)?;
        Ok(Self { place: place_of(spanned.referenced), data: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DataVisitor)
    }
}

struct DataVisitor;

impl<'de> Visitor<'de> for DataVisitor {
    type Value = Data;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_unit<E: Error>(self) -> Result<Data, E> {
        Ok(Data::Nothing)
    }

    fn visit_none<E: Error>(self) -> Result<Data, E> {
        Ok(Data::Nothing)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Data, E> {
        Ok(Data::Boolean(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Data, E> {
        Ok(Data::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Data, E> {
        Ok(Data::Number(value.into()))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Data, E> {
        Ok(Data::Text(value.to_string()))
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Data, E> {
        Ok(Data::Text(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Data, E> {
        Ok(Number::from_f64(value).map_or_else(|| Data::Text(value.to_string()), Data::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Data, E> {
        Ok(Data::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Data, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Data::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Data, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Data::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// The tree in short: `kind@line:column`.
    fn told(node: &Node) -> String {
        let Place { line, column } = node.place;
        let inner = match &node.data {
            Data::Nothing => "-".to_owned(),
            Data::Boolean(value) => value.to_string(),
            Data::Number(value) => value.to_string(),
            Data::Text(text) => format!("{text:?}"),
            Data::List(items) => {
                format!("[{}]", items.iter().map(told).collect::<Vec<_>>().join(" "))
            }
            Data::Map(entries) => {
                let one = |(key, value): &(Node, Node)| format!("{}={}", told(key), told(value));
                format!("{{{}}}", entries.iter().map(one).collect::<Vec<_>>().join(" "))
            }
        };
        format!("{inner}@{line}:{column}")
    }

    fn check(text: &str, expected: &str) {
        let found = match read(text) {
            Ok(node) => told(&node),
            Err(problem) => problem.to_string(),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn every_value_knows_its_place() {
        check("a: 1\nb: [x, true]\n", "{\"a\"@1:1=1@1:4 \"b\"@2:1=[\"x\"@2:5 true@2:8]@2:4}@1:1");
        check("a: |\n  one\n  two\n", "{\"a\"@1:1=\"one\\ntwo\\n\"@2:3}@1:1");
        check("a: >-\n  one\n  two\n", "{\"a\"@1:1=\"one two\"@2:3}@1:1");
        check("a: 1\na: 2\n7: x\n", "{\"a\"@1:1=1@1:4 \"a\"@2:1=2@2:4 7@3:1=\"x\"@3:4}@1:1");
        check("a: \"7\"\nb:\n", "{\"a\"@1:1=\"7\"@1:4 \"b\"@2:1=-@2:2}@1:1");
    }

    #[test]
    fn what_is_not_yaml_is_told_with_its_place() {
        check("a: [1, 2\nb: 3\n", "2:2: this is not YAML: illegal placement of ':' indicator");
        check(
            "# nothing\n",
            "1:1: the file is empty (`callboard template show feature --yaml` prints one to begin with)",
        );
        check("a: *b\n", "1:4: this is not YAML: alias references unknown anchor");
        check("a: 1\n---\nb: 2\n", "2:1: a template is one document, and `---` begins another");
        check("a: !!int x\n", "1:10: this is not YAML: invalid u64");
    }

    #[test]
    fn a_bomb_of_aliases_does_not_go_off() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let inner = vec![format!("*a{}", level - 1); 10].join(", ");
            writeln!(bomb, "a{level}: &a{level} [{inner}]").unwrap();
        }
        let told = read(&bomb).unwrap_err().message;
        assert!(told.contains("aliases make too much of it"), "{told}");
        let told = read(&"[".repeat(100_000)).unwrap_err().message;
        assert!(told.contains("nested too deeply"), "{told}");
        assert!(read(&"x".repeat(FILE_MAX + 1)).is_err());
    }
}
