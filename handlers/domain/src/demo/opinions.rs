//! What is said of a turn.

use super::DemoTurn;
use super::random::{Random, Weighted};
use super::texts::Language;
use super::turn::{Made, Went, id_at};
use super::visit::Visit;
use crate::feedback::{Category, NewFeedback, Source, Thumb};
use crate::time::from_micros;

const RATINGS_WELL: &Weighted<u8> = &[(5, 46), (4, 30), (3, 13), (2, 6), (1, 5)];
const RATINGS_WRONG: &Weighted<u8> = &[(1, 55), (2, 28), (3, 12), (4, 5)];
const CATEGORIES_GOOD: &Weighted<Category> = &[
    (Category::Accuracy, 28),
    (Category::Relevance, 30),
    (Category::Tone, 24),
    (Category::Speed, 14),
    (Category::Other, 4),
];
const CATEGORIES_BAD: &Weighted<Category> = &[
    (Category::Accuracy, 38),
    (Category::Relevance, 28),
    (Category::Speed, 22),
    (Category::Tone, 5),
    (Category::Safety, 2),
    (Category::Other, 5),
];
const TAGS: &[&str] = &["size", "delivery", "stock", "colour", "returns", "style", "price"];
const SOURCES: &Weighted<Source> = &[(Source::Shopper, 92), (Source::Reviewer, 6), (Source::System, 2)];

/// The turn, with feedback where somebody has an opinion. Failures provoke more of them.
pub(super) fn with_feedback(made: Made, visit: &mut Visit, end: i64) -> DemoTurn {
    let random = &mut visit.random;
    let speaks = match made.went {
        Went::Well => random.chance(78),
        Went::Wrong => random.chance(150),
        Went::On => false,
    };
    // Most say it at once, some come back to it later.
    let later = if random.chance(850) {
        12_000_000
    } else {
        5_400_000_000
    };
    let at = made.done_at + random.spread(later) as i64;
    let feedback =
        (speaks && at < end).then(|| opinion(random, visit.locale.language, made.went == Went::Well, at));
    let feedback = feedback.map(|feedback| NewFeedback {
        interaction_id: made.turn.id,
        user_id: made
            .turn
            .user_id
            .clone()
            .filter(|_| feedback.source == Some(Source::Shopper)),
        ..feedback
    });
    DemoTurn {
        feedback_at: from_micros(if feedback.is_some() { at } else { made.at }),
        interaction: made.turn,
        feedback,
        events: Vec::new(),
    }
}

fn opinion(random: &mut Random, language: &Language, well: bool, at: i64) -> NewFeedback {
    let rating = *random.pick(if well { RATINGS_WELL } else { RATINGS_WRONG });
    let source = *random.pick(SOURCES);
    let comments = match rating {
        4..=5 => language.praise,
        3 => language.mixed,
        _ => language.complaints,
    };
    let categories = if rating > 3 {
        CATEGORIES_GOOD
    } else {
        CATEGORIES_BAD
    };
    let comment = (source != Source::System && random.chance(if rating > 3 { 340 } else { 620 }))
        .then(|| (*random.one(comments)).to_owned());
    let thumb = random
        .chance(420)
        .then_some(if rating > 3 { Thumb::Up } else { Thumb::Down });
    let stars = random.chance(740) || (comment.is_none() && thumb.is_none());
    NewFeedback {
        id: Some(id_at(at, random)),
        rating: stars.then_some(rating),
        thumb,
        comment,
        category: random.chance(700).then(|| *random.pick(categories)),
        tags: random.chance(300).then(|| vec![(*random.one(TAGS)).to_owned()]),
        source: Some(source),
        ..NewFeedback::default()
    }
}
