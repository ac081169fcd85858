//! Names of the headers that the host sets.

use axum::http::HeaderName;

/// Id of one attempt at one invocation; a retry has a new one.
pub const INVOCATION_ID: HeaderName = HeaderName::from_static("x-azure-functions-invocationid");

/// Version of the host that called.
pub const HOST_VERSION: HeaderName = HeaderName::from_static("x-azure-functions-hostversion");

/// Present on every client request that the host proxies, and never on a trigger's: that tells a forged trigger.
pub const PROXIED_INVOCATION_ID: HeaderName = HeaderName::from_static("x-ms-invocation-id");

/// W3C trace context, which the host may or may not pass on.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
