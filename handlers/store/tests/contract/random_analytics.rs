//! Rollups equal a count of the records one by one, after any writes in any order, for any range, zone and filter.

use super::brute::count_feedback;
use super::builders::{BuildFeedback, BuildTurn, Dice, at, later, opinion, put, say, turn};
use super::exact::{check_feedback, check_interactions};
use super::on_each_store;
use super::series::{
    check_feedback_over_time, check_turns_over_time, feedback_over_time, over_time, turns_over_time,
};
use domain::analytics::series::Interval;
use domain::analytics::{
    Dimension, Fact, FeedbackFact, InteractionFact, QUARTER, StatsFilter, TimeRange, day_of, quarter_of,
};
use domain::feedback::{Category, Feedback, Sentiment, SentimentLabel, Thumb};
use domain::interactions::{Interaction, InteractionType, Status};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use store::{NumbersQuery, Store, UpdateOutcome};

const ZONES: [&str; 5] = [
    "UTC",
    "Asia/Kolkata",
    "Europe/Paris",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
];
/// Around which the turns are: days on which clocks change, one of which begins at 01:00, and a plain one.
const CENTRES: [&str; 6] = [
    "2026-03-29T01:00:00Z",
    "2026-10-25T01:00:00Z",
    "2026-04-04T15:00:00Z",
    "2026-10-03T15:30:00Z",
    "2018-11-04T03:00:00Z",
    "2018-02-18T02:00:00Z",
];
const MODELS: [&str; 3] = ["a", "b", "A"];
const CHANNELS: [&str; 2] = ["web", "voice"];
const DAY: u64 = 86_400_000_000;

/// What the store should hold, and where in time.
struct World {
    dice: Dice,
    centre: Timestamp,
    turns: Vec<Interaction>,
    feedback: Vec<Feedback>,
}

fn name(text: &str) -> String {
    text.to_owned()
}

impl World {
    /// A time within four days of the centre, often right at, or right before, the edge of a quarter or a day.
    fn moment(&mut self) -> Timestamp {
        let time = later(self.centre, self.dice.below(8 * DAY) as i64 - 4 * DAY as i64);
        let zone = TimeZone::get(self.dice.of(&ZONES)).unwrap();
        match self.dice.below(6) {
            0 => quarter_of(time),
            1 => later(quarter_of(time), -1),
            2 => day_of(time, &zone),
            3 => later(day_of(time, &zone), -1),
            _ => time,
        }
    }

    fn turn(&mut self, number: u128) -> Interaction {
        let moment = self.moment();
        let dice = &mut self.dice;
        let millis = |dice: &mut Dice| {
            let longest = dice.of(&[1, 1_000, 100_000_000]);
            let some = dice.below(longest * 1000) as f64 / 1000.0;
            dice.maybe(&[0.0, some, some, some])
        };
        Interaction {
            kind: dice.of(InteractionType::ALL),
            status: dice.of(Status::ALL),
            model: dice.maybe(&MODELS.map(name)),
            channel: dice.maybe(&CHANNELS.map(name)),
            provider: dice.maybe(&["p".to_owned()]),
            locale: dice.maybe(&["fr".to_owned()]),
            prompt_version: dice.maybe(&["1".to_owned(), "2".to_owned()]),
            duration_ms: millis(dice),
            time_to_first_token_ms: millis(dice),
            tokens_input: dice.maybe(&[0, 7, 1_000_000_000]),
            tokens_output: dice.maybe(&[0, 12]),
            tokens_cached: dice.maybe(&[3]),
            cost_micros: dice.maybe(&[0, 450, 1_000_000_000_000]),
            ..turn(number).moment(moment)
        }
    }

    /// Some turns, most of them new.
    async fn create(&mut self, store: &dyn Store) {
        let first = self.turns.len() as u128;
        let count = u128::from(1 + self.dice.below(30));
        let batch: Vec<_> = (first..first + count).map(|number| self.turn(number)).collect();
        put(store, batch.clone()).await;
        self.turns.extend(batch);
        let known = self.dice.of(&self.turns);
        store.create_interactions(vec![known]).await.unwrap();
    }

    async fn update(&mut self, store: &dyn Store) {
        let Some(place) = self.any_turn() else { return };
        let current = self.turns[place].clone();
        let told = self
            .feedback
            .iter()
            .filter(|feedback| feedback.interaction_id == current.id)
            .count();
        let expected = current.version + told as i64;
        let changed = Interaction {
            session_id: current.session_id.clone(),
            started_at: current.started_at,
            supplied_hash: current.supplied_hash,
            version: current.version + 1,
            ..self.turn(place as u128)
        };
        let outcome = store.update_interaction(changed.clone(), expected).await.unwrap();
        assert_eq!(outcome, UpdateOutcome::Updated);
        self.turns[place] = changed;
        let stale = self.turn(place as u128);
        store.update_interaction(stale, expected).await.unwrap();
    }

    async fn speak(&mut self, store: &dyn Store) {
        let Some(place) = self.any_turn() else { return };
        let moment = self.moment();
        let feedback = Feedback {
            rating: self.dice.maybe(&[1, 2, 3, 4, 5]),
            thumb: self.dice.maybe(Thumb::ALL),
            comment: self.dice.maybe(&["well".to_owned()]),
            category: self.dice.maybe(Category::ALL),
            ..opinion(self.feedback.len() as u128, place as u128).moment(moment)
        };
        say(store, [feedback.clone()]).await;
        self.feedback.push(feedback);
    }

    async fn triage(&mut self, store: &dyn Store) {
        if self.feedback.is_empty() {
            return self.speak(store).await;
        }
        let place = self.dice.below(self.feedback.len() as u64) as usize;
        let label = self.dice.maybe(SentimentLabel::ALL);
        let category = self.dice.maybe(Category::ALL);
        let current = &mut self.feedback[place];
        let expected = current.version;
        current.category = category;
        current.sentiment = label.map(|label| Sentiment { score: 0.5, label });
        current.version += 1;
        let outcome = store.update_feedback(current.clone(), expected).await.unwrap();
        assert_eq!(outcome, UpdateOutcome::Updated);
    }

    fn any_turn(&mut self) -> Option<usize> {
        (!self.turns.is_empty()).then(|| self.dice.below(self.turns.len() as u64) as usize)
    }

    fn query(&mut self) -> NumbersQuery {
        let (one, other) = (self.moment(), self.moment());
        let everything = TimeRange {
            from: later(self.centre, -9 * DAY as i64),
            to: later(self.centre, QUARTER * 900),
        };
        let some = TimeRange {
            from: one.min(other),
            to: one.max(other),
        };
        let mut on = || self.dice.below(4) == 0;
        let on = [on(), on(), on()];
        NumbersQuery {
            range: self.dice.of(&[some, some, some, everything]),
            zone: TimeZone::get(self.dice.of(&ZONES)).unwrap(),
            filter: StatsFilter {
                kind: on[0].then(|| self.dice.of(InteractionType::ALL)),
                model: on[1].then(|| name(self.dice.of(&MODELS))),
                channel: on[2].then(|| name(self.dice.of(&CHANNELS))),
            },
        }
    }

    async fn read(&mut self, store: &dyn Store) {
        let query = self.query();
        eprintln!("asked {query:?}");
        let answer = store.interaction_numbers(query.clone()).await.unwrap();
        check_interactions(&answer, &self.turns, &query);
        let answer = store.feedback_numbers(query.clone()).await.unwrap();
        check_feedback(&answer, &self.turns, &self.feedback, &query);
        if query.range.is_empty() {
            return;
        }
        let interval = self
            .dice
            .of(&[Interval::Hour, Interval::Day, Interval::Week, Interval::Month]);
        let group_by = self.dice.maybe(Dimension::ALL);
        let asked = over_time(&query, interval, group_by);
        eprintln!("asked by {interval:?} and {group_by:?}");
        if InteractionFact::grouping_for(&query.filter, group_by).is_some() {
            let answer = turns_over_time(store, asked.clone()).await.unwrap();
            check_turns_over_time(&answer, &self.turns, &asked);
        }
        if FeedbackFact::grouping_for(&query.filter, group_by).is_some() {
            let answer = feedback_over_time(store, asked.clone()).await.unwrap();
            check_feedback_over_time(&answer, &self.turns, &self.feedback, &asked);
        }
    }

    /// The turns themselves, with what feedback made of them.
    async fn compare_records(&mut self, store: &dyn Store) {
        count_feedback(&mut self.turns, &self.feedback);
        for turn in &self.turns {
            assert_eq!(store.get_interaction(turn.id).await.unwrap().as_ref(), Some(turn));
        }
    }
}

async fn play(shop: &str, centre: &str, seed: u64, steps: &[u8]) {
    on_each_store(shop, async |store| {
        let mut world = World {
            dice: Dice(seed),
            centre: at(centre),
            turns: Vec::new(),
            feedback: Vec::new(),
        };
        world.create(&*store).await;
        for step in steps {
            match step {
                0..2 => world.create(&*store).await,
                2..4 => world.update(&*store).await,
                4..6 => world.speak(&*store).await,
                6 => world.triage(&*store).await,
                _ => world.read(&*store).await,
            }
        }
        world.read(&*store).await;
        world.compare_records(&*store).await;
    })
    .await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn rollups_equal_a_count_one_by_one(
        shop in prop::sample::select(&ZONES[..]),
        centre in prop::sample::select(&CENTRES[..]),
        seed: u64,
        steps in prop::collection::vec(0u8..10, 5..50),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(play(shop, centre, seed, &steps));
    }
}
