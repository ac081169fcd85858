//! The contract for blobs, on the folder.

use super::{Folder, LocalStorage, place::Place, record, record::Record};
use crate::{
    Blob, BlobError, BlobName, Blobs, Body, Condition, Container, Lease, Listed, Properties, PutOptions,
    ReadGrant, UploadGrant, UploadTerms, limits,
};
use async_trait::async_trait;
use futures::StreamExt;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::ErrorKind;
use std::ops::Range;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio_util::io::ReaderStream;
use uuid::Uuid;

/// Bytes of a piece that is read.
const PIECE: usize = 256 * 1024;

#[async_trait]
impl Blobs for LocalStorage {
    async fn put(
        &self,
        container: Container,
        name: &BlobName,
        mut body: Body,
        options: PutOptions,
    ) -> Result<String, BlobError> {
        limits::check_options(&options)?;
        let file = self.blocking(|folder| Ok(folder.new_file()?)).await?;
        let mut writer = tokio::fs::File::from_std(file.as_file().try_clone()?);
        let mut length = 0;
        while let Some(piece) = body.next().await {
            let piece = piece?;
            writer.write_all(&piece).await?;
            length += piece.len() as u64;
        }
        writer.flush().await?;
        let place = self.place(container, name);
        self.blocking(move |folder| {
            let record = new_record(length, &options);
            folder.commit(&place, file, &record, &options.condition)?;
            Ok(record.etag)
        })
        .await
    }

    async fn get(
        &self,
        container: Container,
        name: &BlobName,
        range: Option<Range<u64>>,
    ) -> Result<Option<Blob>, BlobError> {
        let place = self.place(container, name);
        let Some((record, file)) = self.blocking(move |_| open(&place)).await? else {
            return Ok(None);
        };
        let length = record.length;
        let range = match range {
            Some(range) if range.start >= length => return Err(BlobError::RangeNotSatisfiable { length }),
            Some(range) => range.start..range.end.clamp(range.start, length),
            None => 0..length,
        };
        let mut file = tokio::fs::File::from_std(file);
        file.seek(std::io::SeekFrom::Start(range.start)).await?;
        let pieces = ReaderStream::with_capacity(file.take(range.end - range.start), PIECE);
        Ok(Some(Blob {
            properties: record.into_properties(),
            range,
            body: pieces.map(|piece| Ok(piece?)).boxed(),
        }))
    }

    async fn head(&self, container: Container, name: &BlobName) -> Result<Option<Properties>, BlobError> {
        let place = self.place(container, name);
        self.blocking(move |_| Ok(Record::read(&place)?.map(Record::into_properties)))
            .await
    }

    async fn list(
        &self,
        container: Container,
        prefix: &str,
        after: Option<&BlobName>,
        limit: usize,
    ) -> Result<Vec<Listed>, BlobError> {
        let (prefix, after) = (prefix.to_owned(), after.cloned());
        self.blocking(move |folder| folder.list(container, &prefix, after.as_ref(), limit))
            .await
    }

    async fn delete(
        &self,
        container: Container,
        name: &BlobName,
        condition: Condition,
    ) -> Result<bool, BlobError> {
        let place = self.place(container, name);
        self.blocking(move |folder| folder.remove(&place, &condition))
            .await
    }

    async fn set_metadata(
        &self,
        container: Container,
        name: &BlobName,
        metadata: BTreeMap<String, String>,
        condition: Condition,
    ) -> Result<Option<String>, BlobError> {
        limits::check_metadata(&metadata, 0)?;
        let place = self.place(container, name);
        self.blocking(move |folder| folder.annotate(&place, metadata, &condition))
            .await
    }

    async fn acquire_lease(
        &self,
        container: Container,
        name: &BlobName,
        length: Duration,
    ) -> Result<Option<Lease>, BlobError> {
        limits::check_lease(length)?;
        let place = self.place(container, name);
        self.blocking(move |folder| folder.acquire(&place, length)).await
    }

    async fn release_lease(
        &self,
        container: Container,
        name: &BlobName,
        lease: &Lease,
    ) -> Result<(), BlobError> {
        let (place, lease) = (self.place(container, name), lease.clone());
        self.blocking(move |folder| folder.release(&place, &lease)).await
    }

    async fn grant_upload(
        &self,
        container: Container,
        name: &BlobName,
        terms: UploadTerms,
    ) -> Result<UploadGrant, BlobError> {
        terms.check(Timestamp::now())?;
        self.folder.grant(container, name, &terms)
    }

    async fn grant_read(
        &self,
        _container: Container,
        _name: &BlobName,
        _until: Timestamp,
    ) -> Result<Option<ReadGrant>, BlobError> {
        Ok(None)
    }

    async fn redeem_upload(
        &self,
        container: &str,
        name: &str,
        until: &str,
        signature: &str,
        now: Timestamp,
    ) -> Result<(Container, BlobName), BlobError> {
        self.verify_upload(container, name, until, signature, now)
    }
}

impl LocalStorage {
    fn place(&self, container: Container, name: &BlobName) -> Place {
        Place::of(&self.folder.root, container, name)
    }
}

impl Folder {
    fn annotate(
        &self,
        place: &Place,
        metadata: BTreeMap<String, String>,
        condition: &Condition,
    ) -> Result<Option<String>, BlobError> {
        let _lock = self.lock(place)?;
        let Some(mut record) = Record::read(place)? else {
            return Ok(None);
        };
        self.check(place, condition, Some(&record))?;
        record.metadata = metadata;
        record.touch();
        self.write_record(place, &record)?;
        Ok(Some(record.etag))
    }
}

fn new_record(length: u64, options: &PutOptions) -> Record {
    let content_type = options.content_type.clone();
    Record {
        version: Uuid::now_v7().simple().to_string(),
        etag: record::new_etag(),
        length,
        content_type: content_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
        cache_control: options.cache_control.clone(),
        content_disposition: options.content_disposition.clone(),
        last_modified: Timestamp::now(),
        metadata: options.metadata.clone(),
    }
}

/// The record and the bytes that it names. They need no lock: bytes never change, and what is open stays readable when
/// it is replaced.
fn open(place: &Place) -> Result<Option<(Record, File)>, BlobError> {
    let missing = || BlobError::Broken(format!("the bytes of the blob {} are lost", place.stem));
    let mut seen = None;
    while let Some(record) = Record::read(place)? {
        match File::open(place.version(&record.version)) {
            Ok(file) if file.metadata()?.len() == record.length => return Ok(Some((record, file))),
            Ok(_) => return Err(missing()),
            // Replaced since its record was read, unless the record still says so.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if seen.replace(record.version.clone()) == Some(record.version) {
                    return Err(missing());
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}
