//! `pravis prices`.

use super::{CommandError, logging, opened};
use crate::config::Config;
use crate::prices;
use domain::page::{MOST_LIMIT, PageRequest, Positioned};
use domain::pricing::{ModelPrice, NewDeployment, NewPrice, PriceFilter, Unit, provider_name};
use jiff::Timestamp;
use store::{Store, StoreError};

/// Who acts from here.
const ACTOR: &str = "cli";

/// Arguments of `prices`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Prices {
    /// List what a turn of now costs.
    List {
        /// Only prices of this provider.
        #[arg(long)]
        provider: Option<String>,
        /// Only prices of this model or pattern, letter for letter.
        #[arg(long)]
        model: Option<String>,
        /// What a turn that starts then costs (RFC 3339).
        #[arg(long)]
        at: Option<Timestamp>,
        /// Every price there is or was.
        #[arg(long, conflicts_with = "at")]
        history: bool,
    },
    /// Set a price; it ends the one before it.
    Set {
        /// Who runs the model.
        #[arg(long)]
        provider: String,
        /// The model's name, or a pattern in which * stands for any text.
        #[arg(long)]
        model: String,
        /// input_token, cached_input_token, output_token, audio_minute, character or image.
        #[arg(long)]
        unit: Unit,
        /// Millionths of a US dollar for --unit-count units.
        #[arg(long)]
        price_micros: u64,
        /// How many units the price is for; default a million tokens or characters, one minute or image.
        #[arg(long)]
        unit_count: Option<u64>,
        /// From when on it holds (RFC 3339); default now.
        #[arg(long)]
        effective_from: Option<Timestamp>,
        /// Where it is from.
        #[arg(long)]
        source: Option<String>,
    },
    /// Say which model a deployment runs.
    Deployment {
        /// The deployment's name, as turns give it.
        deployment: String,
        /// Who runs the model.
        #[arg(long)]
        provider: String,
        /// The model's name.
        #[arg(long)]
        model: String,
    },
    /// List the deployments whose model is known.
    Deployments,
}

impl Prices {
    pub(super) async fn run(self, config: Config, json: bool) -> Result<(), CommandError> {
        let (app, store) = opened::app(config).await?;
        prices::loaded(&app, &*store)
            .await
            .map_err(CommandError::failed)?;
        match self {
            Self::List {
                provider,
                model,
                at,
                history,
            } => {
                let filter = PriceFilter {
                    provider: provider.as_deref().map(provider_name),
                    model,
                    at: (!history).then(|| at.unwrap_or_else(|| app.now())),
                };
                let prices = all(&*store, filter).await.map_err(CommandError::failed)?;
                let lines = || prices.iter().map(line).collect::<Vec<_>>().join("\n");
                logging::print(json, &prices, lines);
            }
            Self::Set {
                provider,
                model,
                unit,
                price_micros,
                unit_count,
                effective_from,
                source,
            } => {
                let new = NewPrice {
                    provider: Some(provider),
                    model: Some(model),
                    unit: Some(unit),
                    price_micros: Some(price_micros),
                    unit_count,
                    effective_from,
                    source,
                };
                let set = prices::set_price(&app, &*store, new, ACTOR).await;
                let price = set.map_err(CommandError::failed)?;
                logging::print(json, &price, || line(&price));
            }
            Self::Deployment {
                deployment,
                provider,
                model,
            } => {
                let new = NewDeployment {
                    deployment,
                    provider,
                    model,
                };
                let set = prices::set_deployment_model(&app, &*store, new, ACTOR).await;
                let own = set.map_err(CommandError::failed)?;
                logging::print(json, &own, || {
                    format!("{} runs {} of {}.", own.deployment, own.model, own.provider)
                });
            }
            Self::Deployments => {
                let table = store.price_table().await.map_err(CommandError::failed)?;
                let lines = table.deployments.iter();
                let lines = lines.map(|own| format!("{}  {}  {}", own.deployment, own.provider, own.model));
                logging::print(json, &table.deployments, || lines.collect::<Vec<_>>().join("\n"));
            }
        }
        store.close().await;
        Ok(())
    }
}

/// All pages of a list.
async fn all(store: &dyn Store, filter: PriceFilter) -> Result<Vec<ModelPrice>, StoreError> {
    let mut all: Vec<ModelPrice> = Vec::new();
    loop {
        let request = PageRequest {
            limit: MOST_LIMIT,
            after: all.last().map(Positioned::position),
        };
        let mut page = store.list_prices(filter.clone(), request).await?;
        let more = page.len() > MOST_LIMIT;
        page.truncate(MOST_LIMIT);
        all.append(&mut page);
        if !more {
            return Ok(all);
        }
    }
}

fn line(price: &ModelPrice) -> String {
    let until = price
        .effective_to
        .map_or_else(String::new, |to| format!(" until {to}"));
    format!(
        "{}  {}  {}  {} micros for {}  from {}{until}  set by {}",
        price.provider,
        price.model,
        price.unit.as_str(),
        price.price_micros,
        price.unit_count,
        price.effective_from,
        price.set_by
    )
}
