//! Records for the tests. A test names what it is about; the rest is plain.

use domain::events::{Event, EventType};
use domain::feedback::{
    Category, Feedback, Review, ReviewState, Sentiment, SentimentLabel, SentimentSource, Source, Thumb,
};
use domain::interactions::{Interaction, InteractionType, Status};
use domain::page::{PageRequest, Positioned};
use jiff::{SignedDuration, Timestamp};
use store::{CreateOutcome, FeedbackCreated, Store};
use uuid::Uuid;

/// The id with this number.
pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A time on 2 November 2026, `"10:00:00"`, or any in full.
pub(crate) fn at(text: &str) -> Timestamp {
    let full = if text.contains('T') {
        text.to_owned()
    } else {
        format!("2026-11-02T{text}Z")
    };
    full.parse().unwrap()
}

/// A time `micros` microseconds later.
pub(crate) fn later(time: Timestamp, micros: i64) -> Timestamp {
    time + SignedDuration::from_micros(micros)
}

/// A pending chat in session `s` at 10:00, of which nothing else is known.
pub(crate) fn turn(number: u128) -> Interaction {
    Interaction {
        id: id(number),
        kind: InteractionType::Chat,
        session_id: "s".into(),
        user_id: None,
        parent_id: None,
        trace_id: None,
        channel: None,
        locale: None,
        provider: None,
        model: None,
        model_version: None,
        deployment: None,
        prompt_name: None,
        prompt_version: None,
        request_text: None,
        response_text: None,
        started_at: at("10:00:00"),
        completed_at: None,
        duration_ms: None,
        time_to_first_token_ms: None,
        tokens_input: None,
        tokens_output: None,
        tokens_cached: None,
        audio_seconds: None,
        characters: None,
        images: None,
        cost_micros: None,
        priced: false,
        status: Status::Pending,
        error_type: None,
        error_message: None,
        product_ids: Vec::new(),
        context: None,
        metadata: None,
        rating: None,
        feedback_count: 0,
        created_at: at("12:00:00"),
        updated_at: at("12:00:00"),
        version: 1,
        repricings: 0,
        supplied_hash: [number as u8; 32],
    }
}

/// Thumbs up on the turn `on`, at 13:00, with nothing else.
pub(crate) fn opinion(number: u128, on: u128) -> Feedback {
    Feedback {
        id: id(number),
        interaction_id: id(on),
        rating: None,
        thumb: Some(Thumb::Up),
        comment: None,
        category: None,
        tags: Vec::new(),
        user_id: None,
        source: Source::Shopper,
        sentiment: None,
        review: Review {
            state: ReviewState::New,
            notes: None,
            reviewer: None,
            at: None,
        },
        created_at: at("13:00:00"),
        updated_at: at("13:00:00"),
        version: 1,
        supplied_hash: [number as u8; 32],
        phrases: Vec::new(),
        refine_at: None,
    }
}

/// A tone that VADER found.
pub(crate) fn tone(score: f64) -> Sentiment {
    Sentiment {
        score: Some(score),
        label: SentimentLabel::of(score),
        language: Some("en".into()),
        words: Vec::new(),
        aspects: None,
        source: SentimentSource::Vader,
    }
}

/// A click in session `s` at 10:30, of which nothing else is known.
pub(crate) fn event(number: u128) -> Event {
    Event {
        id: id(number),
        kind: EventType::Click,
        occurred_at: at("10:30:00"),
        received_at: at("10:31:00"),
        skewed: false,
        session_id: "s".into(),
        user_id: None,
        page: None,
        product_id: None,
        order_id: None,
        value_micros: None,
        currency: None,
        interaction_id: None,
        properties: None,
        ip_hash: None,
        key_id: id(1),
        supplied_hash: [number as u8; 32],
    }
}

/// Declares a method per field that sets it.
macro_rules! setters {
    ($build:ident for $record:ty { $($name:ident($value:ident: $kind:ty): $field:ident = $made:expr),+ $(,)? }) => {
        pub(crate) trait $build: Sized {
            $(fn $name(self, $value: $kind) -> Self;)+
        }
        impl $build for $record {
            $(fn $name(mut self, $value: $kind) -> Self {
                self.$field = $made;
                self
            })+
        }
    };
}

setters!(BuildTurn for Interaction {
    at(text: &str): started_at = at(text),
    moment(time: Timestamp): started_at = time,
    done_at(text: &str): completed_at = Some(at(text)),
    kind(kind: InteractionType): kind = kind,
    status(status: Status): status = status,
    session(text: &str): session_id = text.to_owned(),
    user(text: &str): user_id = Some(text.to_owned()),
    channel(text: &str): channel = Some(text.to_owned()),
    locale(text: &str): locale = Some(text.to_owned()),
    provider(text: &str): provider = Some(text.to_owned()),
    model(text: &str): model = Some(text.to_owned()),
    took(millis: f64): duration_ms = Some(millis),
    tokens_in(count: u64): tokens_input = Some(count),
    cost(micros: u64): cost_micros = Some(micros),
    prompt(text: &str): prompt_version = Some(text.to_owned()),
    shows(products: &[&str]): product_ids = products.iter().map(|name| (*name).to_owned()).collect(),
    asks(text: &str): request_text = Some(text.to_owned()),
    supplied(byte: u8): supplied_hash = [byte; 32],
});

setters!(BuildEvent for Event {
    at(text: &str): occurred_at = at(text),
    moment(time: Timestamp): occurred_at = time,
    kind(kind: EventType): kind = kind,
    session(text: &str): session_id = text.to_owned(),
    user(text: &str): user_id = Some(text.to_owned()),
    product(text: &str): product_id = Some(text.to_owned()),
    order(text: &str): order_id = Some(text.to_owned()),
    of_turn(number: u128): interaction_id = Some(id(number)),
    supplied(byte: u8): supplied_hash = [byte; 32],
});

pub(crate) trait Worth {
    /// The event with this value.
    fn value(self, micros: u64, currency: &str) -> Self;
}

impl Worth for Event {
    fn value(self, micros: u64, currency: &str) -> Self {
        Self {
            value_micros: Some(micros),
            currency: Some(currency.to_owned()),
            ..self
        }
    }
}

setters!(BuildFeedback for Feedback {
    at(text: &str): created_at = at(text),
    moment(time: Timestamp): created_at = time,
    rating(rating: u8): rating = Some(rating),
    said(text: &str): comment = Some(text.to_owned()),
    category(category: Category): category = Some(category),
    source(source: Source): source = source,
    toned(score: f64): sentiment = Some(tone(score)),
    due(text: &str): refine_at = Some(at(text)),
    tagged(tags: &[&str]): tags = tags.iter().map(|tag| (*tag).to_owned()).collect(),
    about(phrases: &[&str]): phrases = phrases.iter().map(|phrase| (*phrase).to_owned()).collect(),
    user(text: &str): user_id = Some(text.to_owned()),
    supplied(byte: u8): supplied_hash = [byte; 32],
});

/// The numbers of the ids of turns or feedback.
pub(crate) fn numbers<T: Positioned<Key = Uuid>>(records: &[T]) -> Vec<u128> {
    records
        .iter()
        .map(|record| record.position().key.as_u128())
        .collect()
}

/// Stores new turns in one batch.
pub(crate) async fn put(store: &dyn Store, turns: impl IntoIterator<Item = Interaction>) {
    let turns: Vec<_> = turns.into_iter().collect();
    let created = vec![CreateOutcome::Created; turns.len()];
    assert_eq!(store.create_interactions(turns).await.unwrap(), created);
}

/// Stores new feedback on turns that exist.
pub(crate) async fn say(store: &dyn Store, opinions: impl IntoIterator<Item = Feedback>) {
    for opinion in opinions {
        assert_eq!(
            store.create_feedback(opinion).await.unwrap(),
            FeedbackCreated::Created
        );
    }
}

/// The turn with this number, which must be there.
pub(crate) async fn get(store: &dyn Store, number: u128) -> Interaction {
    store.get_interaction(id(number)).await.unwrap().unwrap()
}

/// Walks a list from its first page to its last, and checks that each page says rightly whether more follow.
pub(crate) async fn walk<T: Positioned<Key: PartialEq>>(
    limit: usize,
    list: impl AsyncFn(PageRequest<T::Key>) -> Vec<T>,
) -> Vec<T> {
    let mut whole: Vec<T> = Vec::new();
    loop {
        let after = whole.last().map(Positioned::position);
        let mut page = list(PageRequest { limit, after }).await;
        assert!(page.len() <= limit + 1, "a page of {limit} gave {}", page.len());
        let again = page.first().map(Positioned::position);
        // Would go on forever.
        assert!(
            again.is_none() || again != whole.last().map(Positioned::position),
            "a page repeats the last entry"
        );
        let more = page.len() > limit;
        page.truncate(limit);
        whole.extend(page);
        if !more {
            return whole;
        }
    }
}

/// A source of numbers that gives the same ones again for the same seed.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `most` (splitmix64).
    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }

    /// One of these.
    pub(crate) fn of<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.below(values.len() as u64) as usize].clone()
    }

    /// One of these, or, as often as each of them, none.
    pub(crate) fn maybe<T: Clone>(&mut self, values: &[T]) -> Option<T> {
        values.get(self.below(values.len() as u64 + 1) as usize).cloned()
    }
}
