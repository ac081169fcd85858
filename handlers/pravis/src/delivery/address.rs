//! Where a file of an upload can be had.

use super::container_of;
use crate::app::App;
use domain::media::{Media, Variant};
use form_urlencoded::byte_serialize;

/// The address of a file for a client: the CDN's for what anyone may see, where there is one; else that of `get_media_content`,
/// without a host when no public address is set.
pub(crate) fn of(app: &App, media: &Media, variant: &Variant) -> String {
    on_cdn(app, media, variant).unwrap_or_else(|| {
        let host = app.config().host.public_url.as_deref().unwrap_or_default();
        let name: String = byte_serialize(variant.variant.as_bytes()).collect();
        format!("{host}/api/v1/media/{}/content?variant={name}", media.id)
    })
}

/// The address of a file at the CDN, whose origin is the storage account; none without a CDN, and none of what only keys may see.
pub(crate) fn on_cdn(app: &App, media: &Media, variant: &Variant) -> Option<String> {
    let cdn = app.config().delivery.cdn_url.as_deref()?;
    let container = container_of(media.kind).as_str();
    media
        .kind
        .is_public()
        .then(|| format!("{cdn}/{container}/{}", variant.blob))
}
