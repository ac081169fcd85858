//! How a turn ends.

use super::failures::FAILURES;
use super::models::{Model, Usage};
use super::random::Random;
use super::turn::{Made, Went};
use crate::interactions::NewInteraction;
use crate::time::from_micros;

/// Completes the turn.
pub(super) fn complete(random: &mut Random, model: &Model, usage: &Usage, made: &mut Made) {
    // No answer begins sooner than the way to the provider takes.
    let first_token = model.first_token_ms * 250 + random.spread(model.first_token_ms * 750);
    let speech = usage.audio_millis * 40;
    let rest = random.spread(usage.output * model.token_micros + speech + 30_000);
    let turn = &mut made.turn;
    made.done_at = made.at + (first_token + rest) as i64;
    turn.completed_at = Some(from_micros(made.done_at));
    turn.time_to_first_token_ms =
        (usage.output > 0 && random.chance(960)).then(|| (first_token / 100) as f64 / 10.0);
    turn.tokens_input = (usage.input > 0).then_some(usage.input);
    turn.tokens_output = (usage.input > 0).then_some(usage.output);
    turn.tokens_cached = (usage.cached > 0).then_some(usage.cached);
    turn.audio_seconds = (usage.audio_millis > 0).then(|| (usage.audio_millis / 100) as f64 / 10.0);
    turn.characters = (usage.characters > 0).then_some(usage.characters);
    turn.cost_micros = model.price.of(usage).filter(|_| random.chance(980));
}

/// Fails the turn.
pub(super) fn fail(random: &mut Random, made: &mut Made) {
    let failure = random.pick(FAILURES);
    let turn = &mut made.turn;
    let took = match failure.after_ms {
        30_000 => 30_000_000,
        millis => random.spread(millis * 1000),
    };
    made.done_at = made.at + took as i64;
    turn.completed_at = Some(from_micros(made.done_at));
    turn.error_type = Some(failure.name.to_owned());
    turn.error_message = Some(failure.message.to_owned());
    turn.response_text = None;
    turn.product_ids = None;
}

/// Takes back what is not known before the turn is over.
pub(super) fn leave_open(made: &mut Made) {
    made.went = Went::On;
    made.turn = NewInteraction {
        completed_at: None,
        time_to_first_token_ms: None,
        tokens_input: None,
        tokens_output: None,
        tokens_cached: None,
        audio_seconds: None,
        characters: None,
        cost_micros: None,
        error_type: None,
        error_message: None,
        response_text: None,
        product_ids: None,
        ..std::mem::take(&mut made.turn)
    };
}
