//! Under which rules a turn is credited with an event.

use crate::interactions::names;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long after a turn an event may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub enum Window {
    #[serde(rename = "1h")]
    Hour,
    #[default]
    #[serde(rename = "24h")]
    Day,
    #[serde(rename = "7d")]
    Week,
}

/// Which of the turns that qualify is credited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Touch {
    /// The earliest within the window.
    First,
    /// The latest.
    #[default]
    Last,
}

names!(Window { Hour = "1h", Day = "24h", Week = "7d" });
names!(Touch { First = "first", Last = "last" });

impl Window {
    /// Events come less than this after their turn.
    pub fn length(self) -> SignedDuration {
        SignedDuration::from_hours(match self {
            Self::Hour => 1,
            Self::Day => 24,
            Self::Week => 7 * 24,
        })
    }
}

/// The rules (touch and window) under which one turn is credited with one event, a bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Credit(pub u8);

impl Credit {
    /// How many rules there are.
    pub const RULES: usize = 6;

    /// The place of a rule: first touch within 1 h, 24 h, 7 d, then last touch.
    pub fn place(touch: Touch, window: Window) -> usize {
        touch as usize * 3 + window as usize
    }

    /// The turn is credited under this rule, too.
    pub fn give(&mut self, touch: Touch, window: Window) {
        self.0 |= 1 << Self::place(touch, window);
    }

    /// Whether the turn is credited under the rule at this place.
    pub fn has(self, place: usize) -> bool {
        self.0 & (1 << place) != 0
    }

    /// What is left when others have `claimed` some rules.
    #[must_use]
    pub fn without(self, claimed: Self) -> Self {
        Self(self.0 & !claimed.0)
    }

    /// Whether it is credited under no rule at all.
    pub fn is_none(self) -> bool {
        self.0 == 0
    }
}
