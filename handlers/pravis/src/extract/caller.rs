//! The caller: a key with the scope that the operation needs.

use crate::app::App;
use crate::auth::{Sent, authorize};
use crate::error::ApiError;
use crate::spill::Budget;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use domain::keys::{ApiKey, Scope};
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A scope as a type, so that a handler's signature says what it needs.
pub trait ScopeMarker: Send + Sync {
    /// The scope.
    const SCOPE: Scope;
}

macro_rules! scopes {
    ($($name:ident)+) => {
        $(
            #[doc = concat!("Needs [`Scope::", stringify!($name), "`].")]
            pub struct $name;
            impl ScopeMarker for $name {
                const SCOPE: Scope = Scope::$name;
            }
        )+
    };
}

scopes!(Admin Events Feedback Ingest Media Read Review);

/// A caller whose key has the scope `S`.
pub struct Authorized<S> {
    /// The key.
    pub key: Arc<ApiKey>,
    /// How long it took to find the key.
    spent: Duration,
    scope: PhantomData<S>,
}

impl<S> Authorized<S> {
    /// What is left of the time for a write, once its body is there.
    pub fn budget(&self) -> Budget {
        Budget::after(self.spent)
    }
}

impl<S: ScopeMarker> FromRequestParts<App> for Authorized<S> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let origin = parts
            .headers
            .get(header::ORIGIN)
            .and_then(|origin| origin.to_str().ok());
        let began = Instant::now();
        let sent = Sent::of(parts);
        let key = authorize(app, sent.as_ref(), S::SCOPE, origin).await?;
        tracing::Span::current().record("key", tracing::field::display(key.id));
        Ok(Self {
            key,
            spent: began.elapsed(),
            scope: PhantomData,
        })
    }
}

/// A caller whose key is only asked for where it turns out to be needed.
pub struct Later<S> {
    parts: Parts,
    scope: PhantomData<S>,
}

impl<S: ScopeMarker> Later<S> {
    /// The caller, whose key has the scope `S`.
    pub async fn authorize(mut self, app: &App) -> Result<Authorized<S>, ApiError> {
        Authorized::from_request_parts(&mut self.parts, app).await
    }
}

impl<S: ScopeMarker> FromRequestParts<App> for Later<S> {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        Ok(Self {
            parts: parts.clone(),
            scope: PhantomData,
        })
    }
}

impl Sent<'_> {
    /// The key in a header, else the one in the query: a beacon cannot set headers.
    fn of(parts: &Parts) -> Option<Sent<'_>> {
        let header = secret(&parts.headers).map(|key| Sent::Header(key.into()));
        header.or_else(|| {
            let mut query = form_urlencoded::parse(parts.uri.query()?.as_bytes());
            query
                .find(|(name, _)| name == "key")
                .map(|(_, key)| Sent::Query(key))
        })
    }
}

fn secret(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| {
            let (scheme, secret) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
        });
    bearer.or_else(|| headers.get("x-api-key")?.to_str().ok())
}
