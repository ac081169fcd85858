//! A visit: a shopper comes, talks for a few turns, and goes.

use super::random::{Random, Weighted};
use super::texts::{LOCALES, Locale, Topic};
use crate::interactions::InteractionType;
use std::cmp::Ordering;
use uuid::{Builder, Uuid};

/// How many turns a visit has: four on average.
const LENGTHS: &Weighted<u64> = &[
    (1, 150),
    (2, 170),
    (3, 170),
    (4, 150),
    (5, 120),
    (6, 90),
    (7, 60),
    (8, 40),
    (10, 35),
    (13, 15),
];
/// Where the shopper is, and what the assistant does there.
const CHANNELS: &Weighted<(&str, &Weighted<InteractionType>)> = &[
    (("web", WRITTEN), 48),
    (("app", WRITTEN), 22),
    (("whatsapp", WRITTEN), 17),
    (("voice", SPOKEN), 13),
];
const WRITTEN: &Weighted<InteractionType> = &[
    (InteractionType::Chat, 66),
    (InteractionType::Search, 16),
    (InteractionType::Recommendation, 13),
    (InteractionType::Custom, 3),
    (InteractionType::Transcription, 2),
];
const SPOKEN: &Weighted<InteractionType> = &[
    (InteractionType::Transcription, 33),
    (InteractionType::Chat, 31),
    (InteractionType::Tts, 30),
    (InteractionType::Recommendation, 6),
];
/// In the order in which the shop took them into use.
const PROMPT_VERSIONS: [&str; 6] = ["3.0", "3.1", "3.2", "4.0", "4.1", "4.2"];

/// A visit that is not over, in the order of its next turn.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    /// When the next turn begins, in microseconds since 1970.
    pub(super) at: i64,
    /// Which visit it is; settles the order of turns that begin together.
    number: u64,
    /// How many turns are to come.
    pub(super) turns_left: u64,
    /// How many turns were.
    pub(super) turns_done: u64,
    pub(super) random: Random,
    pub(super) session: Uuid,
    pub(super) shopper: Option<u64>,
    pub(super) channel: &'static str,
    pub(super) kinds: &'static Weighted<InteractionType>,
    pub(super) locale: &'static Locale,
    pub(super) prompt_version: &'static str,
    pub(super) topic: Topic,
    /// Which article, size and order the talk is about.
    pub(super) choice: u64,
    pub(super) device: &'static str,
    /// The turn before.
    pub(super) previous: Option<Uuid>,
}

impl Visit {
    /// How long the visit number `number` is going to be, in turns.
    pub(super) fn length(random: &mut Random) -> u64 {
        *random.pick(LENGTHS)
    }

    /// A visit that begins at `at`, when `progress` (0 to 999) thousandths of the time are over.
    pub(super) fn new(
        number: u64,
        at: i64,
        turns: u64,
        users: u64,
        progress: u64,
        mut random: Random,
    ) -> Self {
        let (channel, kinds) = *random.pick(CHANNELS);
        // The smaller of two draws: some shoppers come often, many hardly ever.
        let regular = random.below(users).min(random.below(users));
        let newest = (progress * PROMPT_VERSIONS.len() as u64 / 1000) as usize;
        let version = newest.saturating_sub(usize::from(random.chance(220)));
        Self {
            at,
            number,
            turns_left: turns,
            turns_done: 0,
            session: Builder::from_random_bytes(random.bytes()).into_uuid(),
            shopper: (users > 0 && random.chance(750)).then_some(regular),
            channel,
            kinds,
            locale: random.pick(LOCALES),
            prompt_version: PROMPT_VERSIONS[version.min(PROMPT_VERSIONS.len() - 1)],
            topic: *random.one(&Topic::ASKED),
            choice: random.next(),
            device: *random.pick(&[("phone", 64), ("desktop", 28), ("tablet", 8)]),
            previous: None,
            random,
        }
    }
}

/// Greatest is who comes first, as the standard heap gives out the greatest.
impl Ord for Visit {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.number).cmp(&(self.at, self.number))
    }
}

impl PartialOrd for Visit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Visit {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Visit {}
