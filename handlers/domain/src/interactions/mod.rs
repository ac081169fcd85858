//! Interactions: one turn between a shopper and the assistant.

mod derive;
mod filter;
mod late;
mod new;
mod update;

pub use filter::InteractionFilter;
pub use late::{overtaken, unsettled};
pub use new::{NewInteraction, RESPONSE_BYTES};
pub use update::{check_update, updated};

use crate::cursor::Position;
use crate::page::Positioned;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// What the assistant did in the turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum InteractionType {
    Chat,
    Transcription,
    Tts,
    Recommendation,
    Search,
    Custom,
}

/// How the turn stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not finished yet.
    Pending,
    /// Finished and answered.
    Succeeded,
    /// Finished with an error.
    Failed,
}

/// A text that names none of the values of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("takes {0}")]
pub struct UnknownName(pub String);

/// Gives an enumeration of plain variants its wire names in both directions.
macro_rules! names {
    ($kind:ty { $($variant:ident = $name:literal),+ $(,)? }) => {
        impl $kind {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name on the wire and in the database.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl std::str::FromStr for $kind {
            type Err = $crate::interactions::UnknownName;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                match name {
                    $($name => Ok(Self::$variant),)+
                    _ => Err($crate::interactions::UnknownName([$($name),+].join(", "))),
                }
            }
        }
    };
}
pub(crate) use names;

names!(InteractionType {
    Chat = "chat",
    Transcription = "transcription",
    Tts = "tts",
    Recommendation = "recommendation",
    Search = "search",
    Custom = "custom",
});
names!(Status { Pending = "pending", Succeeded = "succeeded", Failed = "failed" });

/// The members that only the server writes.
pub const READ_ONLY: &[&str] = &["priced", "rating", "feedback_count", "created_at", "updated_at"];

/// A turn as it is stored and shown. What is not known is null, never 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Interaction {
    /// The client's own id, or one made by the server (version 7).
    pub id: Uuid,
    /// What the assistant did.
    #[serde(rename = "type")]
    pub kind: InteractionType,
    /// The conversation that the turn belongs to.
    pub session_id: String,
    /// The shopper; null for an anonymous one.
    pub user_id: Option<String>,
    /// The turn of which this one is a step.
    pub parent_id: Option<Uuid>,
    /// W3C trace id, 32 lower-case hexadecimal digits.
    pub trace_id: Option<String>,
    /// Where the shopper was: `web`, `voice`, `whatsapp`, …
    pub channel: Option<String>,
    /// BCP 47 language tag.
    pub locale: Option<String>,
    /// Who runs the model.
    pub provider: Option<String>,
    /// The model's name.
    pub model: Option<String>,
    /// The model's version.
    pub model_version: Option<String>,
    /// The deployment through which the model was called.
    pub deployment: Option<String>,
    /// The prompt's name.
    pub prompt_name: Option<String>,
    /// The prompt's version.
    pub prompt_version: Option<String>,
    /// What the shopper said.
    pub request_text: Option<String>,
    /// What the assistant answered.
    pub response_text: Option<String>,
    /// When the turn began; never changes.
    pub started_at: Timestamp,
    /// When the turn was finished.
    pub completed_at: Option<Timestamp>,
    /// From start to finish, in milliseconds; derived when both times are known and the client gave none.
    pub duration_ms: Option<f64>,
    /// From start to the first token of the answer, in milliseconds.
    pub time_to_first_token_ms: Option<f64>,
    /// Tokens sent to the model.
    pub tokens_input: Option<u64>,
    /// Tokens that the model gave.
    pub tokens_output: Option<u64>,
    /// Those of `tokens_input` that came from a cache.
    pub tokens_cached: Option<u64>,
    /// Audio heard or made, in seconds.
    pub audio_seconds: Option<f64>,
    /// Characters read or spoken.
    pub characters: Option<u64>,
    /// Images read or made.
    pub images: Option<u64>,
    /// Cost in millionths of a US dollar: the client's own figure, else what the price table says, else null.
    pub cost_micros: Option<u64>,
    /// Whether the cost is what the price table says. A cost of the client is never replaced.
    #[serde(default)]
    #[schema(required = true)]
    pub priced: bool,
    /// How the turn stands.
    pub status: Status,
    /// The kind of failure.
    pub error_type: Option<String>,
    /// The failure in words.
    pub error_message: Option<String>,
    /// The products that the turn showed.
    pub product_ids: Vec<String>,
    /// What the assistant knew.
    #[schema(value_type = Option<Object>)]
    pub context: Option<Map<String, Value>>,
    /// Whatever the client wants to keep with the turn.
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Map<String, Value>>,
    /// Rating (1 to 5) of the latest feedback that has one.
    pub rating: Option<u8>,
    /// How many feedbacks the turn has.
    pub feedback_count: u64,
    /// When the turn was first stored.
    pub created_at: Timestamp,
    /// When the turn last changed.
    pub updated_at: Timestamp,
    /// Counts the changes, from 1; shown as the `ETag`.
    #[serde(skip)]
    pub version: i64,
    /// How many of the changes are of its cost alone, by pricing turns anew.
    #[serde(skip)]
    pub repricings: i64,
    /// SHA-256 of the fields that the client first supplied: tells a repeat from a conflict.
    #[serde(skip)]
    pub supplied_hash: [u8; 32],
}

impl Positioned for Interaction {
    type Key = Uuid;
    fn position(&self) -> Position {
        Position {
            at: self.started_at,
            key: self.id,
        }
    }
}
