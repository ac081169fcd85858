//! What may be uploaded, and how it is checked.

use super::{Kind, Media, Status, essence, file_name};
use crate::fault::Faults;
use crate::time::truncated;
use crate::validate::{Check, NAME};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::{Builder, Uuid};

/// Longest name that is read at all, in bytes; [`file_name`] cuts it further.
const LONGEST_NAME: usize = 4 * 1024;
/// Longest alternative text, in UTF-16 code units.
const ALT_TEXT: usize = 1000;

/// An upload as a client declares it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewUpload {
    /// The client's own id; without one the server makes it.
    pub id: Option<Uuid>,
    /// What it is for.
    #[schema(required = true, nullable = false)]
    pub kind: Option<Kind>,
    /// The name of the file. It is kept as a label: what is before the last separator, and control characters, are left out.
    #[schema(required = true, nullable = false)]
    pub name: Option<String>,
    /// Its media type. What its bytes say is what counts.
    #[schema(required = true, nullable = false)]
    pub content_type: Option<String>,
    /// Its length in bytes, from 1: at most 32 MiB, and 128 MiB for a voice recording.
    #[schema(required = true, nullable = false)]
    pub size: Option<u64>,
    /// Its SHA-256, 64 hexadecimal digits; what comes is compared with it.
    #[serde(with = "hex32")]
    #[schema(value_type = Option<String>)]
    pub sha256: Option<[u8; 32]>,
    /// The turn that it belongs to.
    pub interaction_id: Option<Uuid>,
    /// The product that it belongs to, 1 to 128 characters.
    pub product_id: Option<String>,
    /// What a picture shows, in words, at most 1000 characters.
    pub alt_text: Option<String>,
}

impl NewUpload {
    /// Checks every field.
    pub fn validate(&self) -> Result<(), Faults> {
        let mut check = Check::default();
        check.required("kind", &self.kind);
        check.required("name", &self.name);
        check.required("content_type", &self.content_type);
        check.required("size", &self.size);
        check.text("name", self.name.as_deref(), LONGEST_NAME);
        if self.size == Some(0) {
            check.invalid("size", "an empty file becomes nothing");
        }
        if let Some(kind) = self.kind {
            check.count("size", self.size, kind.most_bytes());
            self.check_type(&mut check, kind);
        }
        check.name("product_id", self.product_id.as_deref(), NAME);
        let alt_text = self.alt_text.as_deref().unwrap_or_default();
        let units = alt_text.encode_utf16().count();
        if units > ALT_TEXT {
            check.invalid(
                "alt_text",
                format!("takes at most {ALT_TEXT} characters, not {units}"),
            );
        }
        check.done()
    }

    fn check_type(&self, check: &mut Check, kind: Kind) {
        let Some(declared) = self.content_type.as_deref().map(essence) else {
            return;
        };
        if !kind.types().any(|known| known == declared) {
            let known: Vec<_> = kind.types().collect();
            check.invalid(
                "content_type",
                format!("a {} takes {}", kind.as_str(), known.join(", ")),
            );
        }
    }

    /// The record that this valid declaration becomes.
    pub fn into_media(self, id: Uuid, now: Timestamp) -> Media {
        // Plain data: this cannot fail.
        let supplied_hash = Sha256::digest(serde_json::to_vec(&self).unwrap_or_default()).into();
        Media {
            name: file_name(self.name.as_deref().unwrap_or_default()),
            alt_text: self.alt_text.filter(|text| !text.trim().is_empty()),
            interaction_id: self.interaction_id,
            product_id: self.product_id,
            declared_type: self.content_type.as_deref().map(essence),
            declared_size: self.size,
            declared_sha256: self.sha256,
            incoming: id.to_string(),
            supplied_hash,
            ..Media::pending(id, self.kind.unwrap_or(Kind::Attachment), now)
        }
    }
}

impl Media {
    /// The record of a file that nobody declared: an operator put it into `incoming` as `blob`, and it has this ETag.
    pub fn undeclared(blob: &str, etag: &str, kind: Kind, now: Timestamp) -> Self {
        Self {
            name: file_name(blob),
            incoming: blob.to_owned(),
            ..Self::pending(undeclared_id(blob, etag), kind, now)
        }
    }

    fn pending(id: Uuid, kind: Kind, now: Timestamp) -> Self {
        let now = truncated(now);
        Self {
            id,
            kind,
            status: Status::Pending,
            name: String::new(),
            alt_text: None,
            interaction_id: None,
            product_id: None,
            declared_type: None,
            declared_size: None,
            declared_sha256: None,
            format: None,
            size: None,
            reason: None,
            detail: None,
            facts: None,
            created_at: now,
            updated_at: now,
            version: 1,
            variants: Vec::new(),
            incoming: String::new(),
            received_etag: None,
            claimed_by: None,
            claimed_until: None,
            supplied_hash: [0; 32],
        }
    }
}

/// The id of a file that nobody declared: the same for the same blob, and another one when it is written anew (UUID version 8
/// of the SHA-256 of the blob's name and its ETag).
pub fn undeclared_id(blob: &str, etag: &str) -> Uuid {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(blob)
        .chain_update([0])
        .chain_update(etag)
        .finalize()
        .into();
    Builder::from_custom_bytes(std::array::from_fn(|index| digest[index])).into_uuid()
}

/// 32 bytes, or none, as hexadecimal digits.
pub(super) mod hex32 {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::fmt::Write as _;

    pub(in crate::media) fn serialize<S: Serializer>(
        bytes: &Option<[u8; 32]>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let Some(bytes) = bytes else {
            return serializer.serialize_none();
        };
        let digits = bytes.iter().fold(String::with_capacity(64), |mut digits, byte| {
            let _ = write!(digits, "{byte:02x}");
            digits
        });
        serializer.serialize_some(&digits)
    }

    pub(in crate::media) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<[u8; 32]>, D::Error> {
        let Some(digits) = Option::<String>::deserialize(deserializer)? else {
            return Ok(None);
        };
        parse(&digits)
            .map(Some)
            .ok_or_else(|| D::Error::custom("takes 64 hexadecimal digits"))
    }

    fn parse(digits: &str) -> Option<[u8; 32]> {
        if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(digits.get(2 * index..2 * index + 2)?, 16).ok()?;
        }
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::from_value;
    use serde_json::{Value, json};

    fn bag() -> Value {
        json!({"kind": "product_photo", "name": "bag.jpg", "content_type": "image/jpeg", "size": 1000})
    }

    fn faults(changed: Value) -> Vec<String> {
        let mut upload = bag();
        crate::merge_patch::merge_patch(&mut upload, changed);
        let checked = from_value::<NewUpload>(upload).and_then(|upload| upload.validate());
        let faults = checked.err().map(|faults| faults.0).unwrap_or_default();
        faults.into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn what_is_declared_is_checked() {
        let none: [&str; 0] = [];
        assert_eq!(faults(json!({})), none);
        assert_eq!(faults(json!({"content_type": "Image/JPEG; q=1"})), none);
        let voice = json!({"kind": "voice_recording", "content_type": "audio/webm;codecs=opus"});
        assert_eq!(faults(voice), none);
        assert_eq!(faults(json!({"size": 33_554_432})), none);
        assert_eq!(faults(json!({"size": 33_554_433})), ["/size"]);
        assert_eq!(faults(json!({"size": 0})), ["/size"]);
        assert_eq!(faults(json!({"size": -1})), ["/size"]);
        assert_eq!(faults(json!({"content_type": "text/html"})), ["/content_type"]);
        assert_eq!(
            faults(json!({"kind": "attachment", "content_type": "text/plain"})),
            none
        );
        assert_eq!(
            faults(json!({"kind": "attachment", "content_type": "image/svg+xml"})),
            ["/content_type"]
        );
        assert_eq!(faults(json!({"sha256": "é".repeat(32)})), ["/sha256"]);
        assert_eq!(faults(json!({"sha256": "+1".repeat(32)})), ["/sha256"]);
        assert_eq!(faults(json!({"name": null, "kind": null})), ["/kind", "/name"]);
        assert_eq!(faults(json!({"alt_text": "x".repeat(1001)})), ["/alt_text"]);
        assert_eq!(faults(json!({"product_id": " "})), ["/product_id"]);
    }

    #[test]
    fn a_declaration_comes_back_as_it_went() {
        let digits = "0123456789abcdef".repeat(4);
        let upload: NewUpload = serde_json::from_value(json!({"sha256": digits.to_uppercase()})).unwrap();
        assert_eq!(serde_json::to_value(&upload).unwrap()["sha256"], digits);
        let now = "2026-11-02T10:00:00Z".parse().unwrap();
        let id = Uuid::from_u128(1);
        let upload = |name: &str| NewUpload {
            name: Some(name.to_owned()),
            ..NewUpload::default()
        };
        let media = upload("../a.jpg").into_media(id, now);
        assert_eq!((media.name.as_str(), media.incoming), ("a.jpg", id.to_string()));
        assert_ne!(
            media.supplied_hash,
            upload("a.jpg").into_media(id, now).supplied_hash
        );
    }

    #[test]
    fn what_nobody_declared_has_an_id_of_name_and_version() {
        let id = undeclared_id("photos/bag.jpg", "\"1\"");
        assert_eq!(id, undeclared_id("photos/bag.jpg", "\"1\""));
        assert_ne!(id, undeclared_id("photos/bag.jpg", "\"2\""));
        assert_ne!(undeclared_id("a", "b"), undeclared_id("ab", ""));
        assert_eq!(id.get_version_num(), 8);
    }
}
