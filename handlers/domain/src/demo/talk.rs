//! What is said in a turn, about which article.

use super::catalogue::{DRESS_SIZES, DRESSES, Product, SHOE_SIZES, SHOES};
use super::models::Usage;
use super::random::Random;
use super::texts::{Slots, Topic};
use super::visit::Visit;
use crate::interactions::{InteractionType, NewInteraction};
use serde_json::{Map, Value};

/// Fills in both sides of the talk, and says what that took.
pub(super) fn said(visit: &mut Visit, kind: InteractionType, turn: &mut NewInteraction) -> Usage {
    let random = &mut visit.random;
    if random.chance(300) {
        visit.topic = *random.one(&Topic::ASKED);
        visit.choice = random.next();
    }
    let topic = match kind {
        InteractionType::Recommendation => Topic::Styling,
        InteractionType::Custom => Topic::Gift,
        _ => visit.topic,
    };
    let (shelf, sizes) = match topic {
        Topic::Shoes => (SHOES, SHOE_SIZES),
        _ => (DRESSES, DRESS_SIZES),
    };
    let product = chosen(shelf, visit.choice);
    let others = if topic == Topic::Styling { SHOES } else { shelf };
    let step = 1 + random.below(others.len() as u64 - 1);
    let other = chosen(others, visit.choice % shelf.len() as u64 + step);
    let size = *chosen(sizes, visit.choice >> 16);
    let days = *random.one(&["2", "3", "4", "5"]);
    let slots = Slots {
        product: product.name,
        other: other.name,
        size,
        days,
        order: format!("B-{}", 410_000 + (visit.choice >> 32) % 80_000),
    };
    let language = visit.locale.language;
    let talk = language.talk(topic);
    let number = random.below(talk.asked.len() as u64) as usize;
    let asked = talk.asked[number];
    let mut usage = Usage::default();
    match kind {
        InteractionType::Transcription => {
            let heard = slots.fill(asked);
            usage.audio_millis = heard.chars().count() as u64 * 70 + random.between(400, 2_600);
            usage.output = tokens(&heard);
            turn.response_text = Some(heard);
        }
        InteractionType::Tts => {
            let spoken = slots.answer(language, topic, number, random);
            usage.characters = spoken.chars().count() as u64;
            usage.audio_millis = usage.characters * 68;
            turn.request_text = Some(spoken);
        }
        InteractionType::Search => {
            let query = *random.one(language.searches);
            let query = slots.fill(query);
            usage.input = 140 + tokens(&query);
            usage.output = random.between(12, 60);
            turn.request_text = Some(query);
            turn.product_ids = Some(shown(random, shelf, 6));
        }
        InteractionType::Chat | InteractionType::Recommendation | InteractionType::Custom => {
            let answer = slots.answer(language, topic, number, random);
            let question = slots.fill(asked);
            usage.output = tokens(&answer);
            usage.input = 620 + visit.turns_done * 180 + tokens(&question) + random.below(240);
            // Providers cache the beginning of a prompt in blocks of 128 tokens.
            usage.cached = if visit.turns_done > 0 && random.chance(700) {
                (usage.input - 200) / 128 * 128
            } else {
                0
            };
            turn.images = random.chance(15).then_some(1);
            turn.request_text = Some(question);
            turn.response_text = Some(answer);
            let mut products = vec![product.id.to_owned()];
            if topic == Topic::Styling {
                products.push(other.id.to_owned());
            }
            turn.product_ids = Some(products);
        }
    }
    surroundings(visit, product, turn);
    usage
}

/// What the shopper is after: the same until the topic changes.
fn chosen<T>(values: &[T], choice: u64) -> &T {
    &values[(choice % values.len() as u64) as usize]
}

/// Context and metadata.
fn surroundings(visit: &mut Visit, product: &Product, turn: &mut NewInteraction) {
    let random = &mut visit.random;
    turn.context = Some(Map::from_iter([
        ("basket_items".to_owned(), Value::from(random.below(4))),
        ("page".to_owned(), Value::from(product.page)),
        ("returning".to_owned(), Value::from(visit.shopper.is_some())),
    ]));
    turn.metadata = Some(Map::from_iter([
        ("app_version".to_owned(), Value::from("5.14.2")),
        ("device".to_owned(), Value::from(visit.device)),
        ("turn".to_owned(), Value::from(visit.turns_done + 1)),
    ]));
}

/// Up to `most` different articles of a shelf.
fn shown(random: &mut Random, shelf: &[Product], most: u64) -> Vec<String> {
    let first = random.below(shelf.len() as u64);
    (first..=first + random.below(most))
        .map(|index| shelf[index as usize % shelf.len()].id.to_owned())
        .collect()
}

/// About four bytes of text make a token.
fn tokens(text: &str) -> u64 {
    text.len() as u64 / 4 + 1
}
