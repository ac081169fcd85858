//! Every list under every combination of filters, page by page, against plain loops over the same records.

use super::brute::{count_feedback, feedback_passes, newest_first, sessions, turn_passes};
use super::builders::{
    BuildFeedback, BuildTurn, Dice, at, later, numbers, opinion, put, say, tone, turn, walk,
};
use super::interaction_lists::roll_up;
use super::on_each_store;
use domain::feedback::{Category, Feedback, FeedbackFilter, ReviewState, SentimentLabel, Source, Thumb};
use domain::interactions::{Interaction, InteractionFilter, InteractionType, Status};
use domain::sessions::SessionFilter;
use jiff::Timestamp;

const TURNS: u128 = 400;
const FEEDBACK: u128 = 200;

/// A time in two days of which many are the same.
fn moment(dice: &mut Dice) -> Timestamp {
    later(
        at("2026-10-31T22:00:00Z"),
        dice.below(200) as i64 * 15 * 60_000_000,
    )
}

fn names(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn random_turn(dice: &mut Dice, number: u128) -> Interaction {
    let started_at = moment(dice);
    Interaction {
        kind: dice.of(InteractionType::ALL),
        status: dice.of(Status::ALL),
        session_id: format!("s{}", dice.below(60)),
        user_id: dice.maybe(&names(&["ann", "Ann", "bob", "zoë"])),
        model: dice.maybe(&names(&["a", "A", "b"])),
        provider: dice.maybe(&names(&["p", "q"])),
        channel: dice.maybe(&names(&["web", "voice"])),
        locale: dice.maybe(&names(&["fr", "en-GB"])),
        completed_at: dice.maybe(&[later(started_at, 1), later(started_at, 7_200_000_000)]),
        tokens_input: dice.maybe(&[0, 10]),
        tokens_output: dice.maybe(&[3]),
        cost_micros: dice.maybe(&[0, 250]),
        ..turn(number).moment(started_at)
    }
}

fn random_feedback(dice: &mut Dice, number: u128) -> Feedback {
    Feedback {
        rating: dice.maybe(&[1, 2, 3, 4, 5]),
        thumb: dice.maybe(Thumb::ALL),
        category: dice.maybe(Category::ALL),
        source: dice.of(Source::ALL),
        user_id: dice.maybe(&names(&["ann", "Ann", "bob"])),
        sentiment: dice.maybe(&[-0.5, 0.0, 0.7]).map(tone),
        ..opinion(number, u128::from(dice.below(TURNS as u64))).moment(moment(dice))
    }
}

/// Sets each filter once in four times, so that some lists are long, some short and some empty.
fn turn_filter(dice: &mut Dice) -> InteractionFilter {
    let mut set = |odds| dice.below(odds) == 0;
    let on: [bool; 12] = std::array::from_fn(|_| set(4));
    let text = |on: bool, value: String| on.then_some(value);
    InteractionFilter {
        kind: on[0].then(|| dice.of(InteractionType::ALL)),
        status: on[1].then(|| dice.of(Status::ALL)),
        model: text(on[2], dice.of(&names(&["a", "A", "b", "none"]))),
        provider: text(on[3], dice.of(&names(&["p", "q"]))),
        user_id: text(on[4], dice.of(&names(&["ann", "bob", "zoë"]))),
        session_id: text(on[5], format!("s{}", dice.below(60))),
        channel: text(on[6], dice.of(&names(&["web", "voice"]))),
        locale: text(on[7], dice.of(&names(&["fr", "en-GB"]))),
        rating_min: on[8].then(|| dice.of(&[1, 2, 3, 4, 5])),
        rating_max: on[9].then(|| dice.of(&[1, 2, 3, 4, 5])),
        from: on[10].then(|| moment(dice)),
        to: on[11].then(|| moment(dice)),
    }
}

fn feedback_filter(dice: &mut Dice) -> FeedbackFilter {
    let on: [bool; 11] = std::array::from_fn(|_| dice.below(4) == 0);
    FeedbackFilter {
        interaction_id: on[0].then(|| super::builders::id(u128::from(dice.below(TURNS as u64)))),
        user_id: on[1].then(|| dice.of(&names(&["ann", "bob"]))),
        category: on[2].then(|| dice.of(Category::ALL)),
        source: on[3].then(|| dice.of(Source::ALL)),
        thumb: on[4].then(|| dice.of(Thumb::ALL)),
        review_state: on[5].then(|| dice.of(ReviewState::ALL)),
        sentiment: on[10].then(|| dice.of(SentimentLabel::ALL)),
        rating_min: on[6].then(|| dice.of(&[1, 2, 3, 4, 5])),
        rating_max: on[7].then(|| dice.of(&[1, 2, 3, 4, 5])),
        from: on[8].then(|| moment(dice)),
        to: on[9].then(|| moment(dice)),
    }
}

#[tokio::test]
async fn lists_hold_what_passes_in_order() {
    on_each_store("Asia/Kolkata", async |store| {
        let dice = &mut Dice(2026);
        let mut turns: Vec<_> = (0..TURNS).map(|number| random_turn(dice, number)).collect();
        let feedback: Vec<_> = (0..FEEDBACK)
            .map(|number| random_feedback(dice, number))
            .collect();
        for batch in turns.chunks(90) {
            put(&*store, batch.to_vec()).await;
        }
        say(&*store, feedback.clone()).await;
        count_feedback(&mut turns, &feedback);
        for round in 0..300 {
            if round == 100 {
                roll_up(&*store).await;
            } else if round == 200 {
                // Some quarters clean, some dirty.
                let more: Vec<_> = (TURNS..TURNS + 20)
                    .map(|number| random_turn(dice, number))
                    .collect();
                put(&*store, more.clone()).await;
                turns.extend(more);
            }
            let limit = dice.of(&[1, 3, 10, 50, 200]);
            let filter = turn_filter(dice);
            let list = walk(limit, async |page| {
                store.list_interactions(filter.clone(), page).await.unwrap()
            })
            .await;
            let expected = newest_first(&turns, |turn| turn_passes(&filter, turn));
            assert_eq!(
                numbers(&list),
                numbers(&expected),
                "round {round}, {filter:?} by {limit}"
            );
            assert_eq!(list, expected, "{filter:?}");

            let filter = feedback_filter(dice);
            let list = walk(limit, async |page| {
                store.list_feedback(filter.clone(), page).await.unwrap()
            })
            .await;
            let expected = newest_first(&feedback, |feedback| feedback_passes(&filter, feedback));
            assert_eq!(list, expected, "round {round}, {filter:?} by {limit}");
        }
    })
    .await;
}

#[tokio::test]
async fn sessions_sum_up_their_turns() {
    on_each_store("UTC", async |store| {
        let dice = &mut Dice(7);
        let mut turns: Vec<_> = (0..TURNS).map(|number| random_turn(dice, number)).collect();
        let feedback: Vec<_> = (0..FEEDBACK)
            .map(|number| random_feedback(dice, number))
            .collect();
        for batch in turns.chunks(90) {
            put(&*store, batch.to_vec()).await;
        }
        say(&*store, feedback.clone()).await;
        count_feedback(&mut turns, &feedback);
        let all = sessions(&turns);
        for session in &all {
            let got = store.get_session(session.session_id.clone()).await.unwrap();
            assert_eq!(got.as_ref(), Some(session));
        }
        for round in 0..60 {
            let user = dice.maybe(&names(&["ann", "zoë", "none"]));
            let filter = SessionFilter {
                user_id: user.filter(|_| round % 2 == 0),
                from: (dice.below(3) == 0).then(|| moment(dice)),
                to: (dice.below(3) == 0).then(|| moment(dice)),
            };
            let here = |id: &str| {
                filter.user_id.is_none()
                    || turns
                        .iter()
                        .any(|turn| turn.session_id == id && turn.user_id == filter.user_id)
            };
            let passes = |session: &domain::sessions::Session| {
                filter.from.is_none_or(|from| from <= session.started_at)
                    && filter.to.is_none_or(|to| session.started_at < to)
                    && here(&session.session_id)
            };
            let expected: Vec<_> = all.iter().filter(|session| passes(session)).cloned().collect();
            let list = walk(dice.of(&[1, 4, 200]), async |page| {
                store.list_sessions(filter.clone(), page).await.unwrap()
            })
            .await;
            assert_eq!(list, expected, "{filter:?}");
        }
    })
    .await;
}
