//! All prices, ready to be looked up.

use super::cost::{Rate, Sum};
use super::pattern::{is_pattern, matches, weight};
use super::usage::Used;
use super::{DeploymentModel, ModelPrice, PriceTable, Unit, Usage, provider_name};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Every price there is or was. It never changes; a new one takes its place.
#[derive(Debug, Default)]
pub struct PriceBook {
    providers: HashMap<String, Models>,
    deployments: HashMap<String, (String, String)>,
}

/// The prices of one provider.
#[derive(Debug, Default)]
struct Models {
    named: HashMap<String, Vec<Row>>,
    /// The longest first.
    patterns: Vec<(String, Vec<Row>)>,
}

/// A price of one model.
#[derive(Debug)]
struct Row {
    unit: Unit,
    from: Timestamp,
    to: Timestamp,
    rate: Rate,
}

impl PriceBook {
    /// The book of these prices and deployments.
    pub fn new(table: PriceTable) -> Self {
        let mut book = Self::default();
        for price in table.prices {
            let row = Row::of(&price);
            let models = book.providers.entry(price.provider).or_default();
            if !is_pattern(&price.model) {
                models.named.entry(price.model).or_default().push(row);
            } else if let Some((_, rows)) = models.patterns.iter_mut().find(|(own, _)| *own == price.model) {
                rows.push(row);
            } else {
                models.patterns.push((price.model, vec![row]));
            }
        }
        for models in book.providers.values_mut() {
            models
                .patterns
                .sort_by_cached_key(|(pattern, _)| (Reverse(weight(pattern)), pattern.clone()));
        }
        let by_name = |own: DeploymentModel| (own.deployment, (own.provider, own.model));
        book.deployments = table.deployments.into_iter().map(by_name).collect();
        book
    }

    /// What the turn costs, in whole micro-dollars: the exact sum of all that it used at the prices of its start, half a
    /// micro-dollar rounded up. None when that is not known: the turn says nothing of what it used, its model is not known, or
    /// one of the units has no price. A part of the sum is never given.
    ///
    /// The model is that which the turn names: by its name with its version (`gpt-4o` and `2024-05-13` are
    /// `gpt-4o-2024-05-13`), by its name, or by a pattern. Where the turn names none, or one without any price, the model is
    /// that of its deployment. Where neither names a provider, all that have prices for the model have to agree.
    pub fn cost(&self, usage: &Usage<'_>) -> Option<u64> {
        let used = usage.used()?;
        let deployed = usage.deployment.and_then(|name| self.deployments.get(name));
        let provider = usage.provider.map(provider_name);
        let provider = provider
            .as_deref()
            .or(deployed.map(|(provider, _)| provider.as_str()));
        let named = usage
            .model
            .map(|model| (provider, Name::new(model, usage.model_version)));
        let deployed = deployed.map(|(provider, model)| (Some(provider.as_str()), Name::new(model, None)));
        [named, deployed]
            .into_iter()
            .flatten()
            .find_map(|(provider, name)| self.sum(provider, &name, &used, usage.started_at))?
    }

    /// What was used of a model costs; none when the model has no price at all, and none in it when one is missing.
    fn sum(
        &self,
        provider: Option<&str>,
        name: &Name<'_>,
        used: &[Used],
        at: Timestamp,
    ) -> Option<Option<u64>> {
        let models = self.providers.iter();
        let asked = models.filter(|(own, _)| provider.is_none_or(|provider| provider == own.as_str()));
        let mut sums = asked.filter_map(|(_, models)| models.sum(name, used, at));
        let first = sums.next()?;
        Some(first.filter(|first| sums.all(|other| other == Some(*first))))
    }
}

/// The names of a model.
struct Name<'a> {
    model: &'a str,
    with_version: Option<String>,
}

impl<'a> Name<'a> {
    fn new(model: &'a str, version: Option<&str>) -> Self {
        Self {
            model,
            with_version: version.map(|version| format!("{model}-{version}")),
        }
    }
}

impl Models {
    fn sum(&self, name: &Name<'_>, used: &[Used], at: Timestamp) -> Option<Option<u64>> {
        let rows: Vec<&Row> = self
            .rows(name)
            .filter(|row| row.from <= at && at < row.to)
            .collect();
        if rows.is_empty() {
            return None;
        }
        // What is more telling stands before what is less.
        let rate = |unit| rows.iter().find(|row| row.unit == unit).map(|row| row.rate);
        let sum = used.iter().try_fold(Sum::ZERO, |sum, (unit, quantity)| {
            let rate = match unit {
                Unit::CachedInputToken => rate(*unit).or_else(|| rate(Unit::InputToken)),
                _ => rate(*unit),
            };
            sum.add(*unit, *quantity, rate?)
        });
        Some(sum.and_then(Sum::rounded))
    }

    /// The prices under each name of a model, the most telling name first.
    fn rows(&self, name: &Name<'_>) -> impl Iterator<Item = &Row> {
        let with_version = name.with_version.as_ref().and_then(|name| self.named.get(name));
        let named = with_version.into_iter().chain(self.named.get(name.model));
        let patterns = self
            .patterns
            .iter()
            .filter(|(pattern, _)| matches(pattern, name.model));
        named.chain(patterns.map(|(_, rows)| rows)).flatten()
    }
}

impl Row {
    fn of(price: &ModelPrice) -> Self {
        Self {
            unit: price.unit,
            from: price.effective_from,
            to: price.effective_to.unwrap_or(Timestamp::MAX),
            rate: Rate {
                micros: price.price_micros,
                count: price.unit_count,
            },
        }
    }
}
