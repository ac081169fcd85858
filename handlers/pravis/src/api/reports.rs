//! Reports over HTTP.

use super::interactions::list_name;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Admin, Authorized, Body, IdNamePath, IdPath, Query, Read, page};
use crate::reports::{Format, Links, Made, ReportError, ask, document, links};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use blobs::Properties;
use domain::page::{MOST_LIMIT, Page, PageRequest};
use domain::parse;
use domain::reports::{Delivery, DeliveryFilter, NewReport, Report, ReportFilter, ReportKind, ReportStatus};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How long a caller waits for a report: less than a load balancer does.
const PATIENCE: Duration = Duration::from_secs(25);
/// What the page may do: show itself.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A report with all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportDetails {
    #[serde(flatten)]
    #[allow(missing_docs)]
    pub record: Report,
    /// Where its documents are; null when they are not there, or nobody knows the program's address.
    pub links: Option<Links>,
    /// To whom it goes, and how far that got; newest first.
    pub deliveries: Vec<Delivery>,
}

/// Makes a report anew, as the next revision. One that takes long goes on after the answer.
#[utoipa::path(post, path = "/v1/reports", tag = "reports", security(("key" = ["admin"])),
    request_body = NewReport, responses(
        (status = 201, description = "Is ready", body = Report),
        (status = 202, description = "Is being made", body = Report)))]
pub async fn create_report(
    State(app): State<App>,
    _caller: Authorized<Admin>,
    body: Body<{ 64 * 1024 }>,
) -> Result<(StatusCode, Json<Report>), ApiError> {
    let new: NewReport = parse::from_slice(&body.text)?;
    Ok(match ask(&app, &new, PATIENCE).await? {
        Made::Ready(report) => (StatusCode::CREATED, Json(report)),
        Made::Begun(report) => (StatusCode::ACCEPTED, Json(report)),
    })
}

/// The filters and the page of a list of reports.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// Day, week or month.
    #[param(inline)]
    kind: Option<ReportKind>,
    /// Entries of the page, 1 to 200; default 50.
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Reports, newest first.
#[utoipa::path(get, path = "/v1/reports", tag = "reports", security(("key" = ["read"])),
    params(ReportQuery), responses((status = 200, body = Page<Report>)))]
pub async fn list_reports(
    State(app): State<App>,
    _caller: Authorized<Read>,
    Query(query): Query<ReportQuery>,
) -> Result<Json<Page<Report>>, ApiError> {
    let filter = ReportFilter { kind: query.kind };
    let name = list_name("reports", &filter);
    let page = page(query.limit, query.cursor.as_deref(), &name)?;
    let limit = page.limit;
    let items = app.store().await?.list_reports(filter, page).await?;
    Ok(Json(Page::of(items, limit, &name)))
}

/// One report, with its deliveries.
#[utoipa::path(get, path = "/v1/reports/{id}", tag = "reports", security(("key" = ["read"])),
    params(("id" = Uuid, Path)), responses((status = 200, body = ReportDetails)))]
pub async fn get_report(
    State(app): State<App>,
    _caller: Authorized<Read>,
    IdPath(id): IdPath,
) -> Result<Json<ReportDetails>, ApiError> {
    let store = app.store().await?;
    let record = store.get_report(id).await?.ok_or_else(|| missing(id))?;
    let filter = DeliveryFilter {
        report_id: Some(id),
        state: None,
    };
    let page = PageRequest {
        limit: MOST_LIMIT,
        after: None,
    };
    let deliveries = store.list_deliveries(filter, page).await?;
    let links = links(&app, &record).filter(|_| record.status == ReportStatus::Ready);
    Ok(Json(ReportDetails {
        record,
        links,
        deliveries,
    }))
}

/// A document of a report: `html`, `json` or `csv`.
#[utoipa::path(get, path = "/v1/reports/{id}/{format}", tag = "reports", security(("key" = ["read"])),
    params(("id" = Uuid, Path), ("format" = String, Path, description = "html, json or csv")),
    responses(
        (status = 200, description = "The document", content((String = "text/html"), (domain::reports::content::Content = "application/json"), (String = "text/csv"))),
        (status = 304, description = "It is the one that the caller has")))]
pub async fn get_report_document(
    State(app): State<App>,
    _caller: Authorized<Read>,
    IdNamePath(id, format): IdNamePath,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let format: Format = format
        .parse()
        .map_err(|()| ApiError::NotFound("such document: there are html, json and csv".to_owned()))?;
    let (bytes, properties) = stored(&app, id, format).await?;
    let common = [
        (header::ETAG, properties.etag.clone()),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, PAGE_POLICY.to_owned()),
    ];
    if is_known(&headers, &properties.etag) {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let media_type = [(header::CONTENT_TYPE, format.media_type())];
    Ok((common, media_type, bytes).into_response())
}

/// A document as it is stored.
async fn stored(app: &App, id: Uuid, format: Format) -> Result<(Vec<u8>, Properties), ApiError> {
    let report = app
        .store()
        .await?
        .get_report(id)
        .await?
        .ok_or_else(|| missing(id))?;
    if report.status != ReportStatus::Ready {
        let status = report.status.as_str();
        return Err(ApiError::NotFound(format!(
            "document yet: the report is {status}"
        )));
    }
    let storage = app.storage().await.map_err(ReportError::from)?;
    let found = document(&*storage, &report, format)
        .await
        .map_err(ReportError::from)?;
    found.ok_or_else(|| ApiError::NotFound("document of this report any more".to_owned()))
}

/// Whether the caller has this version (RFC 9110, section 13.1.2).
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter();
    let mut tags = values.flat_map(|value| value.to_str().unwrap_or_default().split(','));
    tags.any(|tag| {
        let tag = tag.trim();
        tag == "*" || tag.trim_start_matches("W/") == etag.trim_start_matches("W/")
    })
}

fn missing(id: Uuid) -> ApiError {
    ApiError::NotFound(format!("report with the id {id}"))
}
