//! Query strings; unknown parameters are faults, so that a misspelt filter is told and not dropped.

use crate::app::App;
use crate::error::ApiError;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::cursor::{CursorKey, Position};
use domain::fault::{Fault, FaultCode, Faults};
use domain::page::{DEFAULT_LIMIT, MOST_LIMIT, PageRequest};
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// The parameters of a query string, read as `T`.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        // `code` is the Functions host's own key parameter; it is passed on to us and means nothing here.
        let pairs = form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| name != "code")
            .collect();
        Ok(Self(read(pairs)?))
    }
}

/// Reads `T` or names every faulty parameter: each is taken out, and the rest is tried again.
fn read<T: DeserializeOwned>(mut pairs: Vec<(Cow<'_, str>, Cow<'_, str>)>) -> Result<T, Faults> {
    let mut faults = Vec::new();
    loop {
        let encoded: String = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&pairs)
            .finish();
        let parsed = form_urlencoded::parse(encoded.as_bytes());
        let read = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(parsed));
        let error = match read {
            Ok(read) if faults.is_empty() => return Ok(read),
            Ok(_) => return Err(Faults(faults)),
            Err(error) => error,
        };
        let path = error.path().to_string();
        let message = error.into_inner().to_string();
        // A parameter that stands there twice is found before its value is, and has no path.
        let twice = message.strip_prefix("duplicate field `");
        let name = twice
            .and_then(|rest| rest.split('`').next())
            .map_or(path, str::to_owned);
        let unknown = message.starts_with("unknown field");
        let code = if unknown {
            FaultCode::UnknownField
        } else {
            FaultCode::InvalidField
        };
        faults.push(Fault::new(code, format!("?{name}"), message));
        let before = pairs.len();
        pairs.retain(|(own, _)| *own != name);
        if pairs.len() == before {
            return Err(Faults(faults));
        }
    }
}

/// How many entries `limit` asks for.
pub fn limit(limit: Option<usize>) -> Result<usize, Faults> {
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MOST_LIMIT).contains(&limit) {
        return Err(Fault::query("limit", format!("takes 1 to {MOST_LIMIT}, not {limit}")).into());
    }
    Ok(limit)
}

/// The page that `limit` and `cursor` ask for, in the list that `list` names (the operation and its filters).
pub fn page<K: CursorKey>(
    limit: Option<usize>,
    cursor: Option<&str>,
    list: &str,
) -> Result<PageRequest<K>, ApiError> {
    let limit = self::limit(limit)?;
    let after = cursor
        .map(|cursor| Position::from_cursor(cursor, list))
        .transpose()?;
    Ok(PageRequest { limit, after })
}
