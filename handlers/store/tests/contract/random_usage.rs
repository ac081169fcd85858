//! Users and sessions equal a count one by one, after any writes, changes and removals in any order.

use super::brute_usage::{Told, began, numbers, period_counts};
use super::builders::{BuildTurn, Dice, at, later, put, turn};
use super::on_each_store;
use domain::analytics::{TimeRange, day_of, quarter_of};
use domain::interactions::{Interaction, Status};
use domain::usage::{Period, SessionRange, UsageRange};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;
use store::{Channels, PeriodQuery, Store, UpdateOutcome, UsageQuery};

const ZONES: [&str; 6] = [
    "UTC",
    "Asia/Kolkata",
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
const USERS: [&str; 4] = ["u", "U", "v", "ü"];
const CHANNELS: [&str; 2] = ["web", "voice"];
const DAY: u64 = 86_400_000_000;

struct World {
    dice: Dice,
    centre: Timestamp,
    zone: TimeZone,
    told: Vec<Told>,
    forgotten: std::collections::HashMap<String, usize>,
}

impl World {
    /// Within some weeks of the centre, most often days, and often right at, or right before, the edge of a day or quarter.
    fn moment(&mut self) -> Timestamp {
        let most = self.dice.of(&[DAY / 24, 2 * DAY, 2 * DAY, 100 * DAY]);
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
        let length = SignedDuration::from_micros(dice.below(DAY / 20) as i64);
        let text = |text: &str| text.to_owned();
        Interaction {
            session_id: format!("s{}", dice.below(9)),
            status: dice.of(Status::ALL),
            completed_at: dice.maybe(&[moment, moment + length]),
            user_id: dice.maybe(&USERS.map(text)),
            channel: dice.maybe(&CHANNELS.map(text)),
            ..turn(number as u128).moment(moment)
        }
    }

    async fn create(&mut self, store: &dyn Store) {
        let first = self.told.len();
        let count = 1 + self.dice.below(8) as usize;
        let batch: Vec<_> = (first..first + count).map(|number| self.turn(number)).collect();
        put(store, batch.clone()).await;
        self.told.extend(batch.into_iter().map(|turn| Told {
            generation: self.forgotten.get(&turn.session_id).copied().unwrap_or_default(),
            turn,
            removed: false,
        }));
    }

    async fn update(&mut self, store: &dyn Store) {
        let live: Vec<_> = (0..self.told.len())
            .filter(|place| !self.told[*place].removed)
            .collect();
        if live.is_empty() {
            return;
        }
        let place = self.dice.of(&live);
        let current = self.told[place].turn.clone();
        let changed = Interaction {
            session_id: current.session_id.clone(),
            started_at: current.started_at,
            supplied_hash: current.supplied_hash,
            version: current.version + 1,
            ..self.turn(place)
        };
        let outcome = store
            .update_interaction(changed.clone(), current.version)
            .await
            .unwrap();
        assert_eq!(outcome, UpdateOutcome::Updated);
        self.told[place].turn = changed;
    }

    async fn remove(&mut self, store: &dyn Store) {
        let cutoff = self.moment();
        store.remove_interactions_before(cutoff).await.unwrap();
        let mut left: Vec<(String, bool)> = Vec::new();
        for told in self.told.iter_mut().filter(|told| !told.removed) {
            told.removed = told.turn.started_at < cutoff;
            left.push((told.turn.session_id.clone(), !told.removed));
        }
        for session in (0..9).map(|number| format!("s{number}")) {
            let mut own = left.iter().filter(|(own, _)| *own == session).peekable();
            if own.peek().is_some() && own.all(|(_, left)| !left) {
                *self.forgotten.entry(session).or_default() += 1;
            }
        }
    }

    async fn read(&mut self, store: &dyn Store) {
        let (one, other) = (self.moment(), self.moment());
        let range = UsageRange {
            first: one.min(other).to_zoned(self.zone.clone()).date(),
            end: one
                .max(other)
                .to_zoned(self.zone.clone())
                .date()
                .saturating_add(1.day()),
        };
        // What was removed is counted by days only.
        let times = if self.told.iter().any(|told| told.removed) {
            TimeRange {
                from: day_of(one.min(other), &self.zone),
                to: day_of(one.max(other), &self.zone),
            }
        } else {
            TimeRange {
                from: one.min(other),
                to: one.max(other),
            }
        };
        if times.from < times.to {
            let counted = store.count_sessions(SessionRange::of(times, &self.zone)).await;
            assert_eq!(counted.unwrap(), began(&self.told, times), "{times:?}");
        }
        let channel = self.dice.maybe(&["web".to_owned(), String::new()]);
        // A removed turn of the latest half hour would be an odd retention.
        let open_since = later(self.centre, self.dice.below(100 * DAY) as i64);
        let query = UsageQuery {
            range,
            channel,
            open_since,
        };
        eprintln!("asked {query:?}");
        let mut answer = store.usage_numbers(query.clone()).await.unwrap();
        let mut expected = numbers(&self.told, &self.zone, &query);
        let forgotten = |told: &&Told| told.removed && told.turn.started_at > query.open_since;
        if self.told.iter().any(|told| forgotten(&told)) {
            (answer.open, expected.open) = (0, 0);
        }
        assert_eq!(answer, expected);
        for channels in [
            Channels::Together,
            Channels::Each,
            Channels::One("web".to_owned()),
        ] {
            let period = self.dice.of(Period::ALL);
            let query = PeriodQuery {
                period,
                range,
                channels,
            };
            let answer = store.period_counts(query.clone()).await.unwrap();
            assert_eq!(answer, period_counts(&self.told, &self.zone, &query));
        }
    }
}

async fn play(shop: &str, centre: &str, seed: u64, steps: &[u8]) {
    on_each_store(shop, async |store| {
        let mut world = World {
            dice: Dice(seed),
            centre: at(centre),
            zone: TimeZone::get(shop).unwrap(),
            told: Vec::new(),
            forgotten: Default::default(),
        };
        world.create(&*store).await;
        for step in steps {
            match step {
                0..3 => world.create(&*store).await,
                3..6 => world.update(&*store).await,
                6 => world.remove(&*store).await,
                _ => world.read(&*store).await,
            }
        }
        world.read(&*store).await;
    })
    .await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn usage_equals_a_count_one_by_one(
        shop in prop::sample::select(&ZONES[..]),
        centre in prop::sample::select(&CENTRES[..]),
        seed: u64,
        steps in prop::collection::vec(0u8..10, 5..40),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(play(shop, centre, seed, &steps));
    }
}
