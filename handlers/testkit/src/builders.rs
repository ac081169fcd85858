//! Bodies to send: the least that is valid, and what a test adds.

use serde_json::{Value, json};
use uuid::Uuid;

/// `base` with the members of `fields` in place of its own.
pub fn over(mut base: Value, fields: Value) -> Value {
    let Value::Object(fields) = fields else {
        panic!("not an object: {fields}")
    };
    base.as_object_mut().unwrap().extend(fields);
    base
}

/// A turn with nothing but what is required, and `fields`.
pub fn turn(fields: Value) -> Value {
    over(json!({"type": "chat", "session_id": "s-1"}), fields)
}

/// A turn with every field that a client can write.
pub fn complete_turn() -> Value {
    json!({
        "id": "019a4400-0000-7000-8000-000000000001",
        "type": "chat",
        "session_id": "s-1",
        "user_id": "u-1",
        "parent_id": "019a4400-0000-7000-8000-000000000002",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "channel": "web",
        "locale": "en-GB",
        "provider": "azure",
        "model": "gpt-4o",
        "model_version": "2024-08-06",
        "deployment": "shop-eu",
        "prompt_name": "advisor",
        "prompt_version": "7",
        "request_text": "Do you have it in blue?",
        "response_text": "Yes, in three sizes.",
        "started_at": "2026-11-02T09:00:00Z",
        "completed_at": "2026-11-02T09:00:01.250Z",
        "time_to_first_token_ms": 180.5,
        "tokens_input": 900,
        "tokens_output": 40,
        "tokens_cached": 300,
        "audio_seconds": 1.5,
        "characters": 20,
        "images": 1,
        "cost_micros": 2500,
        "status": "succeeded",
        "product_ids": ["dress-1", "Dress-1"],
        "context": {"page": "/dresses"},
        "metadata": {"release": "42"}
    })
}

/// Feedback on a turn: `fields`, at least one of rating, thumb and comment among them.
pub fn feedback(interaction_id: &Value, fields: Value) -> Value {
    over(json!({"interaction_id": interaction_id}), fields)
}

/// A photo to be declared, of 7 bytes.
pub fn upload(fields: Value) -> Value {
    let photo = json!({"kind": "product_photo", "name": "bag.jpg", "content_type": "image/jpeg", "size": 7});
    over(photo, fields)
}

/// A key to be made.
pub fn key(fields: Value) -> Value {
    over(json!({"name": "test", "scopes": ["read"]}), fields)
}

/// The `n`th id of a test.
pub fn id(n: u128) -> String {
    Uuid::from_u128(0x019a_4400_0000_7000_8000_0000_0000_0000 + n).to_string()
}
