//! All turns of all visits, in the order of time.

use super::random::Random;
use super::traffic::Traffic;
use super::visit::Visit;
use super::{Demo, DemoTurn, browsing, opinions, turn};
use std::collections::BinaryHeap;

/// Where in its share of the turns a visit begins is drawn in so many steps.
const STEPS: u64 = 1024;

/// The turns of a [`Demo`], by `started_at`.
#[derive(Debug, Clone)]
pub struct Turns {
    seed: u64,
    users: u64,
    interactions: u64,
    start: i64,
    end: i64,
    traffic: Traffic,
    /// Visits begun or about to, by their next turn; small, as visits are short.
    open: BinaryHeap<Visit>,
    /// The visit that begins next.
    coming: Option<Visit>,
    /// How many visits were planned.
    visits: u64,
    /// How many turns the planned visits have.
    planned: u64,
    given: u64,
}

impl Turns {
    pub(super) fn new(demo: &Demo) -> Self {
        let end = demo.end.as_microsecond();
        let days = i64::from(demo.days.max(1));
        let start = end - days * 86_400_000_000;
        let mut turns = Self {
            seed: demo.seed,
            users: u64::from(demo.users),
            interactions: demo.interactions,
            start,
            end,
            traffic: Traffic::new(demo.seed, start, days),
            open: BinaryHeap::new(),
            coming: None,
            visits: 0,
            planned: 0,
            given: 0,
        };
        turns.coming = turns.plan();
        turns
    }

    /// The next visit. It begins when the share of turns that were planned before it has passed.
    fn plan(&mut self) -> Option<Visit> {
        let left = self.interactions - self.planned;
        if left == 0 {
            return None;
        }
        let mut random = Random::stream(self.seed, self.visits);
        let length = Visit::length(&mut random).min(left);
        let part = self.planned * STEPS + random.below(length * STEPS);
        let at = self.traffic.at(part, self.interactions * STEPS);
        let progress = ((at - self.start) / ((self.end - self.start) / 1000)) as u64;
        let visit = Visit::new(self.visits, at, length, self.users, progress, random);
        self.visits += 1;
        self.planned += length;
        Some(visit)
    }
}

impl Iterator for Turns {
    type Item = DemoTurn;

    fn next(&mut self) -> Option<DemoTurn> {
        while let Some(coming) = self
            .coming
            .take_if(|coming| self.open.peek().is_none_or(|first| *coming > *first))
        {
            self.open.push(coming);
            self.coming = self.plan();
        }
        let mut visit = self.open.pop()?;
        self.given += 1;
        let made = turn::next(&mut visit, self.end, self.given == self.interactions);
        let done_at = made.done_at;
        let mut turn = opinions::with_feedback(made, &mut visit, self.end);
        // Drawn from numbers of its own: more or fewer events do not change the turns.
        let random = Random::stream(!self.seed, self.given);
        let leaves = visit.turns_left == 0;
        turn.events = browsing::around(&turn.interaction, done_at, leaves, self.end, random);
        if visit.turns_left > 0 {
            self.open.push(visit);
        }
        Some(turn)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.interactions - self.given).unwrap_or(usize::MAX);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Turns {}
