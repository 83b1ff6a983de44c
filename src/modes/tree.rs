//! A YAML text as a tree in which everything knows its place.
//!
//! The tree is built from the parser's events rather than through serde, as a reader that is to
//! tell everything that is wrong at once must not stop at the first wrong type, and needs to see
//! duplicate keys and texts as they were written. What a text may cost is bounded here.

mod blocks;
mod node;
mod words;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde_yaml::granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput, options};

use super::problem::{Place, Problems, quote};

pub(super) use blocks::{flaws, read_tree};
pub(super) use node::{Entry, Node, Value};

/// Deepest nesting.
const DEPTH_MAX: usize = 24;
/// Most nodes, those that aliases repeat included.
const NODES_MAX: usize = 10_000;
/// Most bytes of text that aliases repeat.
const REPEATED_MAX: usize = 1024 * 1024;

/// Why a text has no tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flaw {
    pub place: Place,
    pub message: String,
    pub suggestion: Option<String>,
    /// Whether nothing that follows is worth reading.
    pub is_final: bool,
}

/// What becomes of an alias without an anchor.
#[derive(Debug, Clone, Copy)]
struct Unresolved<'a> {
    /// The anchors of the whole text, where only a part of it is read.
    elsewhere: Option<&'a HashSet<&'a str>>,
    /// Whether reading ends there; else it is told, and means nothing.
    is_flaw: bool,
}

impl Unresolved<'_> {
    const TELL: Self = Self { elsewhere: None, is_flaw: false };
    const FLAW: Self = Self { elsewhere: None, is_flaw: true };
}

/// Reads a text as one document; nothing when it is empty.
fn parse(
    text: &str,
    first_line: usize,
    unresolved: Unresolved<'_>,
    problems: &mut Problems,
) -> Result<Option<Node>, Flaw> {
    let options = options! {
        flow_nesting_limit: DEPTH_MAX,
        block_nesting_limit: DEPTH_MAX,
        disallow_directives: true,
        emit_unresolved_aliases: true,
    };
    let parser = Parser::new_from_str_with_options(text, options);
    let lines_before = first_line.saturating_sub(1);
    let anchors = HashMap::new();
    Builder { parser, lines_before, anchors, nodes: 0, repeated: 0, unresolved, problems }
        .document()
}

struct Builder<'a> {
    parser: Parser<'a, StrInput<'a>>,
    lines_before: usize,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    repeated: usize,
    unresolved: Unresolved<'a>,
    problems: &'a mut Problems,
}

impl<'a> Builder<'a> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other events are no nodes")]
    fn document(mut self) -> Result<Option<Node>, Flaw> {
        let mut root = None;
        while let Some((event, span)) = self.next()? {
            match event {
                Event::DocumentStart(..) if root.is_some() => {
                    let message = "the file holds several documents; only the first is read";
                    self.problems
                        .error(self.place(&span), message)
                        .suggest("remove the line ---, or make it a file of its own");
                    break;
                }
                Event::Scalar(..)
                | Event::SequenceStart(..)
                | Event::MappingStart(..)
                | Event::Alias(..)
                | Event::UnresolvedAlias(..) => root = Some(self.node(event, &span)?),
                _ => {}
            }
        }
        Ok(root)
    }

    fn next(&mut self) -> Result<Option<(Event<'a>, Span)>, Flaw> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok(next)) => Ok(Some(next)),
            Some(Err(error)) => Err(self.flaw(&error)),
        }
    }

    fn place(&self, span: &Span) -> Place {
        Place {
            line: span.start.line().saturating_add(self.lines_before),
            column: span.start.col().saturating_add(1),
        }
    }

    fn flaw(&self, error: &ScanError) -> Flaw {
        let marker = error.marker();
        let place = Place {
            line: marker.line().saturating_add(self.lines_before),
            column: marker.col().saturating_add(1),
        };
        words::flaw(error, place)
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the other events are no nodes")]
    fn node(&mut self, event: Event<'a>, span: &Span) -> Result<Node, Flaw> {
        let place = self.place(span);
        self.count(1, place)?;
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_plain = style == ScalarStyle::Plain;
                let is_text = tag.as_ref().is_some_and(|tag| tag.is_yaml_core_schema_tag("str"));
                self.warn_of_tag(tag.as_deref(), place);
                (scalar(text, is_plain && !is_text), anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.warn_of_tag(tag.as_deref(), place);
                (self.list()?, anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.warn_of_tag(tag.as_deref(), place);
                (self.map()?, anchor)
            }
            Event::Alias(anchor) => return self.repeat(anchor, place),
            Event::UnresolvedAlias(name) => (self.unresolved(&name, place)?, 0),
            _ => (Value::Nothing, 0),
        };
        let node = Node { place, value };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn warn_of_tag(&mut self, tag: Option<&serde_yaml::granit_parser::Tag>, place: Place) {
        if let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema()) {
            let message = format!("the tag {} has no meaning here", quote(&tag.original()));
            self.problems.warn(place, message).suggest("remove it");
        }
    }

    fn list(&mut self) -> Result<Value, Flaw> {
        let mut items = Vec::new();
        while let Some((event, span)) = self.next()? {
            if event == Event::SequenceEnd {
                break;
            }
            items.push(self.node(event, &span)?);
        }
        Ok(Value::List(items))
    }

    fn map(&mut self) -> Result<Value, Flaw> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut merged: Vec<Node> = Vec::new();
        while let Some((event, span)) = self.next()? {
            if event == Event::MappingEnd {
                break;
            }
            let key = self.node(event, &span)?;
            let Some((event, span)) = self.next()? else { break };
            let value = self.node(event, &span)?;
            let place = key.place;
            let text = match key.value {
                Value::Text { text, is_plain } if is_plain && text == "<<" => {
                    merged.push(value);
                    continue;
                }
                Value::Text { text, .. } => text,
                Value::Nothing => String::new(),
                Value::List(_) | Value::Map(_) => {
                    self.problems.error(place, "a key must be a word");
                    continue;
                }
            };
            if let Some(line) = seen.get(&text) {
                twice(&text, *line, place, self.problems);
                continue;
            }
            seen.insert(text.clone(), place.line);
            entries.push(Entry { key: text, place, value });
        }
        for node in merged {
            self.merge(&mut entries, &mut seen, node);
        }
        Ok(Value::Map(entries))
    }

    /// What `<<: *base` brings in: the entries that the map itself does not have.
    fn merge(&mut self, entries: &mut Vec<Entry>, seen: &mut HashMap<String, usize>, node: Node) {
        match node.value {
            Value::Map(others) => {
                let new = others
                    .into_iter()
                    .filter(|entry| seen.insert(entry.key.clone(), entry.place.line).is_none());
                entries.extend(new);
            }
            Value::List(nodes) => {
                for node in nodes {
                    self.merge(entries, seen, node);
                }
            }
            Value::Nothing | Value::Text { .. } => {
                self.problems.error(node.place, "only a map can be merged by <<");
            }
        }
    }

    /// The node of an anchor once more, as long as that is cheap.
    fn repeat(&mut self, anchor: usize, place: Place) -> Result<Node, Flaw> {
        let Some(node) = self.anchors.get(&anchor) else {
            // The parser knows the anchor; its node is still being read, and so holds itself.
            self.problems.error(place, "this alias repeats what it stands in");
            return Ok(Node { place, value: Value::Nothing });
        };
        let (nodes, bytes) = node.size();
        self.repeated = self.repeated.saturating_add(bytes);
        if REPEATED_MAX < self.repeated {
            return Err(too_much(place));
        }
        let node = node.clone();
        self.count(nodes, place)?;
        Ok(node)
    }

    /// An alias without its anchor: told, and read as the text that it looks like.
    fn unresolved(&mut self, name: &str, place: Place) -> Result<Value, Flaw> {
        if !self.unresolved.elsewhere.is_some_and(|anchors| anchors.contains(name)) {
            let flaw = words::no_anchor(name, place);
            if self.unresolved.is_flaw {
                return Err(flaw);
            }
            self.problems.error(place, flaw.message).suggestion = flaw.suggestion;
        }
        Ok(Value::Text { text: format!("*{name}"), is_plain: true })
    }

    fn count(&mut self, nodes: usize, place: Place) -> Result<(), Flaw> {
        self.nodes = self.nodes.saturating_add(nodes);
        if NODES_MAX < self.nodes { Err(too_much(place)) } else { Ok(()) }
    }
}

fn twice(key: &str, line: usize, place: Place, problems: &mut Problems) {
    let message = format!("{} is there twice; it is in line {line} as well", quote(key));
    problems.error(place, message).suggest("remove one of them, or put them together");
}

fn too_much(place: Place) -> Flaw {
    Flaw {
        place,
        message: format!("the file grows beyond {NODES_MAX} values here"),
        suggestion: Some("repeat less by aliases, or split the file".to_owned()),
        is_final: true,
    }
}

fn scalar(text: Cow<'_, str>, is_plain: bool) -> Value {
    let is_nothing = is_plain && matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL");
    if is_nothing { Value::Nothing } else { Value::Text { text: text.into_owned(), is_plain } }
}
