//! The data is what it says it is.

use super::*;
use crate::events::{Clock, EventType};
use crate::interactions::{InteractionType, Status};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// Of 2,000 turns. A change of the texts or the weights changes it; another machine must not.
const HASH: &str = "94bd3ae3caf117d1b8cf57e760a6383c8c52e1c603278f19bf60396bb74a7ecd";

fn end() -> Timestamp {
    "2026-11-22T20:00:00Z".parse().unwrap()
}

fn hash(demo: &Demo) -> String {
    let mut hasher = Sha256::new();
    for turn in demo.turns() {
        hasher.update(serde_json::to_vec(&turn.interaction).unwrap());
        hasher.update(serde_json::to_vec(&turn.feedback).unwrap());
        hasher.update(turn.feedback_at.to_string());
        hasher.update(serde_json::to_vec(&turn.events).unwrap());
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn the_same_demo_is_the_same_everywhere() {
    let demo = Demo::new(2000, 30, end());
    assert_eq!(hash(&demo), HASH);
    assert_ne!(
        hash(&demo),
        hash(&Demo {
            seed: 8,
            ..demo.clone()
        })
    );
}

#[test]
fn every_turn_and_feedback_is_valid_and_in_order() {
    for (interactions, days) in [(1, 1), (3, 1), (20_000, 30), (5000, 400), (20_000, 1)] {
        let demo = Demo::new(interactions, days, end());
        let start = end() - jiff::SignedDuration::from_hours(24 * i64::from(days));
        let (mut ids, mut before, mut count) = (HashSet::new(), start, 0);
        for made in demo.turns() {
            let turn = &made.interaction;
            turn.validate(end()).unwrap();
            let at = turn.started_at.unwrap();
            assert!(at >= before && at < end(), "{at} after {before}");
            assert!(turn.completed_at.is_none_or(|done| done < end()));
            assert!(ids.insert(turn.id.unwrap()));
            assert_eq!(turn.id.unwrap().get_version_num(), 7);
            if let Some(feedback) = &made.feedback {
                feedback.validate().unwrap();
                assert_eq!(feedback.interaction_id, turn.id);
                assert!(made.feedback_at > turn.completed_at.unwrap() && made.feedback_at < end());
                assert!(ids.insert(feedback.id.unwrap()));
            }
            for event in &made.events {
                let occurred = event.occurred_at.unwrap();
                event.validate(&Clock::new(end(), None)).unwrap();
                assert!(occurred >= at && occurred < end() && ids.insert(event.id.unwrap()));
            }
            (before, count) = (at, count + 1);
        }
        assert_eq!(count, interactions);
        assert_eq!(demo.turns().len() as u64, interactions);
    }
    assert_eq!(Demo::new(0, 30, end()).turns().count(), 0);
}

#[test]
fn the_shares_are_those_of_a_shop() {
    let total = 50_000;
    let demo = Demo::new(total, 30, end());
    let mut sessions: HashMap<String, u64> = HashMap::new();
    let mut names: HashMap<&str, HashSet<String>> = HashMap::new();
    let (mut events, mut orders) = (0, 0);
    let (mut failed, mut pending, mut old_pending, mut feedback, mut unpriced, mut bytes) =
        (0, 0, 0, 0, 0, 0);
    for made in demo.turns() {
        bytes += serde_json::to_vec(&made.interaction).unwrap().len() as u64;
        feedback += u64::from(made.feedback.is_some());
        events += made.events.len() as u64;
        let bought = |event: &&NewEvent| event.kind == Some(EventType::Order);
        orders += made.events.iter().filter(bought).count() as u64;
        let id = made.interaction.id.unwrap();
        let turn = made.interaction.into_interaction(id, end());
        failed += u64::from(turn.status == Status::Failed);
        if turn.status == Status::Pending {
            pending += 1;
            old_pending += u64::from(turn.started_at < end() - jiff::SignedDuration::from_hours(1));
        }
        unpriced += u64::from(turn.status == Status::Succeeded && turn.cost_micros.is_none());
        *sessions.entry(turn.session_id).or_default() += 1;
        for (name, value) in [
            ("type", Some(turn.kind.as_str().to_owned())),
            ("model", turn.model),
            ("provider", turn.provider),
            ("channel", turn.channel),
            ("locale", turn.locale),
            ("prompt_version", turn.prompt_version),
            ("error_type", turn.error_type),
        ] {
            names.entry(name).or_default().extend(value);
        }
    }
    let share = |part: u64| part * 1000 / total;
    assert!((25..=35).contains(&share(failed)), "failed {failed}");
    assert!((1..=20).contains(&pending), "pending {pending}");
    assert_eq!(old_pending, 0);
    assert!((2900..=3100).contains(&share(events)), "events {events}");
    assert!((18..=22).contains(&share(orders)), "orders {orders}");
    assert!((70..=90).contains(&share(feedback)), "feedback {feedback}");
    assert!((40..=120).contains(&share(unpriced)), "unpriced {unpriced}");
    let turns_a_visit = total as f64 / sessions.len() as f64;
    assert!(
        (3.8..=4.2).contains(&turns_a_visit),
        "{turns_a_visit} turns a visit"
    );
    assert!(
        (1150..=1250).contains(&(bytes / total)),
        "{} bytes a turn",
        bytes / total
    );
    let counts = [
        "type",
        "model",
        "provider",
        "channel",
        "locale",
        "prompt_version",
        "error_type",
    ]
    .map(|name| names[name].len());
    assert_eq!(counts, [InteractionType::ALL.len(), 8, 4, 4, 5, 6, 5]);
}
