//! What a client may say of a turn, how it is checked, and how it becomes a record.

use super::{Interaction, InteractionType, Status, derive};
use crate::fault::Faults;
use crate::time::truncated;
use crate::validate::{COUNT, Check, NAME, SHORT_NAME};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

/// Largest `request_text` and `response_text`, in bytes.
pub const RESPONSE_BYTES: usize = 256 * 1024;
/// Largest `error_message`, in bytes.
const ERROR_MESSAGE: usize = 4 * 1024;
/// Longest duration of a turn: 31 days, in milliseconds.
const LONGEST_MS: f64 = 31.0 * 86_400_000.0;
/// Most audio of a turn: 31 days, in seconds.
const LONGEST_AUDIO: f64 = 31.0 * 86_400.0;
/// Largest cost of a turn: a million dollars, in micro-dollars.
const COST: u64 = 1_000_000_000_000;
/// Most products of a turn.
const PRODUCTS: usize = 50;
/// Turns do not begin before this; earlier times are clocks that were never set.
const EARLIEST: &str = "2000-01-01T00:00:00Z";
/// How far a client's clock may be ahead.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_hours(24);

/// A turn as a client sends it. Absent and null mean the same: not known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewInteraction {
    /// The client's own id (version 7 advised); without one the server makes it.
    pub id: Option<Uuid>,
    /// What the assistant did.
    #[serde(rename = "type")]
    #[schema(required = true, nullable = false)]
    pub kind: Option<InteractionType>,
    /// The conversation that the turn belongs to, 1 to 128 characters.
    #[schema(required = true, nullable = false)]
    pub session_id: Option<String>,
    /// The shopper, 1 to 128 characters; null for an anonymous one.
    pub user_id: Option<String>,
    /// The turn of which this one is a step.
    pub parent_id: Option<Uuid>,
    /// W3C trace id, 32 hexadecimal digits.
    pub trace_id: Option<String>,
    /// Where the shopper was: `web`, `voice`, `whatsapp`, …; at most 64 characters.
    pub channel: Option<String>,
    /// BCP 47 language tag, at most 64 characters.
    pub locale: Option<String>,
    /// Who runs the model, at most 128 characters.
    pub provider: Option<String>,
    /// The model's name, at most 128 characters.
    pub model: Option<String>,
    /// The model's version, at most 128 characters.
    pub model_version: Option<String>,
    /// The deployment through which the model was called, at most 128 characters.
    pub deployment: Option<String>,
    /// The prompt's name, at most 128 characters.
    pub prompt_name: Option<String>,
    /// The prompt's version, at most 128 characters.
    pub prompt_version: Option<String>,
    /// What the shopper said, at most 256 KiB.
    pub request_text: Option<String>,
    /// What the assistant answered, at most 256 KiB.
    pub response_text: Option<String>,
    /// When the turn began; the server's time if absent.
    pub started_at: Option<Timestamp>,
    /// When the turn was finished.
    pub completed_at: Option<Timestamp>,
    /// From start to finish, in milliseconds; derived when both times are known.
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
    /// Cost in millionths of a US dollar; without it the turn is priced where its prices are known.
    pub cost_micros: Option<u64>,
    /// Default: `failed` with an `error_type`, else `succeeded` when completed or answered, else `pending`.
    pub status: Option<Status>,
    /// The kind of failure, at most 128 characters.
    pub error_type: Option<String>,
    /// The failure in words, at most 4 KiB.
    pub error_message: Option<String>,
    /// The products that the turn showed, at most 50.
    pub product_ids: Option<Vec<String>>,
    /// What the assistant knew; a JSON object of at most 32 KiB.
    #[schema(value_type = Option<Object>)]
    pub context: Option<Map<String, Value>>,
    /// Whatever the client wants to keep with the turn; a JSON object of at most 32 KiB.
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Map<String, Value>>,
}

impl NewInteraction {
    /// Checks every field by itself and against the others.
    pub fn validate(&self, now: Timestamp) -> Result<(), Faults> {
        let mut check = Check::default();
        check.required("type", &self.kind);
        check.required("session_id", &self.session_id);
        for (name, value, most) in [
            ("session_id", &self.session_id, NAME),
            ("user_id", &self.user_id, NAME),
            ("channel", &self.channel, SHORT_NAME),
            ("locale", &self.locale, SHORT_NAME),
            ("provider", &self.provider, NAME),
            ("model", &self.model, NAME),
            ("model_version", &self.model_version, NAME),
            ("deployment", &self.deployment, NAME),
            ("prompt_name", &self.prompt_name, NAME),
            ("prompt_version", &self.prompt_version, NAME),
            ("error_type", &self.error_type, NAME),
        ] {
            check.name(name, value.as_deref(), most);
        }
        check.text("request_text", self.request_text.as_deref(), RESPONSE_BYTES);
        check.text("response_text", self.response_text.as_deref(), RESPONSE_BYTES);
        check.text("error_message", self.error_message.as_deref(), ERROR_MESSAGE);
        check.number("duration_ms", self.duration_ms, LONGEST_MS);
        check.number("time_to_first_token_ms", self.time_to_first_token_ms, LONGEST_MS);
        check.number("audio_seconds", self.audio_seconds, LONGEST_AUDIO);
        for (name, value) in [
            ("tokens_input", self.tokens_input),
            ("tokens_output", self.tokens_output),
            ("tokens_cached", self.tokens_cached),
            ("characters", self.characters),
            ("images", self.images),
        ] {
            check.count(name, value, COUNT);
        }
        check.count("cost_micros", self.cost_micros, COST);
        check.names("product_ids", self.product_ids.as_deref(), PRODUCTS);
        check.object("context", self.context.as_ref());
        check.object("metadata", self.metadata.as_ref());
        self.check_forms(&mut check);
        self.check_times(&mut check, now);
        check.done()
    }

    fn check_forms(&self, check: &mut Check) {
        if let Some(trace) = &self.trace_id
            && !(trace.len() == 32 && trace.bytes().all(|byte| byte.is_ascii_hexdigit()))
        {
            check.invalid("trace_id", "takes 32 hexadecimal digits");
        }
        if let Some(locale) = &self.locale
            && !is_language_tag(locale)
        {
            check.invalid("locale", "takes a BCP 47 language tag such as en-GB");
        }
        if self.tokens_cached > self.tokens_input && self.tokens_input.is_some() {
            check.invalid("tokens_cached", "is part of tokens_input and cannot exceed it");
        }
    }

    fn check_times(&self, check: &mut Check, now: Timestamp) {
        let (earliest, latest) = starts(now);
        let started = self.started_at.unwrap_or(now);
        if started < earliest || started > latest {
            check.invalid(
                "started_at",
                format!("takes a time from {EARLIEST} to {latest} (now and 24 hours)"),
            );
        }
        if let Some(completed) = self.completed_at {
            if truncated(completed) < truncated(started) {
                check.invalid(
                    "completed_at",
                    format!("must not be before started_at ({started})"),
                );
            } else if derive::duration_ms(started, completed) > LONGEST_MS {
                check.invalid("completed_at", "must be within 31 days of started_at");
            }
        }
        if self.status == Some(Status::Pending) && self.completed_at.is_some() {
            check.invalid("status", "cannot be pending once completed_at is known");
        }
    }

    /// SHA-256 of the supplied fields in a canonical form: a repeat has the same, whatever the order of its members,
    /// its white space, or the offset in which it writes a time.
    pub fn supplied_hash(&self) -> [u8; 32] {
        // Plain data with text keys: this cannot fail.
        let canonical = serde_json::to_vec(self).unwrap_or_default();
        Sha256::digest(canonical).into()
    }

    /// The record that this valid turn becomes: what is absent is defaulted or derived.
    pub fn into_interaction(mut self, id: Uuid, now: Timestamp) -> Interaction {
        // What means the same is spelt the same, before the hash is taken.
        self.trace_id = self.trace_id.map(|trace| trace.to_ascii_lowercase());
        self.product_ids = self.product_ids.filter(|products| !products.is_empty());
        let supplied_hash = self.supplied_hash();
        let now = truncated(now);
        let started_at = truncated(self.started_at.unwrap_or(now));
        let completed_at = self.completed_at.map(truncated);
        let status = self.status.unwrap_or_else(|| derive::status(&self));
        let derived = completed_at.map(|completed| derive::duration_ms(started_at, completed));
        Interaction {
            id,
            kind: self.kind.unwrap_or(InteractionType::Custom),
            session_id: self.session_id.unwrap_or_default(),
            user_id: self.user_id,
            parent_id: self.parent_id,
            trace_id: self.trace_id,
            channel: self.channel,
            locale: self.locale,
            provider: self.provider,
            model: self.model,
            model_version: self.model_version,
            deployment: self.deployment,
            prompt_name: self.prompt_name,
            prompt_version: self.prompt_version,
            request_text: self.request_text,
            response_text: self.response_text,
            started_at,
            completed_at,
            duration_ms: self.duration_ms.or(derived),
            time_to_first_token_ms: self.time_to_first_token_ms,
            tokens_input: self.tokens_input,
            tokens_output: self.tokens_output,
            tokens_cached: self.tokens_cached,
            audio_seconds: self.audio_seconds,
            characters: self.characters,
            images: self.images,
            cost_micros: self.cost_micros,
            priced: false,
            status,
            error_type: self.error_type,
            error_message: self.error_message,
            product_ids: self.product_ids.unwrap_or_default(),
            context: self.context,
            metadata: self.metadata,
            rating: None,
            feedback_count: 0,
            created_at: now,
            updated_at: now,
            version: 1,
            repricings: 0,
            supplied_hash,
        }
    }
}

/// The earliest and the latest start that a turn which is stored `now` may have.
pub(super) fn starts(now: Timestamp) -> (Timestamp, Timestamp) {
    let earliest = EARLIEST.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    (earliest, now.saturating_add(CLOCK_SKEW).unwrap_or(now))
}

/// The shape of a BCP 47 tag: a language of 2 to 8 letters, then subtags of 1 to 8 letters or digits.
fn is_language_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    (2..=8).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::from_value;
    use serde_json::json;

    #[test]
    fn a_repeat_is_one_however_it_is_spelt() {
        let now = "2026-11-02T10:00:00Z".parse().unwrap();
        let hash = |fields| {
            let turn: NewInteraction = from_value(fields).unwrap();
            turn.into_interaction(Uuid::nil(), now).supplied_hash
        };
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let one = hash(
            json!({"type": "chat", "session_id": "s", "trace_id": trace, "started_at": "2026-11-02T10:00:00Z"}),
        );
        let same = hash(json!({
            "started_at": "2026-11-02T11:00:00+01:00", "trace_id": trace.to_uppercase(), "session_id": "s", "type": "chat",
            "product_ids": [], "user_id": null
        }));
        let other = hash(
            json!({"type": "chat", "session_id": "S", "trace_id": trace, "started_at": "2026-11-02T10:00:00Z"}),
        );
        assert_eq!(one, same);
        assert_ne!(one, other);
    }
}
