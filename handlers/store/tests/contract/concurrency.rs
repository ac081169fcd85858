//! Eight at once on the same records: nothing is lost, nothing counts twice.

use super::analytics::that_day;
use super::builders::{BuildFeedback, BuildTurn, get, id, later, opinion, put, turn};
use super::exact::{check_feedback, check_interactions};
use super::on_each_store;
use domain::feedback::{Category, Feedback, FeedbackFilter};
use domain::interactions::{Interaction, Status};
use domain::page::PageRequest;
use std::sync::Arc;
use store::{CreateOutcome, FeedbackCreated, Store, UpdateOutcome};
use tokio::task::JoinSet;

pub(crate) const TASKS: u128 = 8;

/// Runs `work` eight times at once; each run is told its number.
pub(crate) async fn at_once<T: Send + 'static, F>(work: impl Fn(u128) -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        tasks.spawn(work(task));
    }
    tasks.join_all().await
}

/// Adds one output token to a turn, reading again as long as others come in between.
async fn count_up(store: &dyn Store, number: u128) {
    loop {
        let current = get(store, number).await;
        let changed = Interaction {
            tokens_output: Some(current.tokens_output.unwrap_or(0) + 1),
            status: Status::Succeeded,
            version: current.version + 1,
            ..current.clone()
        };
        match store.update_interaction(changed, current.version).await.unwrap() {
            UpdateOutcome::Updated => return,
            UpdateOutcome::Stale => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_creates_a_turn_and_the_rest_repeat_it() {
    on_each_store("UTC", async |store| {
        let outcomes = at_once(|task| {
            let store = store.clone();
            async move {
                let mut outcomes = Vec::new();
                for batch in 0..5 {
                    let numbers = batch * 20..batch * 20 + 20;
                    let turns = numbers.clone().map(turn).collect();
                    let batch = store.create_interactions(turns).await.unwrap();
                    let own = turn(1000 + task * 100 + batch.len() as u128 + numbers.start);
                    put(&*store, [own.clone()]).await;
                    assert_eq!(
                        store.get_interaction(own.id).await.unwrap(),
                        Some(own),
                        "a write is seen at once"
                    );
                    outcomes.extend(numbers.zip(batch));
                }
                outcomes
            }
        })
        .await
        .concat();
        for number in 0..100 {
            let of = |outcome| outcomes.iter().filter(|own| **own == (number, outcome)).count();
            assert_eq!(
                (of(CreateOutcome::Created), of(CreateOutcome::Duplicate)),
                (1, 7),
                "turn {number}"
            );
        }
        let got = store.interaction_numbers(that_day()).await.unwrap();
        assert_eq!(got.total.total, 100 + 8 * 5);
        let session = store.get_session("s".into()).await.unwrap().unwrap();
        assert_eq!(session.interactions, 140);
        let list = store
            .list_sessions(Default::default(), PageRequest::default())
            .await
            .unwrap();
        assert_eq!(list, [session], "one first turn, whoever came first");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_change_is_lost() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1), turn(2)]).await;
        at_once(|task| {
            let store = store.clone();
            async move {
                for round in 0..10 {
                    count_up(&*store, 1 + (task + round) % 2).await;
                }
            }
        })
        .await;
        for number in [1, 2] {
            let turn = get(&*store, number).await;
            assert_eq!((turn.tokens_output, turn.version), (Some(40), 41));
        }
    })
    .await;
}

/// Creates, changes, feedback, triage and reads, all of them on the same few turns and the same quarter.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everything_at_once_adds_up() {
    on_each_store("Europe/Paris", async |store| {
        put(&*store, (0..4).map(turn)).await;
        let told: Vec<Vec<Feedback>> = at_once(|task| storm(store.clone(), task)).await;
        let told = told.concat();

        let mut turns = Vec::new();
        let list = store.list_interactions(
            Default::default(),
            PageRequest {
                limit: 200,
                after: None,
            },
        );
        for turn in list.await.unwrap() {
            turns.push(get(&*store, turn.id.as_u128()).await);
        }
        assert_eq!(turns.len() as u128, 4 + TASKS * 10);
        for number in 0..4 {
            let turn = turns.iter().find(|turn| turn.id == id(number)).unwrap();
            let own = super::brute::newest_first(&told, |feedback| feedback.interaction_id == turn.id);
            assert_eq!(
                (turn.tokens_output, turn.version),
                (Some(20), 21 + own.len() as i64)
            );
            assert_eq!(turn.feedback_count, own.len() as u64);
            assert_eq!(turn.rating, own.iter().find_map(|feedback| feedback.rating));
        }
        let list = store.list_feedback(
            FeedbackFilter::default(),
            PageRequest {
                limit: 200,
                after: None,
            },
        );
        let feedback = list.await.unwrap();
        assert_eq!(feedback.len(), told.len());
        assert!(
            feedback.iter().all(|feedback| feedback.version == 2),
            "each was triaged once"
        );
        let numbers = store.interaction_numbers(that_day()).await.unwrap();
        check_interactions(&numbers, &turns, &that_day());
        let numbers = store.feedback_numbers(that_day()).await.unwrap();
        check_feedback(&numbers, &turns, &feedback, &that_day());
    })
    .await;
}

/// The share of one task; gives back the feedback that it gave.
async fn storm(store: Arc<dyn Store>, task: u128) -> Vec<Feedback> {
    let mut told = Vec::new();
    let mut seen = 0;
    for round in 0..10 {
        let number = task * 10 + round;
        put(
            &*store,
            [turn(100 + number).model("m").at("10:01:00").took(number as f64)],
        )
        .await;
        count_up(&*store, (task + round) % 4).await;
        // Times run against the order of arrival in every second task.
        let minutes = if task.is_multiple_of(2) { round } else { 20 - round } as i64;
        let given = opinion(number, round % 4).rating((number % 5 + 1) as u8);
        let moment = later(given.created_at, minutes * 60_000_000 + task as i64);
        let given = given.moment(moment);
        assert_eq!(
            store.create_feedback(given.clone()).await.unwrap(),
            FeedbackCreated::Created
        );
        let triaged = Feedback {
            version: 2,
            ..given.clone().category(Category::Speed)
        };
        assert_eq!(
            store.update_feedback(triaged, 1).await.unwrap(),
            UpdateOutcome::Updated
        );
        told.push(given);
        let total = store.interaction_numbers(that_day()).await.unwrap().total.total;
        assert!(
            total > seen,
            "{total} after {seen}: what was counted stays counted, and ours is in it"
        );
        seen = total;
    }
    told
}
