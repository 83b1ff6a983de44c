//! The parameters of a template: a list, or a map from their names.

use serde_json::Value;

use super::fields::{Fields, text, wrong};
use crate::task_templates::model::{INDEX, ITEM, Parameter, ParameterKind};
use crate::task_templates::pattern::Pattern;
use crate::task_templates::problem::{Place, Problem, shown};
use crate::task_templates::values;
use crate::task_templates::yaml::{Data, Node};

/// Most parameters of a template.
const PARAMETERS_MAX: usize = 50;
const CHOICES_MAX: usize = 100;
/// Longest name.
const NAME_MAX: usize = 40;

const KEYS: &[&str] = &[
    "name",
    "type",
    "description",
    "required",
    "default",
    "choices",
    "pattern",
    "min",
    "max",
    "max_length",
];
/// Names that mean something else in expressions.
const RESERVED: &[&str] = &[
    ITEM, INDEX, "true", "false", "none", "and", "or", "not", "in", "is", "if", "else", "for",
    "loop", "set", "range",
];

/// Reads the parameters.
pub(super) fn read(node: &Node, problems: &mut Vec<Problem>) -> Vec<Parameter> {
    let named: Vec<(Option<&Node>, &Node)> = match &node.data {
        Data::List(items) => items.iter().map(|item| (None, item)).collect(),
        Data::Map(entries) => entries.iter().map(|(key, value)| (Some(key), value)).collect(),
        Data::Nothing | Data::Boolean(_) | Data::Number(_) | Data::Text(_) => {
            wrong(node, "parameters", "a list", problems);
            Vec::new()
        }
    };
    if PARAMETERS_MAX < named.len() {
        let message = format!("{} parameters; the limit is {PARAMETERS_MAX}", named.len());
        problems.push(Problem::new(node.place, message));
    }
    let mut parameters: Vec<Parameter> = Vec::new();
    for (key, value) in named.into_iter().take(PARAMETERS_MAX) {
        let Some((place, parameter)) = one(key, value, problems) else { continue };
        if parameters.iter().any(|known| known.name == parameter.name) {
            let message = format!("there are two parameters {:?}", parameter.name);
            problems.push(Problem::new(place, message).suggest("rename one of them"));
        } else {
            parameters.push(parameter);
        }
    }
    parameters
}

fn one(key: Option<&Node>, node: &Node, problems: &mut Vec<Problem>) -> Option<(Place, Parameter)> {
    // A name alone, as in a map, is a string that must be given.
    let blank = Node { place: node.place, data: Data::Map(Vec::new()) };
    let node = if key.is_some() && matches!(node.data, Data::Nothing) { &blank } else { node };
    let fields = Fields::of(node, "a parameter", KEYS, problems)?;
    let name = match key {
        Some(key) => text(key, "name", problems)?,
        None => fields.must_have("name", problems)?,
    };
    check_name(&name.source, name.place, problems);
    let kind = kind(&fields, problems);
    let description = fields.text("description", problems).map(|text| text.source);
    let mut parameter = Parameter {
        name: name.source,
        kind,
        description: description.unwrap_or_default().trim_end().to_owned(),
        required: fields.boolean("required", problems).unwrap_or(false),
        default: None,
        choices: choices(&fields, kind, problems),
        pattern: pattern(&fields, kind, problems),
        min: limit(&fields, ("min", kind), &[ParameterKind::Integer], problems),
        max: limit(&fields, ("max", kind), &[ParameterKind::Integer], problems),
        max_length: max_length(&fields, kind, problems),
    };
    if let (Some(min), Some(max)) = (parameter.min, parameter.max)
        && max < min
    {
        let message = format!("`min` {min} is more than `max` {max}");
        problems.push(Problem::new(node.place, message));
    }
    default(&mut parameter, &fields, (name.place, problems));
    Some((name.place, parameter))
}

fn check_name(name: &str, place: Place, problems: &mut Vec<Problem>) {
    let is_word = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && name.chars().next().is_some_and(|first| !first.is_ascii_digit());
    if !is_word || NAME_MAX < name.len() {
        let message = format!("a parameter cannot be called {:?}", shown(name));
        let advice = format!("use lower-case letters, digits and `_`, {NAME_MAX} at most");
        problems.push(Problem::new(place, message).suggest(advice));
    } else if RESERVED.contains(&name) {
        let message = format!("`{name}` means something else in expressions");
        problems.push(Problem::new(place, message).suggest("take another name"));
    }
}

fn kind(fields: &Fields<'_>, problems: &mut Vec<Problem>) -> ParameterKind {
    let Some(text) = fields.text("type", problems) else { return ParameterKind::String };
    text.source.parse().unwrap_or_else(|refusal: crate::domain::refusal::Refusal| {
        let problem = Problem::new(text.place, refusal.message);
        problems.push(match refusal.suggested_action {
            Some(advice) => problem.suggest(advice),
            None => problem,
        });
        ParameterKind::String
    })
}

fn choices(fields: &Fields<'_>, kind: ParameterKind, problems: &mut Vec<Problem>) -> Vec<String> {
    let choices: Vec<String> =
        fields.texts("choices", problems).into_iter().map(|text| text.source).collect();
    let place = fields.place("choices");
    if kind == ParameterKind::Choice && choices.is_empty() {
        problems.push(
            Problem::new(place, "a choice needs `choices`").suggest("list them: `choices: [a, b]`"),
        );
    } else if kind != ParameterKind::Choice && !choices.is_empty() {
        let message = format!("a parameter of type {kind} has no `choices`");
        problems.push(Problem::new(place, message).suggest("make it `type: choice`"));
    } else if CHOICES_MAX < choices.len() {
        let message = format!("{} choices; the limit is {CHOICES_MAX}", choices.len());
        problems.push(Problem::new(place, message));
    }
    choices
}

fn pattern(
    fields: &Fields<'_>,
    kind: ParameterKind,
    problems: &mut Vec<Problem>,
) -> Option<Pattern> {
    let text = fields.text("pattern", problems)?;
    if !matches!(kind, ParameterKind::String | ParameterKind::List) {
        let message = format!("a parameter of type {kind} has no `pattern`");
        problems.push(Problem::new(text.place, message).suggest("leave it out"));
        return None;
    }
    match Pattern::new(&text.source) {
        Ok(pattern) => Some(pattern),
        Err(message) => {
            problems.push(Problem::new(text.place, format!("the pattern is wrong: {message}")));
            None
        }
    }
}

/// A number that only parameters of some types have.
fn limit(
    fields: &Fields<'_>,
    (name, kind): (&str, ParameterKind),
    kinds: &[ParameterKind],
    problems: &mut Vec<Problem>,
) -> Option<i64> {
    let value = fields.integer(name, problems)?;
    if kinds.contains(&kind) {
        return Some(value);
    }
    let message = format!("a parameter of type {kind} has no `{name}`");
    problems.push(Problem::new(fields.place(name), message).suggest("leave it out"));
    None
}

fn max_length(
    fields: &Fields<'_>,
    kind: ParameterKind,
    problems: &mut Vec<Problem>,
) -> Option<usize> {
    let kinds = [ParameterKind::String, ParameterKind::Text, ParameterKind::List];
    let given = limit(fields, ("max_length", kind), &kinds, problems)?;
    let most = values::length_max(kind);
    match usize::try_from(given) {
        Ok(given) if (1..=most).contains(&given) => Some(given),
        Ok(_) | Err(_) => {
            let message = format!("`max_length` is 1 to {most}, not {given}");
            problems.push(Problem::new(fields.place("max_length"), message));
            None
        }
    }
}

fn default(
    parameter: &mut Parameter,
    fields: &Fields<'_>,
    (place, problems): (Place, &mut Vec<Problem>),
) {
    let Some(node) = fields.node("default") else {
        let must_say = matches!(parameter.kind, ParameterKind::Integer | ParameterKind::Choice);
        if must_say && !parameter.required {
            let message = format!("nothing says what {} is when it is not given", parameter.name);
            problems.push(
                Problem::new(place, message).suggest("give it a `default`, or `required: true`"),
            );
        }
        return;
    };
    let is_quoted = !matches!(
        (parameter.kind, &node.data),
        (
            ParameterKind::String | ParameterKind::Text | ParameterKind::Choice,
            Data::Boolean(_) | Data::Number(_)
        )
    );
    if !is_quoted {
        wrong(node, "default", "a text", problems);
        return;
    }
    match values::one(parameter, &json_of(node)) {
        Ok(value) => parameter.default = Some(value),
        Err(fault) => {
            let problem =
                Problem::new(node.place, format!("the default is no good: {}", fault.message));
            problems.push(match fault.suggestion {
                Some(advice) => problem.suggest(advice),
                None => problem,
            });
        }
    }
}

fn json_of(node: &Node) -> Value {
    match &node.data {
        Data::Nothing => Value::Null,
        Data::Boolean(value) => Value::Bool(*value),
        Data::Number(value) => Value::Number(value.clone()),
        Data::Text(text) => Value::from(text.as_str()),
        Data::List(items) => items.iter().map(json_of).collect(),
        Data::Map(_) => Value::Object(serde_json::Map::new()),
    }
}
