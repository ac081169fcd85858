//! Media: photos, voice recordings and attachments, from the upload to what is served.

mod facts;
mod file_name;
mod kind;
mod new;
mod srcset;

pub use facts::{Facts, PhotoFacts, Segment, VoiceFacts};
pub use file_name::file_name;
pub use kind::{Kind, essence};
pub use new::{NewUpload, undeclared_id};
pub use srcset::{best, srcset};

use crate::cursor::Position;
use crate::interactions::names;
use crate::page::Positioned;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Photos of a product whose perceptual hashes differ in at most so many of their 64 bits are near duplicates; the usual
/// bound for hashes of this kind.
pub const NEAR_BITS: u32 = 10;

/// How far an upload got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MediaStatus)]
pub enum Status {
    /// It is declared; nothing has come yet.
    Pending,
    /// It is being worked on.
    Processing,
    /// It can be shown or played.
    Ready,
    /// It was refused, and put aside; `reason` says why.
    Quarantined,
    /// It could not be worked on, time after time; `reason` says why.
    Failed,
}

names!(Status {
    Pending = "pending",
    Processing = "processing",
    Ready = "ready",
    Quarantined = "quarantined",
    Failed = "failed",
});

/// An upload as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Media {
    /// The client's own id, or one made by the server (version 7).
    pub id: Uuid,
    /// What it is for.
    pub kind: Kind,
    /// How far it got.
    pub status: Status,
    /// The client's name for the file: a label.
    pub name: String,
    /// What a picture shows, in words.
    pub alt_text: Option<String>,
    /// The turn that it belongs to.
    pub interaction_id: Option<Uuid>,
    /// The product that it belongs to.
    pub product_id: Option<String>,
    /// The media type that the client declared; null for a file that nobody declared.
    pub declared_type: Option<String>,
    /// The length that the client declared, in bytes.
    pub declared_size: Option<u64>,
    /// SHA-256 that the client declared, 64 hexadecimal digits.
    #[serde(with = "new::hex32")]
    #[schema(value_type = Option<String>)]
    pub declared_sha256: Option<[u8; 32]>,
    /// The format that its bytes are of, such as `jpeg`; null until they were looked at.
    pub format: Option<String>,
    /// The length of what came, in bytes.
    pub size: Option<u64>,
    /// Why it was refused or failed, in a word that does not change.
    pub reason: Option<String>,
    /// The same for a person.
    pub detail: Option<String>,
    /// What is known of a photo or a recording once it is ready.
    pub facts: Option<Facts>,
    /// When it was declared.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts the changes, from 1; shown as the `ETag`.
    #[serde(skip)]
    pub version: i64,
    /// The files to serve, in the order in which they were made.
    #[serde(skip)]
    pub variants: Vec<Variant>,
    /// The name of its blob in `incoming`.
    #[serde(skip)]
    pub incoming: String,
    /// The ETag of the blob that was claimed last.
    #[serde(skip)]
    pub received_etag: Option<String>,
    /// The run that claimed it last.
    #[serde(skip)]
    pub claimed_by: Option<Uuid>,
    /// When that claim ends.
    #[serde(skip)]
    pub claimed_until: Option<Timestamp>,
    /// SHA-256 of the fields that the client supplied.
    #[serde(skip)]
    pub supplied_hash: [u8; 32],
}

impl Media {
    /// Whether `run` is the one that works on it.
    pub fn is_held_by(&self, run: Uuid) -> bool {
        self.status == Status::Processing && self.claimed_by == Some(run)
    }

    /// What the names of its outputs begin with, in the container of its kind.
    pub fn folder(id: Uuid) -> String {
        format!("{id}/")
    }

    /// The file of this name among those that are served.
    pub fn variant(&self, name: &str) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.variant == name)
    }
}

impl Positioned for Media {
    type Key = Uuid;
    fn position(&self) -> Position {
        Position {
            at: self.created_at,
            key: self.id,
        }
    }
}

/// One file to serve. Its container is that of the kind: see [`Kind::is_public`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Its name among the files of the upload, such as `w640.webp`.
    pub variant: String,
    /// The name of its blob: `<media id>/<first 16 hexadecimal digits of the SHA-256 of its bytes>.<extension>`.
    pub blob: String,
    /// Media type.
    pub content_type: String,
    /// Length in bytes.
    pub bytes: u64,
    /// Width of a picture in pixels.
    pub width: Option<u32>,
    /// Height of a picture in pixels.
    pub height: Option<u32>,
    /// The ETag that its blob has.
    pub etag: String,
}

/// A photo of the same product that looks much the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct NearDuplicate {
    /// The other photo.
    pub id: Uuid,
    /// In how many of 64 bits the perceptual hashes differ, 0 to 10.
    pub distance: u32,
}

impl NearDuplicate {
    /// Those of `others` that are near `hash`, the nearest first.
    pub fn among(hash: u64, others: impl IntoIterator<Item = (Uuid, u64)>) -> Vec<Self> {
        let mut near: Vec<_> = others
            .into_iter()
            .map(|(id, other)| Self {
                id,
                distance: (hash ^ other).count_ones(),
            })
            .filter(|other| other.distance <= NEAR_BITS)
            .collect();
        near.sort_unstable_by_key(|other| (other.distance, other.id));
        near
    }
}

/// The filters of a list of media; all that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MediaFilter {
    /// Uploads of this kind.
    pub kind: Option<Kind>,
    /// Uploads that got so far.
    pub status: Option<Status>,
    /// Uploads of this product.
    pub product_id: Option<String>,
    /// Uploads of this turn.
    pub interaction_id: Option<Uuid>,
    /// Latest `created_at`, excluded.
    pub to: Option<Timestamp>,
}
