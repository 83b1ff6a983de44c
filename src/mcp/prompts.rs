//! Prompts: what people start with a slash, written for the mode in force.
//!
//! Four are always there, and one for each role of the mode. Their descriptions are words of ours;
//! text of people and of files stands in the prompts themselves, quoted and bounded.

mod quote;
mod texts;

use rmcp::ErrorData;
use rmcp::model::{
    GetPromptRequestParams, GetPromptResult, Prompt, PromptArgument, PromptMessage, Role as Speaker,
};
use serde_json::Value;

use super::mode;
use super::params::given;
use super::server::CallboardServer;
use super::tools::task::task_of;
use crate::domain::actor::Actor;
use crate::domain::refusal::{Refusal, closest};
use crate::domain::text::visible_line;

/// What the name of a role's prompt begins with.
const ROLE: &str = "role_";
/// Roles that have a prompt.
const ROLES_MAX: usize = 100;
/// The argument that names a task.
pub(super) const TASK: &str = "task_id";

/// A prompt that is always there.
struct Fixed {
    name: &'static str,
    title: &'static str,
    about: &'static str,
    argument: Option<(&'static str, &'static str, bool)>,
}

const FIXED: &[Fixed] = &[
    Fixed {
        name: "start_work",
        title: "Start work",
        about: "Take the next ready tasks of the board and finish them, one after another.",
        argument: None,
    },
    Fixed {
        name: "plan_session",
        title: "Plan the session",
        about: "Break a goal into tasks with roles, estimates and dependencies.",
        argument: Some(("goal", "What is to be reached; the session's goal by default.", false)),
    },
    Fixed {
        name: "hand_over",
        title: "Hand over",
        about: "Leave the work so that whoever continues needs nobody to ask.",
        argument: None,
    },
    Fixed {
        name: "review_task",
        title: "Review a task",
        about: "Judge what came of a task before others rely on it.",
        argument: Some((TASK, "Id or title of the task.", true)),
    },
];

impl CallboardServer {
    /// Every prompt there is now.
    pub(super) fn prompts(&self) -> Result<Vec<Prompt>, ErrorData> {
        let mode = self.read(mode::current).map_err(|refusal| internal(&refusal))?;
        let fixed = FIXED.iter().map(|fixed| {
            let argument = fixed.argument.map(|(name, about, required)| {
                PromptArgument::new(name).with_description(about).with_required(required)
            });
            Prompt::new(fixed.name, Some(fixed.about), argument.map(|argument| vec![argument]))
                .with_title(fixed.title)
        });
        let roles = mode.roles.iter().take(ROLES_MAX).map(|role| {
            let about = format!("Work as the {} of mode {}.", role.name, mode.name);
            let argument = PromptArgument::new(TASK)
                .with_description("Id or title of the task to work on.")
                .with_required(false);
            Prompt::new(format!("{ROLE}{}", role.name), Some(about), Some(vec![argument]))
                .with_title(format!("Role: {}", role.name.replace('_', " ")))
        });
        Ok(fixed.chain(roles).collect())
    }

    /// The text of a prompt.
    pub(super) fn prompt(
        &self,
        actor: &Actor,
        request: &GetPromptRequestParams,
    ) -> Result<GetPromptResult, ErrorData> {
        let argument = |name: &str| {
            let value = request.arguments.as_ref()?.get(name)?;
            given(value.as_str()).map(str::to_owned)
        };
        let now = self.peer.clock.now();
        let text = match request.name.as_str() {
            "start_work" => self.read(texts::start_work),
            "plan_session" => self.read(|reader| texts::plan_session(reader, argument("goal"))),
            "hand_over" => self.read(|reader| texts::hand_over(reader, (actor, now))),
            "review_task" => {
                let Some(task) = argument(TASK) else {
                    return Err(ErrorData::invalid_params("task_id is missing: which task?", None));
                };
                self.read(|reader| texts::review_task(reader, task_of(reader, &task)?))
            }
            other => {
                let role = other.strip_prefix(ROLE).unwrap_or_default();
                let known = self.read(|reader| Ok(mode::current(reader)?.role(role).cloned()));
                let Some(role) = known.map_err(|refusal| internal(&refusal))? else {
                    return Err(self.unknown(other));
                };
                self.read(|reader| {
                    let task = argument(TASK).map(|task| task_of(reader, &task)).transpose()?;
                    texts::role(reader, &role, task)
                })
            }
        };
        let text = text.map_err(|refusal| teaching(&refusal))?;
        Ok(GetPromptResult::new(vec![PromptMessage::new_text(Speaker::User, text)]))
    }

    fn unknown(&self, name: &str) -> ErrorData {
        let shown: String = visible_line(name).chars().take(80).collect();
        let names: Vec<String> =
            self.prompts().unwrap_or_default().into_iter().map(|prompt| prompt.name).collect();
        let near = closest(name, names.iter().map(String::as_str));
        let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        ErrorData::invalid_params(
            format!("there is no prompt {shown:?} in the mode in force{near}"),
            Some(Value::from(names)),
        )
    }
}

/// A refusal as an error of the protocol, which prompts have instead of results that fail.
fn teaching(refusal: &Refusal) -> ErrorData {
    let advice = refusal.suggested_action.as_deref().unwrap_or_else(|| refusal.code.advice());
    let data = serde_json::to_value(refusal).ok();
    ErrorData::invalid_params(format!("{}; {advice}", refusal.message), data)
}

fn internal(refusal: &Refusal) -> ErrorData {
    ErrorData::internal_error(refusal.message.clone(), None)
}
