//! Prices of models, and what a turn costs by them. No floating point number touches money.

mod book;
mod cost;
mod history;
mod new;
mod pattern;
mod provider;
pub mod shipped;
#[cfg(test)]
mod tests;
mod usage;

pub use book::PriceBook;
pub use history::{CostChange, PricedTurn};
pub use new::{NewDeployment, NewPrice};
pub use provider::provider_name;
pub use usage::Usage;

use crate::cursor::Position;
use crate::interactions::names;
use crate::page::Positioned;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Who set the prices that come with the program.
pub const SHIPPED: &str = "shipped";

/// What is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A token sent to the model (`tokens_input`).
    InputToken,
    /// A token sent that the provider had in its cache (`tokens_cached`). Without a price of its own it costs what any
    /// input token costs.
    CachedInputToken,
    /// A token that the model gave (`tokens_output`).
    OutputToken,
    /// A minute of audio heard or made (`audio_seconds`).
    AudioMinute,
    /// A character read or spoken (`characters`).
    Character,
    /// An image read or made (`images`).
    Image,
}

names!(Unit {
    InputToken = "input_token",
    CachedInputToken = "cached_input_token",
    OutputToken = "output_token",
    AudioMinute = "audio_minute",
    Character = "character",
    Image = "image",
});

impl Unit {
    /// For how many units prices are quoted where nobody says: a million tokens or characters, one minute or image.
    pub fn usual_count(self) -> u64 {
        match self {
            Self::InputToken | Self::CachedInputToken | Self::OutputToken | Self::Character => 1_000_000,
            Self::AudioMinute | Self::Image => 1,
        }
    }
}

/// What a unit of a model costs for a time. Rows of the same provider, model and unit follow each other without overlap:
/// a new price ends the one before it, and nothing else of a row ever changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModelPrice {
    /// Identifies the row.
    pub id: Uuid,
    /// Who runs the model, in the one spelling for it: `azure_openai`.
    pub provider: String,
    /// The model's name, or a pattern in which `*` stands for any text. A name wins over patterns, a longer pattern over a
    /// shorter one.
    pub model: String,
    /// What is paid for.
    pub unit: Unit,
    /// The price of `unit_count` units, in millionths of a US dollar.
    pub price_micros: u64,
    /// How many units the price is for.
    pub unit_count: u64,
    /// Turns that start from here on cost this.
    pub effective_from: Timestamp,
    /// Turns that start from here on cost it no more; null: it still holds.
    pub effective_to: Option<Timestamp>,
    /// Where the price is from: a page, a contract.
    pub source: Option<String>,
    /// `shipped`, `cli`, or `key:` and the id of the API key that set it.
    pub set_by: String,
    /// When it was set.
    pub set_at: Timestamp,
}

impl ModelPrice {
    /// Whether a turn that starts at `at` costs this.
    pub fn holds_at(&self, at: Timestamp) -> bool {
        self.effective_from <= at && self.effective_to.is_none_or(|to| at < to)
    }
}

impl Positioned for ModelPrice {
    type Key = Uuid;
    fn position(&self) -> Position {
        Position {
            at: self.effective_from,
            key: self.id,
        }
    }
}

/// Which model a deployment runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeploymentModel {
    /// The deployment's name, as turns give it.
    pub deployment: String,
    /// Who runs the model, in the one spelling for it: `azure_openai`.
    pub provider: String,
    /// The model's name.
    pub model: String,
    /// `cli`, or `key:` and the id of the API key that set it.
    pub set_by: String,
    /// When it was set.
    pub set_at: Timestamp,
}

/// All that a [`PriceBook`] is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PriceTable {
    /// Every price there is or was.
    pub prices: Vec<ModelPrice>,
    /// Every deployment whose model is known.
    pub deployments: Vec<DeploymentModel>,
}

/// Which prices a list shows; all that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PriceFilter {
    /// Who runs the model, in the one spelling for it: `azure_openai`.
    pub provider: Option<String>,
    /// The model's name or pattern, letter for letter.
    pub model: Option<String>,
    /// Only what a turn that starts then costs; none: every price there is or was.
    pub at: Option<Timestamp>,
}
