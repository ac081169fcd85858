//! Creating, reading and changing turns.

use super::builders::{BuildFeedback, BuildTurn, at, get, id, opinion, put, say, turn};
use super::on_each_store;
use domain::interactions::{Interaction, InteractionType, Status, updated};
use serde_json::json;
use store::CreateOutcome::{Conflict, Created, Duplicate};
use store::UpdateOutcome::{Stale, Updated};

/// A turn of which everything is known, at the limits where there are some.
fn full(number: u128) -> Interaction {
    let text = "Où est la sacoche ? 👜 'quoted\" \\ \n".to_owned();
    Interaction {
        user_id: Some("Zoë👜".into()),
        parent_id: Some(id(u128::MAX)),
        trace_id: Some("0af7651916cd43dd8448eb211c80319c".into()),
        channel: Some("whatsapp".into()),
        locale: Some("fr-CA".into()),
        provider: Some("azure_openai".into()),
        model: Some("m".repeat(128)),
        model_version: Some("2026-01-01".into()),
        deployment: Some("eu".into()),
        prompt_name: Some("stylist".into()),
        prompt_version: Some("7".into()),
        request_text: Some(text.clone()),
        response_text: Some("é".repeat(128 * 1024)),
        started_at: at("2026-11-02T10:00:00.000001Z"),
        completed_at: Some(at("2026-11-02T10:00:01.999999Z")),
        duration_ms: Some(0.1 + 0.2),
        time_to_first_token_ms: Some(31.0 * 86_400_000.0),
        tokens_input: Some(1_000_000_000),
        tokens_output: Some(0),
        tokens_cached: Some(1),
        audio_seconds: Some(12.345_678_9),
        characters: Some(3),
        images: Some(4),
        cost_micros: Some(1_000_000_000_000),
        status: Status::Failed,
        error_type: Some("timeout".into()),
        error_message: Some("e".repeat(4096)),
        product_ids: vec!["bag-1".into(), "sac «à main»".into()],
        context: json!({"basket": ["bag-1"], "deep": {"null": null, "number": 1.5}})
            .as_object()
            .cloned(),
        metadata: Some(serde_json::Map::new()),
        ..turn(number).kind(InteractionType::Recommendation)
    }
}

#[tokio::test]
async fn a_turn_comes_back_as_it_was_stored() {
    on_each_store("UTC", async |store| {
        let (known, unknown) = (full(1), turn(2));
        put(&*store, [known.clone(), unknown.clone()]).await;
        assert_eq!(get(&*store, 1).await, known);
        assert_eq!(get(&*store, 2).await, unknown, "what is not known stays unknown");
        assert_eq!(store.get_interaction(id(3)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn every_kind_and_status_comes_back() {
    on_each_store("UTC", async |store| {
        let mut turns = Vec::new();
        for kind in InteractionType::ALL {
            for status in Status::ALL {
                turns.push(turn(turns.len() as u128).kind(*kind).status(*status));
            }
        }
        put(&*store, turns.clone()).await;
        for (number, turn) in (0..).zip(turns) {
            assert_eq!(get(&*store, number).await, turn);
        }
    })
    .await;
}

#[tokio::test]
async fn each_turn_of_a_batch_has_its_own_outcome() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1).model("first"), turn(2)]).await;
        let batch = vec![
            turn(3),
            turn(1).model("first"),
            turn(2).supplied(99).model("other"),
            turn(4),
            turn(3),
            turn(4).supplied(98).model("other"),
            turn(5),
        ];
        let outcomes = store.create_interactions(batch).await.unwrap();
        assert_eq!(
            outcomes,
            [
                Created, Duplicate, Conflict, Created, Duplicate, Conflict, Created
            ]
        );
        for number in [2, 4] {
            assert_eq!(
                get(&*store, number).await.model,
                None,
                "a conflict changes nothing"
            );
        }
        assert_eq!(store.create_interactions(Vec::new()).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn the_largest_batch_is_one_unit() {
    on_each_store("UTC", async |store| {
        let batch: Vec<_> = (0..1000).map(turn).collect();
        put(&*store, batch.clone()).await;
        let again = store.create_interactions(batch).await.unwrap();
        assert_eq!(again, vec![Duplicate; 1000]);
    })
    .await;
}

#[tokio::test]
async fn a_repeat_is_known_by_what_was_first_supplied() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1)]).await;
        let changed = updated(
            &turn(1),
            &json!({"model": "later", "response_text": "hi"}),
            at("14:00:00"),
        )
        .unwrap();
        assert_eq!(
            store.update_interaction(changed.clone(), 1).await.unwrap(),
            Updated
        );
        let mut repeat = turn(1);
        repeat.created_at = at("15:00:00");
        repeat.updated_at = at("15:00:00");
        assert_eq!(
            store.create_interactions(vec![repeat]).await.unwrap(),
            [Duplicate]
        );
        assert_eq!(
            get(&*store, 1).await,
            changed,
            "a late repeat does not undo a change"
        );
    })
    .await;
}

#[tokio::test]
async fn an_update_replaces_the_version_it_was_made_of() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1), turn(2)]).await;
        let second = Interaction {
            version: 2,
            updated_at: at("14:00:00"),
            supplied_hash: turn(1).supplied_hash,
            started_at: turn(1).started_at,
            session_id: "s".into(),
            ..full(1)
        };
        assert_eq!(
            store.update_interaction(second.clone(), 1).await.unwrap(),
            Updated
        );
        assert_eq!(get(&*store, 1).await, second);

        let late = Interaction {
            version: 2,
            ..turn(1).model("late")
        };
        assert_eq!(store.update_interaction(late, 1).await.unwrap(), Stale);
        let early = Interaction {
            version: 4,
            ..turn(1).model("early")
        };
        assert_eq!(store.update_interaction(early, 3).await.unwrap(), Stale);
        assert_eq!(
            get(&*store, 1).await,
            second,
            "what was refused has changed nothing"
        );

        let emptied = Interaction {
            version: 3,
            updated_at: at("15:00:00"),
            ..turn(1)
        };
        assert_eq!(
            store.update_interaction(emptied.clone(), 2).await.unwrap(),
            Updated
        );
        assert_eq!(
            get(&*store, 1).await,
            emptied,
            "what was known can become unknown"
        );
        assert_eq!(get(&*store, 2).await, turn(2), "other turns stay as they were");
    })
    .await;
}

#[tokio::test]
async fn an_update_of_no_turn_stores_nothing() {
    on_each_store("UTC", async |store| {
        let update = Interaction {
            version: 2,
            ..turn(1)
        };
        assert_eq!(store.update_interaction(update, 1).await.unwrap(), Stale);
        assert_eq!(store.get_interaction(id(1)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn an_update_leaves_identity_and_counts_as_stored() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1)]).await;
        say(&*store, [opinion(10, 1).rating(4), opinion(11, 1)]).await;
        let update = Interaction {
            version: 4,
            created_at: at("15:00:00"),
            rating: Some(1),
            feedback_count: 77,
            ..turn(1).session("other").at("09:00:00").model("new")
        };
        assert_eq!(
            store.update_interaction(update.clone(), 1).await.unwrap(),
            Stale,
            "feedback changes what the turn shows, and so its version"
        );
        assert_eq!(store.update_interaction(update, 3).await.unwrap(), Updated);
        let stored = get(&*store, 1).await;
        assert_eq!(
            (stored.session_id.as_str(), stored.started_at, stored.created_at),
            ("s", at("10:00:00"), at("12:00:00"))
        );
        assert_eq!((stored.rating, stored.feedback_count), (Some(4), 2));
        assert_eq!((stored.model.as_deref(), stored.version), (Some("new"), 4));
    })
    .await;
}
