//! The columns of `Custom-PravisInteractions`, and a row of them.

use domain::interactions::Interaction;
use hmac::{Hmac, Mac as _};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Value, json};
use sha2::Sha256;

/// A key, ready to hash ids with.
pub(super) type Key = Hmac<Sha256>;

/// A column, as the stream of the data collection rule declares it.
pub struct Column {
    /// Its name; `Type` and `Id` are kept by Log Analytics for itself.
    pub name: &'static str,
    /// Its type: `datetime`, `int`, `long`, `real` or `string`.
    pub kind: &'static str,
    value: fn(&Row<'_>) -> Value,
}

const fn column(name: &'static str, kind: &'static str, value: fn(&Row<'_>) -> Value) -> Column {
    Column { name, kind, value }
}

/// Every column. There are none for texts, context, metadata and products.
///
/// `TimeGenerated` is when the turn was finished. The hashes are HMAC-SHA256 of the ids with `PRAVIS_HASH_KEY`, in
/// hexadecimal digits. `CostMicros` is in millionths of a US dollar. What is not known is absent, never 0.
pub const COLUMNS: &[Column] = &[
    column("TimeGenerated", "datetime", |row| {
        json!(row.turn.completed_at.unwrap_or(row.turn.updated_at))
    }),
    column("StartedAt", "datetime", |row| json!(row.turn.started_at)),
    column("InteractionHash", "string", |row| {
        row.hash(&row.turn.id.to_string())
    }),
    column("SessionHash", "string", |row| row.hash(&row.turn.session_id)),
    column("UserHash", "string", |row| {
        row.turn.user_id.as_ref().map_or(Value::Null, |id| row.hash(id))
    }),
    column("InteractionType", "string", |row| json!(row.turn.kind.as_str())),
    column("Channel", "string", |row| json!(row.turn.channel)),
    column("Locale", "string", |row| json!(row.turn.locale)),
    column("Provider", "string", |row| json!(row.turn.provider)),
    column("Model", "string", |row| json!(row.turn.model)),
    column("ModelVersion", "string", |row| json!(row.turn.model_version)),
    column("Deployment", "string", |row| json!(row.turn.deployment)),
    column("PromptName", "string", |row| json!(row.turn.prompt_name)),
    column("PromptVersion", "string", |row| json!(row.turn.prompt_version)),
    column("Status", "string", |row| json!(row.turn.status.as_str())),
    column("ErrorType", "string", |row| json!(row.turn.error_type)),
    column("DurationMs", "real", |row| json!(row.turn.duration_ms)),
    column("TimeToFirstTokenMs", "real", |row| {
        json!(row.turn.time_to_first_token_ms)
    }),
    column("TokensInput", "long", |row| json!(row.turn.tokens_input)),
    column("TokensOutput", "long", |row| json!(row.turn.tokens_output)),
    column("TokensCached", "long", |row| json!(row.turn.tokens_cached)),
    column("AudioSeconds", "real", |row| json!(row.turn.audio_seconds)),
    column("Characters", "long", |row| json!(row.turn.characters)),
    column("Images", "long", |row| json!(row.turn.images)),
    column("CostMicros", "long", |row| json!(row.turn.cost_micros)),
    column("Rating", "int", |row| json!(row.turn.rating)),
];

/// The facts of one finished turn.
pub(super) struct Row<'t> {
    pub(super) turn: &'t Interaction,
    pub(super) key: Option<&'t Key>,
}

impl Row<'_> {
    /// Without a key there is no hash: an unkeyed one of an id that can be guessed would be the id.
    fn hash(&self, id: &str) -> Value {
        self.key.map_or(Value::Null, |key| {
            let hash = key.clone().chain_update(id).finalize().into_bytes();
            hash.iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
                .into()
        })
    }
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for column in COLUMNS {
            match (column.value)(self) {
                Value::Null => {}
                value => map.serialize_entry(column.name, &value)?,
            }
        }
        map.end()
    }
}
