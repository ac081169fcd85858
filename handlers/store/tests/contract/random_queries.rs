//! What shoppers ask for equals a count one by one, after any writes, changes and removals in any order.

use super::builders::{BuildTurn, Dice, at, later, put, turn};
use super::on_each_store;
use domain::analytics::queries::normalised;
use domain::analytics::{TimeRange, day_of, quarter_of};
use domain::interactions::{Interaction, InteractionType, Status};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use store::{QueriesQuery, Store, UpdateOutcome};

const ZONES: [&str; 5] = [
    "UTC",
    "Asia/Kathmandu",
    "Europe/Paris",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
];
/// Days on which clocks change, in different zones.
const CENTRES: [&str; 4] = [
    "2026-03-29T01:00:00Z",
    "2026-10-25T01:00:00Z",
    "2026-10-03T15:30:00Z",
    "2018-11-04T03:00:00Z",
];
const TEXTS: [&str; 7] = ["hat", "HAT ", "red  dress", "Été", "été 123456", "a😀", " \n"];
const CHANNELS: [&str; 2] = ["web", "voice"];
const KINDS: [InteractionType; 3] = [
    InteractionType::Search,
    InteractionType::Recommendation,
    InteractionType::Chat,
];
const DAY: u64 = 86_400_000_000;

struct World {
    dice: Dice,
    centre: Timestamp,
    zone: TimeZone,
    turns: Vec<(Interaction, bool)>,
}

impl World {
    /// Within some days of the centre, often right at, or right before, the edge of a day or quarter.
    fn moment(&mut self) -> Timestamp {
        let most = self.dice.of(&[DAY / 24, 2 * DAY, 5 * DAY]);
        let time = later(self.centre, self.dice.below(2 * most) as i64 - most as i64);
        match self.dice.below(6) {
            0 => later(quarter_of(time), -1),
            1 => day_of(time, &self.zone),
            2 => later(day_of(time, &self.zone), -1),
            _ => time,
        }
    }

    fn turn(&mut self, number: usize) -> Interaction {
        let moment = self.moment();
        let dice = &mut self.dice;
        Interaction {
            kind: dice.of(&KINDS),
            status: dice.of(Status::ALL),
            request_text: dice.maybe(&TEXTS.map(str::to_owned)),
            channel: dice.maybe(&CHANNELS.map(str::to_owned)),
            product_ids: dice.of(&[vec![], vec!["p".to_owned()]]),
            ..turn(number as u128).moment(moment)
        }
    }

    async fn create(&mut self, store: &dyn Store) {
        let first = self.turns.len();
        let count = 1 + self.dice.below(12) as usize;
        let batch: Vec<_> = (first..first + count).map(|number| self.turn(number)).collect();
        put(store, batch.clone()).await;
        self.turns.extend(batch.into_iter().map(|turn| (turn, true)));
    }

    async fn update(&mut self, store: &dyn Store) {
        let place = self.dice.below(self.turns.len() as u64) as usize;
        let (current, there) = self.turns[place].clone();
        if !there {
            return;
        }
        let changed = Interaction {
            started_at: current.started_at,
            version: current.version + 1,
            ..self.turn(place)
        };
        let outcome = store.update_interaction(changed.clone(), current.version).await;
        assert_eq!(outcome.unwrap(), UpdateOutcome::Updated);
        self.turns[place].0 = changed;
    }

    async fn remove(&mut self, store: &dyn Store) {
        let cutoff = self.moment();
        store.remove_interactions_before(cutoff).await.unwrap();
        for (turn, there) in &mut self.turns {
            *there &= turn.started_at >= cutoff;
        }
    }

    async fn read(&mut self, store: &dyn Store) {
        let (one, other) = (self.moment(), self.moment());
        let query = QueriesQuery {
            range: TimeRange {
                from: one.min(other),
                to: later(one.max(other), 1),
            },
            kind: self.dice.of(&KINDS),
            channel: self.dice.maybe(&["web".to_owned(), String::new()]),
            limit: self.dice.of(&[1, 2, 200]),
        };
        let answer = store.top_queries(query.clone()).await.unwrap().into_iter();
        let answer: Vec<_> = answer
            .map(|(text, counts)| {
                let all = (counts.total, counts.failed, counts.without_results);
                (text, all, counts.last_seen)
            })
            .collect();
        assert_eq!(answer, self.expected(&query), "{query:?}");
    }

    /// One look at each turn.
    fn expected(&self, query: &QueriesQuery) -> Vec<(String, (i64, i64, i64), Timestamp)> {
        let mut texts: BTreeMap<String, Vec<&Interaction>> = BTreeMap::new();
        for (turn, _) in self.turns.iter().filter(|(_, there)| *there) {
            let channel = turn.channel.clone().unwrap_or_default();
            let asked = turn.started_at >= query.range.from
                && turn.started_at < query.range.to
                && turn.kind == query.kind
                && query.channel.as_ref().is_none_or(|own| *own == channel);
            let text = turn.request_text.as_deref().and_then(normalised);
            if let Some(text) = text.filter(|_| asked) {
                texts.entry(text).or_default().push(turn);
            }
        }
        let mut rows: Vec<_> = texts
            .into_iter()
            .map(|(text, turns)| {
                let count =
                    |is: &dyn Fn(&Interaction) -> bool| turns.iter().filter(|turn| is(turn)).count() as i64;
                let failed = count(&|turn| turn.status == Status::Failed);
                let empty = count(&|turn| {
                    turn.kind != InteractionType::Chat
                        && turn.status == Status::Succeeded
                        && turn.product_ids.is_empty()
                });
                let last = turns.iter().map(|turn| turn.started_at).max().unwrap();
                (text, (turns.len() as i64, failed, empty), last)
            })
            .collect();
        rows.sort_by_key(|(text, (total, failed, empty), _)| {
            (Reverse(failed + empty), Reverse(*total), text.clone())
        });
        rows.truncate(query.limit);
        rows
    }
}

async fn play(shop: &str, centre: &str, seed: u64, steps: &[u8]) {
    on_each_store(shop, async |store| {
        let mut world = World {
            dice: Dice(seed),
            centre: at(centre),
            zone: TimeZone::get(shop).unwrap(),
            turns: Vec::new(),
        };
        world.create(&*store).await;
        for step in steps {
            match step {
                0..3 => world.create(&*store).await,
                3..5 => world.update(&*store).await,
                5 => world.remove(&*store).await,
                _ => world.read(&*store).await,
            }
        }
        world.read(&*store).await;
    })
    .await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn queries_equal_a_count_one_by_one(
        shop in prop::sample::select(&ZONES[..]),
        centre in prop::sample::select(&CENTRES[..]),
        seed: u64,
        steps in prop::collection::vec(0u8..10, 5..40),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(play(shop, centre, seed, &steps));
    }
}
