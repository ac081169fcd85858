//! Sessions, case by case. Sums and filters at random: `random_lists`.

use super::builders::{BuildFeedback, BuildTurn, at, get, opinion, put, say, turn};
use super::on_each_store;
use domain::interactions::{Interaction, Status};
use domain::page::PageRequest;
use domain::sessions::{Session, SessionFilter};
use store::{Store, UpdateOutcome};

async fn session(store: &dyn Store, id: &str) -> Session {
    store.get_session(id.into()).await.unwrap().unwrap()
}

async fn listed(store: &dyn Store, filter: SessionFilter) -> Vec<String> {
    let list = store.list_sessions(filter, PageRequest::default()).await.unwrap();
    list.into_iter().map(|session| session.session_id).collect()
}

#[tokio::test]
async fn a_session_is_summed_up_from_its_turns() {
    on_each_store("UTC", async |store| {
        let first = turn(1)
            .channel("web")
            .user("ann")
            .status(Status::Succeeded)
            .tokens_in(10)
            .cost(5);
        let second = turn(2)
            .at("10:05:00")
            .done_at("10:05:02.5")
            .user("bob")
            .channel("voice")
            .tokens_in(7);
        let third = turn(3).at("10:05:01").status(Status::Failed);
        put(&*store, [first, second, third]).await;
        say(
            &*store,
            [opinion(1, 1).rating(5), opinion(2, 2).rating(2), opinion(3, 2)],
        )
        .await;
        let expected = Session {
            session_id: "s".into(),
            user_id: Some("bob".into()),
            channel: Some("web".into()),
            started_at: at("10:00:00"),
            last_started_at: at("10:05:01"),
            duration_ms: Some(302_500.0),
            interactions: 3,
            succeeded: 1,
            failed: 1,
            pending: 1,
            tokens_input: Some(17),
            tokens_output: None,
            cost_micros: Some(5),
            unpriced: 2,
            average_rating: Some(3.5),
            feedback_count: 3,
        };
        assert_eq!(session(&*store, "s").await, expected);
        let list = store
            .list_sessions(SessionFilter::default(), PageRequest::default())
            .await
            .unwrap();
        assert_eq!(list, [expected], "the list shows the same as the session itself");
        assert_eq!(store.get_session("S".into()).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_lone_turn_without_anything_is_a_session() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1)]).await;
        let lone = session(&*store, "s").await;
        assert_eq!((lone.duration_ms, lone.interactions, lone.unpriced), (None, 1, 1));
        assert_eq!(
            (lone.user_id, lone.channel, lone.tokens_input),
            (None, None, None)
        );
        assert_eq!((lone.cost_micros, lone.average_rating), (None, None));
    })
    .await;
}

/// In each order of arrival, in one batch or in several, the earliest turn is the first.
#[tokio::test]
async fn a_late_first_turn_moves_the_start() {
    on_each_store("UTC", async |store| {
        let turns = [
            turn(1).at("10:00:00").channel("a"),
            turn(2).at("11:00:00").channel("b"),
            turn(3).at("12:00:00").channel("c"),
        ];
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let mut number = 100;
        for order in orders {
            for batch in [1, 2, 3] {
                number += 10;
                let name = format!("{order:?} by {batch}");
                let arrived: Vec<_> = order
                    .iter()
                    .map(|place| Interaction {
                        id: super::builders::id(number + *place as u128),
                        ..turns[*place].clone().session(&name)
                    })
                    .collect();
                for part in arrived.chunks(batch) {
                    put(&*store, part.to_vec()).await;
                }
                let session = session(&*store, &name).await;
                assert_eq!(session.started_at, at("10:00:00"), "{name}");
                assert_eq!(session.last_started_at, at("12:00:00"), "{name}");
                assert_eq!(
                    (session.channel.as_deref(), session.interactions),
                    (Some("a"), 3),
                    "{name}"
                );
            }
        }
        let list = listed(&*store, SessionFilter::default()).await;
        assert_eq!(list.len(), 18, "each session is listed once: {list:?}");
        let before = SessionFilter {
            to: Some(at("10:00:00")),
            ..SessionFilter::default()
        };
        assert_eq!(listed(&*store, before).await, [""; 0]);
        let after = SessionFilter {
            from: Some(at("10:00:01")),
            ..SessionFilter::default()
        };
        assert_eq!(listed(&*store, after).await, [""; 0], "later turns are no starts");
    })
    .await;
}

#[tokio::test]
async fn turns_that_start_together_make_one_session() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(5)]).await;
        put(&*store, [turn(3), turn(9), turn(4)]).await;
        assert_eq!(listed(&*store, SessionFilter::default()).await, ["s"]);
        assert_eq!(session(&*store, "s").await.interactions, 4);
    })
    .await;
}

#[tokio::test]
async fn repeats_and_conflicts_do_not_count() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1)]).await;
        let again = vec![turn(1), turn(1).session("t").at("08:00:00").supplied(9)];
        store.create_interactions(again).await.unwrap();
        assert_eq!(session(&*store, "s").await.interactions, 1);
        assert_eq!(session(&*store, "s").await.started_at, at("10:00:00"));
        assert_eq!(store.get_session("t".into()).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn the_latest_start_is_first_and_then_the_greatest_id() {
    on_each_store("UTC", async |store| {
        put(
            &*store,
            [
                turn(1).session("a").at("10:00:00").user("ann"),
                turn(2).session("B").at("10:00:00").user("bob"),
                turn(3).session("é").at("10:00:00"),
                turn(4).session("b").at("10:00:01"),
                turn(5).session("a").at("18:00:00").user("bob"),
            ],
        )
        .await;
        assert_eq!(
            listed(&*store, SessionFilter::default()).await,
            ["b", "é", "a", "B"]
        );
        for (user, expected) in [("bob", vec!["a", "B"]), ("ann", vec!["a"]), ("Ann", vec![])] {
            let filter = SessionFilter {
                user_id: Some(user.into()),
                ..SessionFilter::default()
            };
            assert_eq!(
                listed(&*store, filter).await,
                expected,
                "in which {user} has a turn"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_corrected_turn_corrects_its_session() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1), turn(2).at("10:01:00")]).await;
        let done = turn(1)
            .channel("voice")
            .done_at("10:30:00")
            .status(Status::Failed)
            .cost(9)
            .user("ann");
        let update = Interaction { version: 2, ..done };
        assert_eq!(
            store.update_interaction(update, 1).await.unwrap(),
            UpdateOutcome::Updated
        );
        let session = session(&*store, "s").await;
        assert_eq!(
            (session.channel.as_deref(), session.user_id.as_deref()),
            (Some("voice"), Some("ann"))
        );
        assert_eq!(
            (session.failed, session.pending, session.cost_micros),
            (1, 1, Some(9))
        );
        assert_eq!(session.duration_ms, Some(1_800_000.0));
        assert_eq!(get(&*store, 2).await, turn(2).at("10:01:00"));
    })
    .await;
}
