//! The OpenAPI document: made of the handlers, plus what all operations share.

use crate::error::Problem;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, ResponseBuilder, ServerBuilder};
use utoipa::{Modify, OpenApi as _};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Pravis", description = "The backend of a boutique's AI assistant: turns, feedback and the numbers they make."),
    components(schemas(Problem)),
    modifiers(&Shared),
    tags(
        (name = "interactions", description = "Turns between a shopper and the assistant"),
        (name = "sessions", description = "Conversations"),
        (name = "feedback", description = "What shoppers and reviewers think of turns"),
        (name = "events", description = "What shoppers do in the shop"),
        (name = "analytics", description = "Numbers"),
        (name = "prices", description = "What models cost"),
        (name = "reports", description = "What comes by itself every day, week and month"),
        (name = "media", description = "Photos, voice recordings and attachments"),
        (name = "exports", description = "Whole lists as a stream"),
        (name = "keys", description = "API keys"),
        (name = "health", description = "Whether the program lives and can work"),
        (name = "docs", description = "This description"),
    )
)]
struct Description;

struct Shared;

impl Modify for Shared {
    fn modify(&self, document: &mut OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("pravis_…")
            .build();
        if let Some(components) = &mut document.components {
            components.add_security_scheme("key", SecurityScheme::Http(scheme));
        }
    }
}

/// The description without operations; the router adds each as it routes it.
pub(crate) fn description() -> OpenApi {
    Description::openapi()
}

/// The whole document.
pub fn document() -> OpenApi {
    let mut document = crate::router::operations().into_openapi();
    document.servers = Some(vec![ServerBuilder::new().url("/api").build()]);
    let problem = Ref::from_schema_name("Problem");
    let response = ResponseBuilder::new()
        .description("What went wrong (RFC 9457)")
        .content(
            "application/problem+json",
            ContentBuilder::new().schema(Some(problem)).build(),
        )
        .build();
    for item in document.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.post,
            &mut item.patch,
            &mut item.put,
            &mut item.delete,
        ];
        for operation in operations.into_iter().flatten() {
            operation
                .responses
                .responses
                .entry("default".to_owned())
                .or_insert_with(|| response.clone().into());
        }
    }
    document
}
