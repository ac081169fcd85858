//! The blobs of what was made.

use super::make::File;
use super::process::ProcessError;
use crate::delivery::container_of;
use crate::spill::container::body;
use blobs::{BlobName, Condition, Container, PutOptions, Storage};
use domain::media::{Kind, Media, Variant};
use std::collections::HashMap;
use uuid::Uuid;

/// Names that are listed at once.
const PAGE: usize = 200;

/// Stores the files, each once; the same file under the same name again is harmless.
pub(super) async fn put(
    storage: &dyn Storage,
    media: &Media,
    files: Vec<File>,
) -> Result<Vec<Variant>, ProcessError> {
    let mut etags: HashMap<String, String> = HashMap::new();
    let mut variants = Vec::with_capacity(files.len());
    for File { output, name } in files {
        let blob = format!("{}{name}", Media::folder(media.id));
        let (length, pixels) = (output.bytes.len() as u64, output.pixels);
        let etag = match etags.get(&blob) {
            Some(etag) => etag.clone(),
            None => {
                let options = options(media.kind, output.content_type);
                let name = BlobName::new(blob.as_str())?;
                let stored = storage.put(container_of(media.kind), &name, body(output.bytes), options);
                etags.entry(blob.clone()).or_insert(stored.await?).clone()
            }
        };
        variants.push(Variant {
            variant: output.variant,
            blob,
            content_type: output.content_type.to_owned(),
            bytes: length,
            width: pixels.map(|(width, _)| width),
            height: pixels.map(|(_, height)| height),
            etag,
        });
    }
    Ok(variants)
}

/// The name changes with the bytes, so whoever may keep a copy may keep it for ever.
fn options(kind: Kind, content_type: &str) -> PutOptions {
    let cache_control = if kind.is_public() {
        "public, max-age=31536000, immutable"
    } else {
        "private, no-store"
    };
    PutOptions {
        content_type: Some(content_type.to_owned()),
        cache_control: Some(cache_control.to_owned()),
        content_disposition: (kind == Kind::Attachment).then(|| "attachment".to_owned()),
        ..PutOptions::default()
    }
}

/// Removes what a run left of an upload that was removed meanwhile.
pub(super) async fn sweep(storage: &dyn Storage, id: Uuid) -> Result<(), ProcessError> {
    let aside = BlobName::new(id.to_string())?;
    storage
        .delete(Container::Quarantine, &aside, Condition::None)
        .await?;
    for container in [Container::Media, Container::Private] {
        loop {
            let left = storage.list(container, &Media::folder(id), None, PAGE).await?;
            for blob in &left {
                storage.delete(container, &blob.name, Condition::None).await?;
            }
            if left.len() < PAGE {
                break;
            }
        }
    }
    Ok(())
}
