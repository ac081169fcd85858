use super::*;
use async_trait::async_trait;
use blobs::{Blob, Blobs, Lease, Listed, Message, Properties, Queues, ReadGrant, UploadGrant};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;
use std::time::Duration;

type Done<T> = Result<T, BlobError>;
/// The name of an operation, and how it fails.
type Wrong = (&'static str, fn() -> BlobError);

/// An account in which one operation goes wrong.
#[derive(Default)]
struct Account {
    wrong: Option<Wrong>,
    blobs: Mutex<BTreeMap<String, Bytes>>,
}

impl Account {
    fn tried(&self, operation: &str) -> Done<()> {
        match self.wrong {
            Some((wrong, error)) if wrong == operation => Err(error()),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Blobs for Account {
    async fn put(&self, _: Container, name: &BlobName, body: blobs::Body, _: PutOptions) -> Done<String> {
        self.tried("put")?;
        let pieces: Vec<Bytes> = body.try_collect().await?;
        let bytes = pieces.concat().into();
        self.blobs.lock().unwrap().insert(name.to_string(), bytes);
        Ok("\"1\"".to_owned())
    }

    async fn get(&self, _: Container, name: &BlobName, _: Option<Range<u64>>) -> Done<Option<Blob>> {
        self.tried("get")?;
        let bytes = self.blobs.lock().unwrap().get(name.as_str()).cloned();
        Ok(bytes.map(|bytes| Blob {
            properties: Properties {
                length: bytes.len() as u64,
                etag: "\"1\"".to_owned(),
                content_type: "application/octet-stream".to_owned(),
                cache_control: None,
                content_disposition: None,
                last_modified: Timestamp::UNIX_EPOCH,
                metadata: BTreeMap::new(),
            },
            range: 0..bytes.len() as u64,
            body: stream::iter([Ok(bytes)]).boxed(),
        }))
    }

    async fn delete(&self, _: Container, name: &BlobName, _: Condition) -> Done<bool> {
        self.tried("delete")?;
        Ok(self.blobs.lock().unwrap().remove(name.as_str()).is_some())
    }

    async fn grant_upload(&self, _: Container, _: &BlobName, terms: UploadTerms) -> Done<UploadGrant> {
        self.tried("grant_upload")?;
        Ok(UploadGrant {
            method: "PUT",
            url: "https://shop.blob.core.windows.net/incoming/x?sig=seeded".to_owned(),
            headers: BTreeMap::new(),
            until: terms.until,
        })
    }

    async fn grant_read(&self, _: Container, _: &BlobName, _: Timestamp) -> Done<Option<ReadGrant>> {
        unreachable!("doctor does not need it")
    }

    async fn head(&self, _: Container, _: &BlobName) -> Done<Option<Properties>> {
        unreachable!("doctor does not need it")
    }

    async fn list(&self, _: Container, _: &str, _: Option<&BlobName>, _: usize) -> Done<Vec<Listed>> {
        unreachable!("doctor does not need it")
    }

    async fn set_metadata(
        &self,
        _: Container,
        _: &BlobName,
        _: BTreeMap<String, String>,
        _: Condition,
    ) -> Done<Option<String>> {
        unreachable!("doctor does not need it")
    }

    async fn acquire_lease(&self, _: Container, _: &BlobName, _: Duration) -> Done<Option<Lease>> {
        unreachable!("doctor does not need it")
    }

    async fn release_lease(&self, _: Container, _: &BlobName, _: &Lease) -> Done<()> {
        unreachable!("doctor does not need it")
    }
}

#[async_trait]
impl Queues for Account {
    async fn message_count(&self, _: Queue) -> Done<u64> {
        self.tried("message_count")?;
        Ok(0)
    }

    async fn poison_count(&self, _: Queue) -> Done<u64> {
        self.tried("message_count")?;
        Ok(0)
    }

    async fn send(&self, _: Queue, _: &[u8], _: Duration) -> Done<()> {
        unreachable!("doctor changes no queue")
    }

    async fn receive(&self, _: Queue, _: usize, _: Duration) -> Done<Vec<Message>> {
        unreachable!("doctor changes no queue")
    }

    async fn delete_message(&self, _: Queue, _: &Message) -> Done<bool> {
        unreachable!("doctor changes no queue")
    }

    async fn poison(&self, _: Queue, _: &Message) -> Done<()> {
        unreachable!("doctor changes no queue")
    }
}

/// What doctor finds, and how many blobs it leaves behind.
async fn examined(wrong: Option<Wrong>) -> (Vec<Finding>, usize) {
    let account = Arc::new(Account {
        wrong,
        ..Account::default()
    });
    let findings = storage(Ok(Arc::clone(&account) as _)).await;
    let left = account.blobs.lock().unwrap().len();
    (findings, left)
}

#[tokio::test]
async fn what_works_is_told_and_nothing_stays() {
    let (findings, left) = examined(None).await;
    assert!(findings.iter().all(|finding| finding.ok), "{findings:?}");
    assert_eq!((findings.len(), left), (3, 0));
    assert!(!format!("{findings:?}").contains("seeded"), "{findings:?}");
}

#[tokio::test]
async fn each_missing_right_names_its_role() {
    let forbidden = || BlobError::Forbidden("no".to_owned());
    for (operation, name, role, left) in [
        ("put", "blobs", "Storage Blob Data Contributor", 0),
        ("get", "blobs", "Storage Blob Data Contributor", 0),
        ("delete", "blobs", "Storage Blob Data Contributor", 1),
        ("grant_upload", "uploads", "Storage Blob Data Contributor", 0),
        ("message_count", "queues", "Storage Queue Data Contributor", 0),
    ] {
        let (findings, stays) = examined(Some((operation, forbidden))).await;
        let wrong: Vec<_> = findings.iter().filter(|finding| !finding.ok).collect();
        assert_eq!(wrong.len(), 1, "{operation}: {findings:?}");
        assert_eq!(wrong[0].name, name);
        assert!(wrong[0].advice.unwrap().contains(role), "{wrong:?}");
        assert_eq!(stays, left, "{operation}");
    }
}

#[tokio::test]
async fn an_account_that_is_away_is_no_missing_role() {
    let away = || BlobError::Unavailable("no answer".to_owned());
    let (findings, _) = examined(Some(("put", away))).await;
    assert!(
        findings[0].advice.unwrap().contains("PRAVIS_STORAGE"),
        "{findings:?}"
    );
    let findings = storage(Err(away())).await;
    assert!(
        !findings[0].ok && findings[0].detail.contains("no answer"),
        "{findings:?}"
    );
}
