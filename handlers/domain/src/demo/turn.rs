//! One turn of a visit.

use super::models::{Model, models_for};
use super::outcome;
use super::random::Random;
use super::talk;
use super::visit::Visit;
use crate::interactions::{InteractionType, NewInteraction};
use crate::time::from_micros;
use uuid::{Builder, Uuid};

/// Only turns that began in the last hour can be open: older ones the assistant would have completed or failed.
const HOUR: i64 = 3_600_000_000;

/// A turn, how it went, and when it was over.
pub(super) struct Made {
    pub(super) turn: NewInteraction,
    pub(super) at: i64,
    pub(super) done_at: i64,
    pub(super) went: Went,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Went {
    Well,
    Wrong,
    /// It is not over yet.
    On,
}

/// Makes the next turn and moves the visit on, so that all that are left fit in before `end`.
pub(super) fn next(visit: &mut Visit, end: i64, last_of_all: bool) -> Made {
    let at = visit.at;
    visit.turns_left -= 1;
    let kind = *visit.random.pick(visit.kinds);
    let model = *visit.random.pick(models_for(kind));
    let mut made = Made {
        turn: begun(visit, kind, model),
        at,
        done_at: at,
        went: if visit.random.chance(model.failures) {
            Went::Wrong
        } else {
            Went::Well
        },
    };
    let usage = talk::said(visit, kind, &mut made.turn);
    match made.went {
        Went::Wrong => outcome::fail(&mut visit.random, &mut made),
        Went::Well | Went::On => outcome::complete(&mut visit.random, model, &usage, &mut made),
    }
    let open = last_of_all || visit.random.chance(60);
    if made.done_at >= end || (open && at >= end - HOUR) {
        outcome::leave_open(&mut made);
    }
    visit.previous = made.turn.id;
    visit.turns_done += 1;
    visit.at = after(visit, made.done_at, end);
    made
}

/// When the shopper speaks again.
fn after(visit: &mut Visit, done_at: i64, end: i64) -> i64 {
    let thinks = visit.random.spread(28_000_000) as i64;
    let room = (end - visit.at) / (visit.turns_left as i64 + 1);
    (done_at + thinks).min(visit.at + room)
}

/// What is known when a turn begins.
fn begun(visit: &mut Visit, kind: InteractionType, model: &Model) -> NewInteraction {
    let random = &mut visit.random;
    let prompt = match kind {
        InteractionType::Chat => Some("boutique-assistant"),
        InteractionType::Recommendation => Some("stylist"),
        InteractionType::Custom => Some("gift-card"),
        _ => None,
    };
    // Speech, and what the assistant looks up for an answer, are steps of the turn before.
    let step = match kind {
        InteractionType::Tts => true,
        InteractionType::Search | InteractionType::Recommendation => random.chance(250),
        _ => false,
    };
    NewInteraction {
        id: Some(id_at(visit.at, random)),
        kind: Some(kind),
        session_id: Some(visit.session.to_string()),
        user_id: visit.shopper.map(|shopper| format!("shopper-{shopper:05}")),
        parent_id: visit.previous.filter(|_| step),
        trace_id: random
            .chance(350)
            .then(|| Uuid::from_bytes(random.bytes()).simple().to_string()),
        channel: Some(visit.channel.to_owned()),
        locale: Some(visit.locale.tag.to_owned()),
        provider: Some(model.provider.to_owned()),
        model: Some(model.name.to_owned()),
        model_version: Some(model.version.to_owned()),
        deployment: Some(model.deployment.to_owned()),
        prompt_name: prompt.map(str::to_owned),
        prompt_version: prompt.map(|_| visit.prompt_version.to_owned()),
        started_at: Some(from_micros(visit.at)),
        ..NewInteraction::default()
    }
}

/// A UUID of version 7: the time in milliseconds, then random bits.
pub(super) fn id_at(micros: i64, random: &mut Random) -> Uuid {
    let millis = u64::try_from(micros / 1000).unwrap_or_default();
    let bytes = random.bytes();
    let mut tail = [0; 10];
    tail.copy_from_slice(&bytes[..10]);
    Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
}
