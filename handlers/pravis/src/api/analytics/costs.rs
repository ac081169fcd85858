//! What turns cost.

use super::{StatsQuery, known};
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Authorized, Query, Read};
use axum::Json;
use axum::extract::State;
use domain::analytics::costs::{
    Cost, Costs, DailyCost, ModelCost, MonthToDate, PromptVersionCost, TypeCost, Unpriced,
};
use domain::analytics::series::{Buckets, Grouped};
use domain::analytics::{Dimension, Fact, InteractionFact, InteractionRollup, Part, TimeRange, zone};
use domain::usage::SessionRange;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use std::collections::BTreeMap;
use store::{NumbersQuery, SeriesQuery, most_first};

/// Cost of turns in all and by model, type, day and prompt version, of a session and of a success, with a forecast of the month.
#[utoipa::path(get, path = "/v1/analytics/costs", tag = "analytics", security(("key" = ["read"])),
    params(StatsQuery), responses((status = 200, body = Costs)))]
pub async fn get_costs(
    State(app): State<App>,
    _caller: Authorized<Read>,
    Query(query): Query<StatsQuery>,
) -> Result<Json<Costs>, ApiError> {
    let (about, tz) = query.question(&app)?;
    Ok(Json(costs(&app, about, tz).await?))
}

/// What the turns that `about` names cost; also what reports show.
pub async fn costs(app: &App, about: NumbersQuery, tz: String) -> Result<Costs, ApiError> {
    let (now, shop) = (app.now(), zone(&app.config().time_zone)?);
    let (days, recent) = (Buckets::days(about.range, &about.zone), recent_days(now, &shop));
    let store = app.store().await?;
    let mut answers = store
        .interaction_series(questions(&about, &days, &recent))
        .await?
        .into_iter();
    let mut next = || answers.next().unwrap_or_default();
    let by_day = next().remove("").unwrap_or_default();
    let mut total = InteractionRollup::default();
    by_day
        .values()
        .for_each(|day| domain::analytics::Rollup::add(&mut total, day));
    let all = Cost::from(&total);
    let sessions = match about.filter.is_empty() {
        true => store.count_sessions(SessionRange::of(about.range, &shop)).await?,
        false => 0,
    };
    let (by_model, by_type, past) = (by_name(next()), by_name(next()), next());
    let by_prompt_version = by_version_is_held(&about).then(|| by_name(next()));
    Ok(Costs {
        from: about.range.from,
        to: about.range.to,
        tz,
        unpriced_share: (all.total > 0).then(|| all.cost.unpriced as f64 / all.total as f64),
        per_session: all.per(sessions),
        per_succeeded: all.per(total.succeeded),
        unpriced: unpriced(&by_model),
        by_model: by_model
            .into_iter()
            .map(|(model, cost)| ModelCost {
                model: known(model),
                cost,
            })
            .collect(),
        by_type: by_type
            .into_iter()
            .filter_map(|(kind, cost)| {
                Some(TypeCost {
                    kind: kind.parse().ok()?,
                    cost,
                })
            })
            .collect(),
        by_prompt_version: by_prompt_version.map(|versions| {
            let versions = versions.into_iter();
            versions
                .map(|(version, cost)| PromptVersionCost {
                    prompt_version: known(version),
                    cost,
                })
                .collect()
        }),
        by_day: daily(&days, &by_day, &about.zone),
        month_to_date: month_to_date(&recent, past, now, &shop),
        all,
    })
}

fn questions(about: &NumbersQuery, days: &Buckets, recent: &Buckets) -> Vec<SeriesQuery> {
    let ask = |edges: &[Timestamp], by| SeriesQuery {
        parts: &[Part::Cost],
        ..about.by(edges.to_vec(), by)
    };
    let whole = about.whole();
    let mut questions = vec![
        ask(&days.edges, None),
        ask(&whole, Some(Dimension::Model)),
        ask(&whole, Some(Dimension::Type)),
        ask(&recent.edges, None),
    ];
    if by_version_is_held(about) {
        questions.push(ask(&whole, Some(Dimension::PromptVersion)));
    }
    questions
}

fn by_version_is_held(about: &NumbersQuery) -> bool {
    InteractionFact::grouping_for(&about.filter, Some(Dimension::PromptVersion)).is_some()
}

/// The days that the month and its forecast are made of, up to now.
fn recent_days(now: Timestamp, shop: &TimeZone) -> Buckets {
    let today = now.to_zoned(shop.clone()).date();
    let from = MonthToDate::counted_from(today.first_of_month(), today)
        .to_zoned(shop.clone())
        .map_or(now, |start| start.timestamp());
    // A turn that begins right now belongs to today.
    let to = now + 1.microsecond();
    Buckets::days(TimeRange { from, to }, shop)
}

fn by_name(groups: Grouped<InteractionRollup>) -> Vec<(String, Cost)> {
    let groups = most_first(groups, |rollup: &InteractionRollup| rollup.total).into_iter();
    groups.map(|(name, rollup)| (name, Cost::from(&rollup))).collect()
}

fn unpriced(by_model: &[(String, Cost)]) -> Vec<Unpriced> {
    let mut unpriced: Vec<_> = by_model
        .iter()
        .filter(|(_, cost)| cost.cost.unpriced > 0)
        .map(|(model, cost)| Unpriced {
            model: known(model.clone()),
            count: cost.cost.unpriced,
        })
        .collect();
    unpriced.sort_by_key(|unpriced| std::cmp::Reverse(unpriced.count));
    unpriced
}

fn daily(days: &Buckets, counted: &BTreeMap<usize, InteractionRollup>, zone: &TimeZone) -> Vec<DailyCost> {
    let days = days.starts.iter().enumerate();
    days.map(|(bucket, start)| DailyCost {
        day: start.to_zoned(zone.clone()).date(),
        cost: counted.get(&bucket).map(Cost::from).unwrap_or_default(),
    })
    .collect()
}

fn month_to_date(
    recent: &Buckets,
    mut past: Grouped<InteractionRollup>,
    now: Timestamp,
    shop: &TimeZone,
) -> MonthToDate {
    let days = by_date(recent, past.remove("").unwrap_or_default(), shop);
    let today = now.to_zoned(shop.clone()).date();
    MonthToDate::of(today.first_of_month(), today, &days)
}

/// What was counted of days, by their dates.
pub(crate) fn by_date(
    days: &Buckets,
    counted: BTreeMap<usize, InteractionRollup>,
    zone: &TimeZone,
) -> BTreeMap<Date, InteractionRollup> {
    let counted = counted.into_iter();
    counted
        .filter_map(|(bucket, rollup)| {
            let start = days.starts.get(bucket)?;
            Some((start.to_zoned(zone.clone()).date(), rollup))
        })
        .collect()
}
