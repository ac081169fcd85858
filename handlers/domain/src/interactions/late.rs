//! Changes that were accepted while the turn could not be reached, and come to it late.

use super::update::supplied;
use super::{Interaction, Status};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// Whether a client changed the turn after `arrived`, so that a change which arrived then is not the last word.
///
/// Feedback and new prices raise the version and move `updated_at`, too, but touch nothing that a patch writes; a turn that
/// has nothing else is not overtaken.
pub fn overtaken(current: &Interaction, arrived: Timestamp) -> bool {
    let feedback = i64::try_from(current.feedback_count).unwrap_or(i64::MAX);
    let others = feedback.saturating_add(current.repricings);
    let changes = current.version.saturating_sub(1).saturating_sub(others);
    changes > 0 && current.updated_at > arrived
}

/// What an overtaken merge patch may still change: the newer word stands, only what `current` does not know yet is filled.
pub fn unsettled(current: &Interaction, patch: &Value) -> Value {
    let known = serde_json::to_value(supplied(current)).unwrap_or_default();
    let (Value::Object(patch), Value::Object(known)) = (patch, &known) else {
        return patch.clone();
    };
    let mut rest = missing(known, patch);
    rest.remove("status");
    // Otherwise an error that is filled in would make a turn fail that has ended well since.
    let status = match current.status {
        Status::Pending => patch.get("status").cloned(),
        finished => Some(finished.as_str().into()),
    };
    rest.extend(status.map(|status| ("status".to_owned(), status)));
    Value::Object(rest)
}

/// The members of `patch` that set what `known` lacks, objects member by member.
fn missing(known: &Map<String, Value>, patch: &Map<String, Value>) -> Map<String, Value> {
    let fill = |(name, change): (&String, &Value)| {
        let change = match (known.get(name), change) {
            (_, Value::Null) => None,
            (None | Some(Value::Null), change) => Some(change.clone()),
            (Some(Value::Array(items)), change) if items.is_empty() => Some(change.clone()),
            (Some(Value::Object(known)), Value::Object(patch)) => {
                Some(Value::Object(missing(known, patch))).filter(|rest| *rest != Value::Object(Map::new()))
            }
            _ => None,
        };
        Some((name.clone(), change?))
    };
    patch.iter().filter_map(fill).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interactions::{NewInteraction, updated};
    use crate::parse;
    use serde_json::json;
    use uuid::Uuid;

    fn at(time: &str) -> Timestamp {
        format!("2026-11-02T{time}Z").parse().unwrap()
    }

    fn turn(fields: Value) -> Interaction {
        let new: NewInteraction = parse::from_value(fields).unwrap();
        new.into_interaction(Uuid::from_u128(7), at("10:00:00"))
    }

    fn changed(turn: &Interaction, patch: Value, time: &str) -> Interaction {
        updated(turn, &patch, at(time)).unwrap()
    }

    #[test]
    fn only_a_newer_change_overtakes() {
        let new = turn(json!({"type": "chat", "session_id": "s"}));
        assert!(!overtaken(&new, at("09:00:00")), "it only exists");
        let done = changed(&new, json!({"response_text": "hi"}), "10:05:00");
        assert!(overtaken(&done, at("10:04:59")));
        assert!(!overtaken(&done, at("10:05:00")), "it is this very change");
        let judged = Interaction {
            version: 3,
            feedback_count: 2,
            updated_at: at("10:09:00"),
            ..new
        };
        assert!(!overtaken(&judged, at("10:05:00")), "feedback changes nothing");
        let repriced = Interaction {
            version: 4,
            repricings: 1,
            ..judged
        };
        assert!(!overtaken(&repriced, at("10:05:00")), "neither does a price");
    }

    #[test]
    fn a_late_change_fills_and_does_not_replace() {
        let new = turn(json!({"type": "chat", "session_id": "s", "model": "a", "context": {"page": "/"}}));
        let newer = changed(
            &new,
            json!({"response_text": "hi", "tokens_output": 4}),
            "10:05:00",
        );
        let late = json!({"response_text": "ho", "model": null, "tokens_input": 9, "product_ids": ["p"], "status": "failed",
            "error_type": "timeout", "context": {"page": "/x", "more": 1}, "metadata": {"a": null, "b": 2}});
        let rest = unsettled(&newer, &late);
        assert_eq!(
            rest,
            json!({"tokens_input": 9, "product_ids": ["p"], "status": "succeeded", "error_type": "timeout",
                "context": {"more": 1}, "metadata": {"a": null, "b": 2}})
        );
        let filled = changed(&newer, rest, "10:01:00");
        assert_eq!(
            (filled.status, filled.updated_at),
            (Status::Succeeded, at("10:05:00"))
        );
        assert_eq!(filled.response_text.as_deref(), Some("hi"));
        assert_eq!(
            changed(&filled, unsettled(&filled, &late), "10:01:00"),
            filled,
            "once more changes nothing"
        );
    }

    #[test]
    fn a_pending_turn_takes_the_status() {
        let new = turn(json!({"type": "chat", "session_id": "s"}));
        let newer = changed(&new, json!({"model": "m"}), "10:05:00");
        let rest = unsettled(
            &newer,
            &json!({"status": "failed", "error_type": "timeout", "model": "n"}),
        );
        let filled = changed(&newer, rest, "10:01:00");
        assert_eq!(
            (filled.status, filled.model.as_deref()),
            (Status::Failed, Some("m"))
        );
        assert_eq!(unsettled(&newer, &json!({})), json!({}));
    }
}
