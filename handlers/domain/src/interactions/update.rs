//! Changing a turn: RFC 7396 on what the client once supplied, then the same rules as for a new turn.

use super::new::starts;
use super::{Interaction, InteractionType, NewInteraction, READ_ONLY, Status, derive};
use crate::fault::{Fault, FaultCode, Faults};
use crate::merge_patch::merge_patch;
use crate::parse;
use crate::pricing::Usage;
use crate::time::truncated;
use crate::validate::Check;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// The members that say which turn it is; they never change.
const IDENTITY: [&str; 3] = ["id", "session_id", "started_at"];

/// `current` after the merge patch (RFC 7396) `patch`: what is derived is derived anew, a finished turn stays finished.
/// A patch that changes nothing gives back `current` as it is, version included.
pub fn updated(current: &Interaction, patch: &Value, now: Timestamp) -> Result<Interaction, Faults> {
    let Value::Object(members) = patch else {
        return Err(Fault::invalid("", "takes a JSON object").into());
    };
    let supplied = supplied(current);
    let mut merged = serde_json::to_value(&supplied).unwrap_or_default();
    let identity = IDENTITY.map(|name| merged.get(name).cloned());
    merge_patch(&mut merged, patch.clone());
    let turn: NewInteraction =
        parse::from_value(merged).map_err(|faults| faults.with_read_only(READ_ONLY))?;
    let mut check = Check::default();
    let after = serde_json::to_value(&turn).unwrap_or_default();
    for (name, before) in IDENTITY.iter().zip(identity) {
        if members.contains_key(*name) && after.get(name) != before.as_ref() {
            check.read_only(name, "never changes after creation");
        }
    }
    check.done()?;
    turn.validate(now)?;
    let next = turn.into_interaction(current.id, now);
    if current.status != Status::Pending && next.status == Status::Pending {
        let fault = Fault::new(
            FaultCode::InvalidField,
            "/status",
            "a finished turn cannot become pending again",
        );
        return Err(fault.into());
    }
    let next = Interaction {
        rating: current.rating,
        feedback_count: current.feedback_count,
        created_at: current.created_at,
        updated_at: current.updated_at,
        version: current.version,
        repricings: current.repricings,
        supplied_hash: current.supplied_hash,
        ..next
    };
    let next = keep_price(current, next);
    if next == *current {
        return Ok(next);
    }
    Ok(Interaction {
        updated_at: truncated(now).max(current.updated_at),
        version: current.version + 1,
        ..next
    })
}

/// What is priced stays as it is priced while nothing changes on which its price depends: only an explicit run prices old
/// turns anew.
fn keep_price(current: &Interaction, next: Interaction) -> Interaction {
    if next.cost_micros.is_none() && current.priced && Usage::from(current) == Usage::from(&next) {
        return Interaction {
            cost_micros: current.cost_micros,
            priced: true,
            ..next
        };
    }
    next
}

/// Finds what is wrong with a merge patch for the turn `id` while that turn cannot be looked at: what every turn
/// would refuse. The rest shows when [`updated`] sees the turn.
pub fn check_update(id: Uuid, patch: &Value, now: Timestamp) -> Result<(), Faults> {
    let text = |name| patch.get(name).and_then(Value::as_str);
    let time = |name| text(name).and_then(|text| text.parse::<Timestamp>().ok());
    let (earliest, latest) = starts(now);
    // The turn that would refuse least: it has the identity that the patch names, and began when the patch completes it.
    let completed = time("completed_at").map(|completed| completed.clamp(earliest, latest));
    let turn = NewInteraction {
        kind: Some(InteractionType::Custom),
        session_id: Some(text("session_id").unwrap_or("-").to_owned()),
        started_at: time("started_at").or(completed),
        ..NewInteraction::default()
    };
    updated(&turn.into_interaction(id, now), patch, now).map(drop)
}

/// The turn as a client would have supplied it: without what follows from the rest.
pub(super) fn supplied(current: &Interaction) -> NewInteraction {
    let current = current.clone();
    let derived = current
        .completed_at
        .map(|completed| derive::duration_ms(current.started_at, completed));
    let mut turn = NewInteraction {
        id: Some(current.id),
        kind: Some(current.kind),
        session_id: Some(current.session_id),
        user_id: current.user_id,
        parent_id: current.parent_id,
        trace_id: current.trace_id,
        channel: current.channel,
        locale: current.locale,
        provider: current.provider,
        model: current.model,
        model_version: current.model_version,
        deployment: current.deployment,
        prompt_name: current.prompt_name,
        prompt_version: current.prompt_version,
        request_text: current.request_text,
        response_text: current.response_text,
        started_at: Some(current.started_at),
        completed_at: current.completed_at,
        duration_ms: current.duration_ms.filter(|duration| Some(*duration) != derived),
        time_to_first_token_ms: current.time_to_first_token_ms,
        tokens_input: current.tokens_input,
        tokens_output: current.tokens_output,
        tokens_cached: current.tokens_cached,
        audio_seconds: current.audio_seconds,
        characters: current.characters,
        images: current.images,
        cost_micros: current.cost_micros.filter(|_| !current.priced),
        status: None,
        error_type: current.error_type,
        error_message: current.error_message,
        product_ids: Some(current.product_ids),
        context: current.context,
        metadata: current.metadata,
    };
    if derive::status(&turn) != current.status {
        turn.status = Some(current.status);
    }
    turn
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn turn(fields: Value) -> Interaction {
        let now = "2026-11-02T10:00:05Z".parse().unwrap();
        let new: NewInteraction = parse::from_value(fields).unwrap();
        new.validate(now).unwrap();
        new.into_interaction(Uuid::from_u128(7), now)
    }

    fn patched(turn: &Interaction, patch: Value) -> Result<Interaction, String> {
        updated(turn, &patch, "2026-11-02T11:00:00Z".parse().unwrap()).map_err(|error| error.to_string())
    }

    fn pending() -> Interaction {
        turn(json!({"type": "chat", "session_id": "s", "started_at": "2026-11-02T10:00:00Z"}))
    }

    #[test]
    fn completing_derives_status_and_duration() {
        let done = patched(&pending(), json!({"completed_at": "2026-11-02T10:00:01.250Z"})).unwrap();
        assert_eq!((done.status, done.duration_ms), (Status::Succeeded, Some(1250.0)));
        let corrected = patched(&done, json!({"completed_at": "2026-11-02T10:00:02Z"})).unwrap();
        assert_eq!((corrected.duration_ms, corrected.version), (Some(2000.0), 3));
    }

    #[test]
    fn a_given_duration_is_kept() {
        let given = patched(&pending(), json!({"duration_ms": 7.5})).unwrap();
        let done = patched(&given, json!({"completed_at": "2026-11-02T10:00:02Z"})).unwrap();
        assert_eq!(done.duration_ms, Some(7.5));
    }

    #[test]
    fn a_finished_turn_can_be_corrected_but_not_reopened() {
        let done = patched(&pending(), json!({"response_text": "hello"})).unwrap();
        let failed = patched(&done, json!({"error_type": "timeout"})).unwrap();
        assert_eq!(failed.status, Status::Failed);
        assert_eq!(
            patched(&failed, json!({"error_type": null})).unwrap().status,
            Status::Succeeded
        );
        assert!(
            patched(&done, json!({"response_text": null}))
                .unwrap_err()
                .contains("pending again")
        );
        assert!(
            patched(&done, json!({"status": "pending"}))
                .unwrap_err()
                .contains("pending again")
        );
    }

    #[test]
    fn identity_and_unknown_members_are_told() {
        for (patch, place) in [
            (json!({"started_at": "2026-11-02T09:00:00Z"}), "/started_at"),
            (json!({"id": null}), "/id"),
            (json!({"rating": 5}), "/rating"),
            (json!({"tokens_imput": 5}), "/tokens_imput"),
            (json!({"type": null}), "/type"),
            (json!([1]), ""),
        ] {
            let error = patched(&pending(), patch.clone()).unwrap_err();
            assert!(error.starts_with(place), "{patch}: {error}");
        }
        let same = json!({"started_at": "2026-11-02T11:00:00+01:00", "session_id": "s"});
        assert_eq!(
            patched(&pending(), same).unwrap(),
            pending(),
            "naming the same identity again is no change"
        );
    }

    #[test]
    fn a_patch_is_checked_without_its_turn() {
        let id = Uuid::from_u128(7);
        let check = |patch: Value| {
            let checked = check_update(id, &patch, "2026-11-02T11:00:00Z".parse().unwrap());
            checked.map_err(|faults| {
                faults
                    .0
                    .iter()
                    .map(|fault| fault.pointer.clone())
                    .collect::<Vec<_>>()
            })
        };
        for right in [
            json!({}),
            json!({"completed_at": "2026-11-02T10:00:01Z", "tokens_cached": 3}),
            json!({"completed_at": "2026-11-03T12:00:00Z"}),
            json!({"session_id": "s", "id": id, "started_at": "2026-11-02T10:00:00Z"}),
            json!({"status": "pending", "response_text": null, "context": {"a": {"b": null}}}),
        ] {
            assert_eq!(check(right.clone()), Ok(()), "{right}");
        }
        for (wrong, places) in [
            (json!([1]), vec![""]),
            (
                json!({"tokens_imput": 1, "rating": 5}),
                vec!["/rating", "/tokens_imput"],
            ),
            (json!({"type": null}), vec!["/type"]),
            (json!({"session_id": null}), vec!["/session_id"]),
            (json!({"id": Uuid::from_u128(8)}), vec!["/id"]),
            (
                json!({"status": "done", "duration_ms": "fast"}),
                vec!["/duration_ms", "/status"],
            ),
            (json!({"duration_ms": -1}), vec!["/duration_ms"]),
            (
                json!({"completed_at": "1999-01-01T00:00:00Z"}),
                vec!["/completed_at"],
            ),
            (
                json!({"completed_at": "2027-02-01T00:00:00Z"}),
                vec!["/completed_at"],
            ),
            (
                json!({"started_at": "2026-11-02T10:00:00Z", "completed_at": "2026-11-02T09:00:00Z"}),
                vec!["/completed_at"],
            ),
        ] {
            let mut told = check(wrong.clone()).unwrap_err();
            told.sort();
            assert_eq!(told, places, "{wrong}");
        }
    }

    #[test]
    fn objects_merge_and_null_removes() {
        let with = patched(&pending(), json!({"metadata": {"a": 1, "b": {"c": 2}}})).unwrap();
        let merged = patched(&with, json!({"metadata": {"a": null, "b": {"d": 3}}})).unwrap();
        assert_eq!(
            Value::Object(merged.metadata.unwrap()),
            json!({"b": {"c": 2, "d": 3}})
        );
    }
}
