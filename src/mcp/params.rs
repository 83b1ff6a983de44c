//! What tools take their input in. [`super::accept`] has brought it into the form of the schema.

use std::borrow::Cow;
use std::fmt::Display;
use std::marker::PhantomData;
use std::str::FromStr;

use rmcp::ErrorData;
use rmcp::handler::server::common::FromContextPart;
use rmcp::handler::server::tool::ToolCallContext;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::server::CallboardServer;
use crate::backup::Order;
use crate::backup::restore::RestoreScope;
use crate::backup::retention::Strategy;
use crate::domain::backup::Scope;
use crate::domain::command::{Dependents, OnClash};
use crate::domain::conflict::Choice;
use crate::domain::mode::PathOverlap;
use crate::domain::refusal::Refusal;
use crate::domain::restore::MergeStrategy;
use crate::domain::session::SessionState;
use crate::domain::task::{Complexity, Priority, Status};
use crate::export::Format;
use crate::query::related::Relation;
use crate::query::search::{Kind, Mode};
use crate::query::sessions::SessionOrder;
use crate::query::tasks::TaskOrder;

/// Entries of a list when the call does not say.
pub(super) const LIMIT_DEFAULT: usize = 20;
/// Most entries of a list.
pub(super) const LIMIT_MAX: usize = 200;

/// How text of a failed reading begins; the server turns such an error into a refusal.
pub(super) const UNREADABLE: &str = "failed to deserialize parameters: ";

/// The parameters of a tool.
#[derive(Debug)]
pub(super) struct Parameters<P>(pub(super) P);

impl<P: JsonSchema> JsonSchema for Parameters<P> {
    fn schema_name() -> Cow<'static, str> {
        P::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        P::json_schema(generator)
    }
}

impl<P: DeserializeOwned> FromContextPart<ToolCallContext<'_, CallboardServer>> for Parameters<P> {
    fn from_context_part(
        context: &mut ToolCallContext<'_, CallboardServer>,
    ) -> Result<Self, ErrorData> {
        let arguments = context.arguments.take().unwrap_or_default();
        serde_json::from_value(Value::Object(arguments))
            .map(Self)
            .map_err(|error| ErrorData::invalid_params(format!("{UNREADABLE}{error}"), None))
    }
}

/// A set of words of the domain, for the schema.
pub(super) trait Words: FromStr<Err = Refusal> {
    /// Every word.
    const TEXTS: &'static [&'static str];
}

macro_rules! words_of {
    ($($name:ident),+) => {$(
        impl Words for $name {
            const TEXTS: &'static [&'static str] = Self::TEXTS;
        }
    )+};
}

words_of!(
    Status,
    Priority,
    Complexity,
    SessionState,
    Dependents,
    OnClash,
    Choice,
    PathOverlap,
    SessionOrder,
    TaskOrder,
    Kind,
    Mode,
    Relation,
    RestoreScope,
    MergeStrategy,
    Scope,
    Strategy,
    Order,
    Format
);

/// One word of a set. It is read when it is used, so that a wrong one is refused with those allowed.
#[derive(Debug, Clone)]
pub(super) struct Word<W> {
    text: String,
    set: PhantomData<W>,
}

impl<W: Words> Word<W> {
    /// The word that is meant.
    pub(super) fn read(&self) -> Result<W, Refusal> {
        self.text.parse()
    }
}

/// The words that are meant.
pub(super) fn read_all<W: Words>(words: &[Word<W>]) -> Result<Vec<W>, Refusal> {
    words.iter().map(Word::read).collect()
}

/// The word that is meant, if one is given.
pub(super) fn read_some<W: Words>(word: Option<&Word<W>>) -> Result<Option<W>, Refusal> {
    word.map(Word::read).transpose()
}

impl<'de, W> Deserialize<'de> for Word<W> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { text: String::deserialize(deserializer)?, set: PhantomData })
    }
}

impl<W: Words> JsonSchema for Word<W> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Word".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "word", "enum": W::TEXTS })
    }
}

/// A span of work in minutes; `2h30m` is read too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(super) struct Minutes(pub(super) u32);

impl JsonSchema for Minutes {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Minutes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "format": "minutes", "minimum": 0 })
    }
}

/// Days that something is old; more than a lifetime is as good as for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Days(pub(super) u32);

impl Days {
    const MAX: u32 = 36_500;
}

impl<'de> Deserialize<'de> for Days {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = i64::deserialize(deserializer)?;
        u32::try_from(given.min(Self::MAX.into()))
            .map(Self)
            .map_err(|_| D::Error::custom(format!("{given} is no number of days; give 0 or more")))
    }
}

impl JsonSchema for Days {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Days".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "format": "days", "minimum": 0 })
    }
}

/// How much is told of each entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, description = "")]
pub(super) enum Detail {
    #[default]
    Brief,
    Full,
}

/// How many entries of a list are wanted.
pub(super) fn limit(given: Option<u32>) -> usize {
    given
        .map_or(LIMIT_DEFAULT, |given| usize::try_from(given).unwrap_or(LIMIT_MAX))
        .clamp(1, LIMIT_MAX)
}

/// A text that says something; models send empty ones for what they do not know.
pub(super) fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// What a call must say in words of its own when nothing else does.
pub(super) fn missing(parameter: &str, why: impl Display) -> Refusal {
    Refusal::new(
        crate::domain::refusal::Code::InvalidValue,
        format!("{parameter} is missing: {why}"),
    )
    .with("missing", [parameter])
}
