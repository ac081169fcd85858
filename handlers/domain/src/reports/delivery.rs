//! A report on its way to one reader.

use crate::cursor::Position;
use crate::interactions::names;
use crate::page::Positioned;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

/// Rests after the first failed attempt, the second, …; after the last of them nothing more is tried. All in all 44 hours.
const RESTS: [SignedDuration; 7] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(6),
    SignedDuration::from_hours(12),
    SignedDuration::from_hours(24),
];

/// The longest rest that the other side may ask for.
const LONGEST_REST: SignedDuration = SignedDuration::from_hours(24);

/// By what a report travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// An e-mail.
    Mail,
    /// A signed call of an endpoint (Standard Webhooks).
    Webhook,
}

names!(Channel { Mail = "mail", Webhook = "webhook" });

/// How far a delivery got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Not tried yet.
    Queued,
    /// Taken by the other side.
    Sent,
    /// Tried in vain; will be tried again.
    Failed,
    /// Given up.
    Dead,
}

names!(DeliveryState {
    Queued = "queued",
    Sent = "sent",
    Failed = "failed",
    Dead = "dead",
});

impl DeliveryState {
    /// Whether nothing more happens to it.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Sent | Self::Dead)
    }
}

/// A report on its way to one reader.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Delivery {
    /// Its id: that of the webhook message, and of the mail.
    pub id: Uuid,
    /// What is sent.
    pub report_id: Uuid,
    /// By what it travels.
    pub channel: Channel,
    /// To whom, as far as may be shown: the rest stays in the settings.
    pub target: String,
    /// How far it got.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// What the other side answered last: an HTTP status, or the reply code of the mail server.
    pub status: Option<u16>,
    /// Why the last attempt failed.
    pub reason: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it is tried next.
    pub next_at: Option<Timestamp>,
    /// SHA-256 of the whole target, by which it is found in the settings.
    #[serde(skip)]
    pub target_hash: [u8; 32],
    /// Which attempt is under way, or was.
    #[serde(skip)]
    pub held_by: Option<Uuid>,
    /// Until when no other attempt may begin.
    #[serde(skip)]
    pub held_until: Option<Timestamp>,
}

impl Delivery {
    /// A delivery that nobody has tried.
    pub fn new(id: Uuid, report_id: Uuid, channel: Channel, target: Target, now: Timestamp) -> Self {
        Self {
            id,
            report_id,
            channel,
            target: target.shown,
            state: DeliveryState::Queued,
            attempts: 0,
            status: None,
            reason: None,
            created_at: crate::time::truncated(now),
            updated_at: crate::time::truncated(now),
            next_at: Some(crate::time::truncated(now)),
            target_hash: target.hash,
            held_by: None,
            held_until: None,
        }
    }

    /// Whether this attempt is the one that may send it.
    pub fn is_held_by(&self, attempt: Uuid) -> bool {
        !self.state.is_settled() && self.held_by == Some(attempt)
    }
}

impl Positioned for Delivery {
    type Key = Uuid;
    fn position(&self) -> Position {
        Position {
            at: self.created_at,
            key: self.id,
        }
    }
}

/// Where a delivery goes, without saying it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The part that may be shown.
    pub shown: String,
    /// SHA-256 of the whole.
    pub hash: [u8; 32],
}

impl Target {
    /// A target of which `shown` may be shown.
    pub fn new(whole: &str, shown: &str) -> Self {
        Self {
            shown: super::line(shown),
            hash: Sha256::digest(whole).into(),
        }
    }
}

/// What became of one attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempted {
    /// Sent, to be tried again, or given up.
    pub state: DeliveryState,
    /// What the other side answered.
    pub status: Option<u16>,
    /// Why it failed.
    pub reason: Option<String>,
    /// When it ended.
    pub at: Timestamp,
    /// When it is tried next.
    pub next_at: Option<Timestamp>,
}

impl Attempted {
    /// The other side has it.
    pub fn sent(status: Option<u16>, at: Timestamp) -> Self {
        Self {
            state: DeliveryState::Sent,
            status,
            reason: None,
            at: crate::time::truncated(at),
            next_at: None,
        }
    }

    /// It failed at the attempt number `attempts`; it is tried again unless it is `hopeless` or was tried too often.
    pub fn failed(attempts: u32, hopeless: bool, status: Option<u16>, reason: &str, at: Timestamp) -> Self {
        let rest = usize::try_from(attempts)
            .ok()
            .and_then(|made| made.checked_sub(1));
        let rest = rest.and_then(|made| RESTS.get(made)).filter(|_| !hopeless);
        let next_at = rest.and_then(|rest| at.checked_add(*rest).ok());
        Self {
            state: if next_at.is_some() {
                DeliveryState::Failed
            } else {
                DeliveryState::Dead
            },
            status,
            reason: Some(super::line(reason)),
            at: crate::time::truncated(at),
            next_at: next_at.map(crate::time::truncated),
        }
    }

    /// Not tried again before `rest` has passed, which the other side asks for, within reason: a day at most.
    #[must_use]
    pub fn after_rest(self, rest: SignedDuration) -> Self {
        let rest = rest.clamp(SignedDuration::ZERO, LONGEST_REST);
        let asked = self.at.saturating_add(rest).unwrap_or(self.at);
        Self {
            next_at: self.next_at.map(|next| next.max(asked)),
            ..self
        }
    }
}

/// The filters of a list of deliveries; all that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DeliveryFilter {
    /// Deliveries of this report.
    pub report_id: Option<Uuid>,
    /// How far they got.
    pub state: Option<DeliveryState>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rests_grow_and_end() {
        let now = Timestamp::UNIX_EPOCH;
        let rests: Vec<_> = (1..=8)
            .map(|made| Attempted::failed(made, false, None, "no", now))
            .map(|attempted| (attempted.state, attempted.next_at.map(|at| at.as_second() / 60)))
            .collect();
        let minutes = [1, 5, 30, 120, 360, 720, 1440];
        let mut expected: Vec<_> = minutes.map(|rest| (DeliveryState::Failed, Some(rest))).into();
        expected.push((DeliveryState::Dead, None));
        assert_eq!(rests, expected);
        let busy = |rest| Attempted::failed(1, false, Some(503), "busy", now).after_rest(rest);
        for (asked, rest) in [(-5, 60), (0, 60), (59, 60), (3600, 3600), (i64::MAX, 24 * 3600)] {
            let next = busy(SignedDuration::from_secs(asked)).next_at.unwrap();
            assert_eq!(next.as_second(), rest, "{asked} s");
        }
        let hopeless = Attempted::failed(1, true, Some(410), "gone", now);
        assert_eq!((hopeless.state, hopeless.next_at), (DeliveryState::Dead, None));
        assert_eq!(
            hopeless.clone().after_rest(SignedDuration::from_secs(9)),
            hopeless
        );
    }
}
