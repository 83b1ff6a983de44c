//! The form that fills in a task template, with the plan that it makes below it.

use callboard_engine::domain::group::TaskGroup;
use callboard_engine::domain::id::GroupId;
use callboard_engine::task_templates::{Parameter, ParameterKind, Preview, Site, TaskTemplate};
use crossterm::event::KeyEvent;
use serde_json::{Map, Value};

use super::{Next, Overlay};
use crate::app::Model;
use crate::app::unsent::Unsent;
use crate::widgets::form::{Field, Form as Fields, FormEvent};
use crate::widgets::toast::Tone;

/// The field that says where the plan goes; no parameter has a blank in its name.
const INTO: &str = "Goes into";
/// The first of its choices.
const SESSION: &str = "the session";
const NO: &str = "no";
const YES: &str = "yes";

/// A form on the parameters of a template.
#[derive(Debug, Clone)]
pub struct TemplateForm {
    template: TaskTemplate,
    pub fields: Fields,
    /// What the plan is with what is filled in.
    pub preview: Preview,
    /// The group that it can go into.
    group: Option<GroupId>,
    /// Tells whether the person was told that closing discards.
    pub warned: bool,
}

impl TemplateForm {
    /// A form with the defaults of a template.
    pub fn new(model: &Model, template: TaskTemplate) -> Self {
        let mut fields: Vec<Field> = template.parameters.iter().map(field).collect();
        let group = model.board.selected_group();
        let path = group.and_then(|id| model.board.group(id)).map(|row| row.path.clone());
        if let Some(path) = &path {
            fields.push(Field::choice(INTO, &[SESSION, path], SESSION));
        }
        let fields = Fields::new(fields);
        let preview = template.preview(&values(&template, &fields));
        Self { template, fields, preview, group, warned: false }
    }

    /// The title of the template.
    pub fn title(&self) -> &str {
        if self.template.title.is_empty() { &self.template.name } else { &self.template.title }
    }

    /// Tells whether something was filled in.
    pub fn is_changed(&self) -> bool {
        self.fields.is_touched()
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) {
        self.fields.paste(text);
        self.look_again();
    }

    fn look_again(&mut self) {
        self.preview = self.template.preview(&values(&self.template, &self.fields));
    }

    pub(super) fn key(mut self: Box<Self>, model: &mut Model, key: KeyEvent) -> Next {
        match self.fields.key(key) {
            FormEvent::Submit => self.apply(model),
            FormEvent::Changed => {
                self.look_again();
                Next::Stay(Overlay::TemplateForm(self), Vec::new())
            }
            FormEvent::Cancel | FormEvent::Ignored => {
                Next::Stay(Overlay::TemplateForm(self), Vec::new())
            }
        }
    }

    /// Makes the plan: one command, all or none.
    fn apply(self: Box<Self>, model: &mut Model) -> Next {
        let Some(session) = model.session_id() else { return Next::Close(Vec::new()) };
        let groups: Vec<TaskGroup> =
            model.board.groups.iter().map(|row| row.group.clone()).collect();
        let is_inside = !matches!(self.fields.contents(INTO).as_str(), "" | SESSION);
        let group = self.group.filter(|_| is_inside);
        let site = Site { session, group, parent: None, groups: &groups };
        match self.preview.application(&site) {
            Ok(application) => {
                for note in application.notes {
                    model.tell(Tone::Info, note);
                }
                let what = format!("Apply {}", self.title());
                let effects = Model::submit(application.command, what);
                model.keep(Unsent::Template(self), &effects);
                Next::Close(effects)
            }
            Err(refusal) => {
                let fault = self.preview.faults.first();
                let told = fault.map_or(refusal.message, ToString::to_string);
                model.tell(Tone::Bad, told);
                Next::Stay(Overlay::TemplateForm(self), Vec::new())
            }
        }
    }
}

/// A field for a parameter, with its default in it.
fn field(parameter: &Parameter) -> Field {
    let name = parameter.name.clone();
    let hint = match parameter.description.trim() {
        "" => parameter.takes(),
        about => format!("{about} ({})", parameter.takes()),
    };
    let default = parameter.default.as_ref();
    let text = default.map(|value| text(value, "\n")).unwrap_or_default();
    match parameter.kind {
        ParameterKind::String | ParameterKind::Integer => Field::line(name, hint, &text),
        ParameterKind::Text | ParameterKind::List => Field::text(name, hint, &text),
        ParameterKind::Boolean => {
            let chosen = if default == Some(&Value::Bool(true)) { YES } else { NO };
            Field::choice(name, &[NO, YES], chosen)
        }
        ParameterKind::Choice => {
            let choices: Vec<&str> = parameter.choices.iter().map(String::as_str).collect();
            Field::choice(name, &choices, &text)
        }
    }
}

fn text(value: &Value, between: &str) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            items.iter().map(|item| text(item, " ")).collect::<Vec<_>>().join(between)
        }
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// What is filled in; what is empty is not given, so that it has its default.
fn values(template: &TaskTemplate, fields: &Fields) -> Map<String, Value> {
    let mut values = Map::new();
    for parameter in &template.parameters {
        let given = fields.contents(&parameter.name);
        let value = match parameter.kind {
            ParameterKind::Boolean => Value::Bool(given == YES),
            ParameterKind::List => {
                let lines = given.lines().map(str::trim).filter(|line| !line.is_empty());
                Value::Array(lines.map(Value::from).collect())
            }
            ParameterKind::String
            | ParameterKind::Text
            | ParameterKind::Integer
            | ParameterKind::Choice => Value::from(given.trim()),
        };
        let is_empty = match &value {
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
        };
        if !is_empty {
            values.insert(parameter.name.clone(), value);
        }
    }
    values
}
