//! Uploads as they are told.

use crate::app::App;
use crate::delivery::address;
use blobs::UploadGrant;
use domain::media::{Facts, Media, NearDuplicate, Variant, srcset};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// An upload with its files.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MediaAnswer {
    /// The record.
    #[serde(flatten)]
    pub media: Media,
    /// The ThumbHash of a photo in base64: a blurred picture to show until the real one is there.
    pub placeholder: Option<String>,
    /// The `srcset` of a photo for each format, by its file ending.
    pub srcset: BTreeMap<String, String>,
    /// The files to show or play.
    pub variants: Vec<VariantAnswer>,
}

/// One upload in full.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MediaDetails {
    /// The upload.
    #[serde(flatten)]
    pub media: MediaAnswer,
    /// Photos of the same product that look much the same, the nearest first.
    pub near_duplicates: Vec<NearDuplicate>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct VariantAnswer {
    /// Its name, as `get_media_content` takes it.
    pub variant: String,
    /// Where it is: whole with a public address or a CDN, else without a host.
    pub url: String,
    /// Media type.
    pub content_type: String,
    /// Length in bytes.
    pub bytes: u64,
    /// Width of a picture in pixels.
    pub width: Option<u32>,
    /// Height of a picture in pixels.
    pub height: Option<u32>,
}

/// A declared upload, and how to send it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct UploadAnswer {
    /// The upload.
    #[serde(flatten)]
    pub media: MediaAnswer,
    /// The request by which its bytes are sent, without a key; null when they came already.
    pub upload: Option<UploadRequest>,
}

/// A request that the client sends with the file as its body.
#[derive(Clone, PartialEq, Serialize, ToSchema)]
pub struct UploadRequest {
    /// `PUT`.
    pub method: &'static str,
    /// Where to. It holds a signature: who has it may upload.
    pub url: String,
    /// Headers that it must have.
    pub headers: BTreeMap<String, String>,
    /// When it is taken no longer.
    pub expires_at: Timestamp,
}

/// Prints without the address: it is a secret.
impl std::fmt::Debug for UploadRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UploadRequest")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl From<UploadGrant> for UploadRequest {
    fn from(grant: UploadGrant) -> Self {
        Self {
            method: grant.method,
            url: grant.url,
            headers: grant.headers,
            expires_at: grant.until,
        }
    }
}

impl MediaAnswer {
    /// The upload with the addresses of its files.
    pub(crate) fn of(app: &App, media: Media) -> Self {
        let url = |variant: &Variant| address::of(app, &media, variant);
        let variants = media.variants.iter().map(|variant| VariantAnswer {
            variant: variant.variant.clone(),
            url: url(variant),
            content_type: variant.content_type.clone(),
            bytes: variant.bytes,
            width: variant.width,
            height: variant.height,
        });
        let (srcset, placeholder) = match &media.facts {
            Some(Facts::Photo(photo)) => (srcset(&media.variants, url), Some(photo.placeholder.clone())),
            _ => (BTreeMap::new(), None),
        };
        Self {
            variants: variants.collect(),
            srcset,
            placeholder,
            media,
        }
    }
}
