//! What is said of a price that is to be set.

use super::{DeploymentModel, ModelPrice, Unit, provider_name};
use crate::fault::Faults;
use crate::time::truncated;
use crate::validate::{Check, NAME};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Largest price: a million dollars, in micro-dollars.
const PRICE: u64 = 1_000_000_000_000;
/// Most units of a price.
const COUNT: u64 = 1_000_000_000;
/// Longest `source`, in bytes.
const SOURCE: usize = 512;
/// Prices hold within these years; other times are clocks that were never set.
const YEARS: std::ops::Range<i16> = 2000..2100;

/// A price as it is sent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewPrice {
    /// Who runs the model, 1 to 128 characters; spellings of one provider are one.
    #[schema(required = true, nullable = false)]
    pub provider: Option<String>,
    /// The model's name, 1 to 128 characters, or a pattern in which `*` stands for any text.
    #[schema(required = true, nullable = false)]
    pub model: Option<String>,
    /// What is paid for.
    #[schema(required = true, nullable = false)]
    pub unit: Option<Unit>,
    /// The price of `unit_count` units, in millionths of a US dollar; at most a million dollars. 0 is a price, too: what
    /// is not billed.
    #[schema(required = true, nullable = false)]
    pub price_micros: Option<u64>,
    /// How many units the price is for, 1 to 1,000,000,000; default a million tokens or characters, one minute or image.
    pub unit_count: Option<u64>,
    /// From when on turns cost this; default now. May be past or future, but must be after the start of the newest price
    /// of the same provider, model and unit.
    pub effective_from: Option<Timestamp>,
    /// Where the price is from, at most 512 bytes.
    pub source: Option<String>,
}

impl NewPrice {
    /// Checks every field.
    pub fn validate(&self) -> Result<(), Faults> {
        let mut check = Check::default();
        check.required("provider", &self.provider);
        check.name("provider", self.provider.as_deref(), NAME);
        check.required("model", &self.model);
        check.name("model", self.model.as_deref(), NAME);
        check.required("unit", &self.unit);
        check.required("price_micros", &self.price_micros);
        check.count("price_micros", self.price_micros, PRICE);
        if let Some(count) = self.unit_count
            && !(1..=COUNT).contains(&count)
        {
            check.invalid("unit_count", format!("takes 1 to {COUNT}, not {count}"));
        }
        let year = self
            .effective_from
            .map(|from| from.to_zoned(TimeZone::UTC).year());
        if year.is_some_and(|year| !YEARS.contains(&year)) {
            check.invalid("effective_from", format!("takes a time of the years {YEARS:?}"));
        }
        check.text("source", self.source.as_deref(), SOURCE);
        check.done()
    }

    /// The row of this valid price.
    pub fn into_price(self, id: Uuid, set_by: &str, now: Timestamp) -> ModelPrice {
        let unit = self.unit.unwrap_or(Unit::InputToken);
        ModelPrice {
            id,
            provider: provider_name(&self.provider.unwrap_or_default()),
            model: self.model.unwrap_or_default(),
            unit,
            price_micros: self.price_micros.unwrap_or_default(),
            unit_count: self.unit_count.unwrap_or_else(|| unit.usual_count()),
            effective_from: truncated(self.effective_from.unwrap_or(now)),
            effective_to: None,
            source: self.source,
            set_by: set_by.to_owned(),
            set_at: truncated(now),
        }
    }
}

/// Which model a deployment runs, as it is said.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDeployment {
    /// The deployment's name.
    pub deployment: String,
    /// Who runs the model.
    pub provider: String,
    /// The model's name.
    pub model: String,
}

impl NewDeployment {
    /// Checks every field.
    pub fn validate(&self) -> Result<(), Faults> {
        let mut check = Check::default();
        check.name("deployment", Some(&self.deployment), NAME);
        check.name("provider", Some(&self.provider), NAME);
        check.name("model", Some(&self.model), NAME);
        check.done()
    }

    /// The row of this valid deployment.
    pub fn into_deployment(self, set_by: &str, now: Timestamp) -> DeploymentModel {
        DeploymentModel {
            deployment: self.deployment,
            provider: provider_name(&self.provider),
            model: self.model,
            set_by: set_by.to_owned(),
            set_at: truncated(now),
        }
    }
}
