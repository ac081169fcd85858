//! Prices over HTTP.

use super::interactions::list_name;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Admin, Authorized, Body, Query, Read, page};
use crate::prices;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::fault::Fault;
use domain::page::Page;
use domain::parse;
use domain::pricing::{ModelPrice, NewPrice, PriceFilter, provider_name};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// The filters and the page of a list of prices.
#[derive(Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PriceQuery {
    /// Who runs the model.
    provider: Option<String>,
    /// The model's name or pattern, letter for letter.
    model: Option<String>,
    /// What a turn that starts then costs; default now.
    at: Option<Timestamp>,
    /// Every price there is or was, instead of those of one time.
    history: bool,
    /// Entries of the page, 1 to 200; default 50.
    #[serde(skip_serializing)]
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    #[serde(skip_serializing)]
    cursor: Option<String>,
}

impl PriceQuery {
    fn filter(&self, now: Timestamp) -> Result<PriceFilter, ApiError> {
        if self.history && self.at.is_some() {
            return Err(Fault::query("at", "cannot be given together with history").into());
        }
        Ok(PriceFilter {
            provider: self.provider.as_deref().map(provider_name),
            model: self.model.clone(),
            at: (!self.history).then(|| self.at.unwrap_or(now)),
        })
    }
}

/// Prices, those that began last first: what a turn of now costs, unless another time or the history is asked for.
#[utoipa::path(get, path = "/v1/prices", tag = "prices", security(("key" = ["read"])),
    params(PriceQuery), responses((status = 200, body = Page<ModelPrice>)))]
pub async fn list_prices(
    State(app): State<App>,
    _caller: Authorized<Read>,
    Query(query): Query<PriceQuery>,
) -> Result<Json<Page<ModelPrice>>, ApiError> {
    let filter = query.filter(app.now())?;
    let name = list_name("prices", &query);
    let page = page(query.limit, query.cursor.as_deref(), &name)?;
    let limit = page.limit;
    let store = app.store().await?;
    prices::loaded(&app, &*store).await?;
    let items = store.list_prices(filter, page).await?;
    Ok(Json(Page::of(items, limit, &name)))
}

/// Sets a price: it ends the newest one of the same provider, model and unit, and holds from its start on. Turns that are
/// stored already keep their costs until `pravis reprice`.
#[utoipa::path(post, path = "/v1/prices", tag = "prices", security(("key" = ["admin"])),
    request_body = NewPrice, responses((status = 201, body = ModelPrice)))]
pub async fn set_price(
    State(app): State<App>,
    caller: Authorized<Admin>,
    body: Body<{ 64 * 1024 }>,
) -> Result<(StatusCode, Json<ModelPrice>), ApiError> {
    let store = app.store().await?;
    let actor = format!("key:{}", caller.key.id);
    let price = prices::set_price(&app, &*store, parse::from_slice(&body.text)?, &actor).await?;
    Ok((StatusCode::CREATED, Json(price)))
}
