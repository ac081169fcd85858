//! What an account can do wrong, and what the program is told. Nothing is sent to anyone here.

use super::builders::{HERE, body, name};
use super::token::FakeIdentity;
use super::wire::{Fate, Wire};
use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::{Error, ErrorKind};
use blobs::azure::{AzureOptions, AzureStorage};
use blobs::{BlobError, Blobs, Condition, PutOptions, Queue, Queues, UploadTerms};
use jiff::{SignedDuration, Timestamp};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);
/// What someone waits who needs an answer now; the limits say 2 s, the rest is for a busy machine.
const SOON: Duration = Duration::from_millis(3500);

fn account(wire: &Arc<Wire>) -> AzureStorage {
    with_identity(wire, Arc::new(FakeIdentity))
}

fn with_identity(wire: &Arc<Wire>, identity: Arc<dyn TokenCredential>) -> AzureStorage {
    let options = AzureOptions {
        transport: Some(wire.transport()),
        ..AzureOptions::default()
    };
    AzureStorage::new("https://shop.blob.core.windows.net", None, identity, options).unwrap()
}

fn wire(fates: Vec<Fate>, last: Fate) -> Arc<Wire> {
    Wire::new(reqwest::Client::new(), fates, Some(last))
}

fn terms() -> UploadTerms {
    UploadTerms {
        until: Timestamp::now() + SignedDuration::from_mins(5),
    }
}

fn put_if(condition: Condition) -> PutOptions {
    PutOptions {
        condition,
        ..PutOptions::default()
    }
}

/// Each operation, and its error as the program sees it.
async fn errors_of_each(storage: &AzureStorage) -> Vec<BlobError> {
    let blob = name("blob");
    vec![
        storage
            .put(HERE, &blob, body("x"), PutOptions::default())
            .await
            .unwrap_err(),
        storage.get(HERE, &blob, None).await.err().unwrap(),
        storage.head(HERE, &blob).await.unwrap_err(),
        storage.list(HERE, "", None, 9).await.unwrap_err(),
        storage.delete(HERE, &blob, Condition::None).await.unwrap_err(),
        storage
            .set_metadata(HERE, &blob, Default::default(), Condition::None)
            .await
            .unwrap_err(),
        storage.acquire_lease(HERE, &blob, MINUTE).await.unwrap_err(),
        storage.grant_upload(HERE, &blob, terms()).await.unwrap_err(),
        storage.send(Queue::Spill, b"", Duration::ZERO).await.unwrap_err(),
        storage.receive(Queue::Spill, 1, MINUTE).await.unwrap_err(),
        storage.message_count(Queue::Spill).await.unwrap_err(),
        storage.poison_count(Queue::Spill).await.unwrap_err(),
    ]
}

#[tokio::test]
async fn a_missing_right_is_named_by_its_role() {
    let wire = wire(
        vec![],
        Fate::Answer(403, "AuthorizationPermissionMismatch", "<Error/>"),
    );
    for (number, error) in errors_of_each(&account(&wire)).await.into_iter().enumerate() {
        let role = match number {
            0..7 => "Storage Blob Data Contributor",
            7 => "Storage Blob Delegator",
            _ => "Storage Queue Data Contributor",
        };
        assert!(
            matches!(&error, BlobError::Forbidden(why) if why.contains(role)),
            "{number}: {error}"
        );
    }
    assert_eq!(wire.sent().len(), 12, "a refusal is final");
}

#[tokio::test]
async fn refusals_and_strange_answers_are_told_apart() {
    let cases: [(u16, &str, &str); 8] = [
        (
            409,
            "SnapshotsPresent",
            "the container private answers 409 SnapshotsPresent",
        ),
        (403, "AuthorizationFailure", "network rules"),
        (
            401,
            "InvalidAuthenticationInfo",
            "neither its token nor its key (InvalidAuthenticationInfo)",
        ),
        (403, "AuthenticationFailed", "(AuthenticationFailed)"),
        (404, "ContainerNotFound", "the container private does not exist"),
        (404, "ResourceNotFound", "the container private does not exist"),
        (
            400,
            "InvalidHeaderValue",
            "the container private answers 400 InvalidHeaderValue",
        ),
        (302, "", "the container private answers 302"),
    ];
    for (status, code, text) in cases {
        let wire = wire(vec![], Fate::Answer(status, code, ""));
        let error = account(&wire).get(HERE, &name("blob"), None).await.err().unwrap();
        let refused = matches!(status, 401 | 403);
        assert_eq!(matches!(error, BlobError::Forbidden(_)), refused, "{error}");
        assert_eq!(matches!(error, BlobError::Broken(_)), !refused, "{error}");
        assert!(error.to_string().contains(text), "{error}");
        assert_eq!(wire.sent().len(), 1);
    }
    let nonsense = wire(vec![], Fate::Answer(200, "", "<not xml"));
    let error = account(&nonsense).list(HERE, "", None, 9).await.unwrap_err();
    assert!(matches!(error, BlobError::Broken(_)), "{error}");
    let going = wire(vec![], Fate::Answer(409, "ContainerBeingDeleted", ""));
    let error = account(&going).list(HERE, "", None, 9).await.unwrap_err();
    assert!(matches!(error, BlobError::Unavailable(_)), "{error}");
    let lost = wire(vec![], Fate::Answer(404, "QueueNotFound", ""));
    let error = account(&lost).poison_count(Queue::Spill).await.unwrap_err();
    assert_eq!(error.to_string(), "the queue pravis-spill-poison does not exist");
}

#[tokio::test]
async fn an_account_that_is_busy_is_asked_three_times() {
    for fate in [
        Fate::Answer(503, "ServerBusy", ""),
        Fate::Answer(500, "InternalError", ""),
        Fate::Unreachable,
    ] {
        let wire = wire(vec![], fate);
        let error = account(&wire).head(HERE, &name("blob")).await.unwrap_err();
        assert!(matches!(error, BlobError::Unavailable(_)), "{error}");
        assert_eq!(wire.sent().len(), 3);
    }
    let found = Fate::Answer(404, "BlobNotFound", "");
    let wire = wire(
        vec![Fate::Unreachable, Fate::Answer(503, "ServerBusy", "")],
        found,
    );
    assert!(account(&wire).head(HERE, &name("blob")).await.unwrap().is_none());
}

/// The first attempt may have been done: a second one would be told that someone else was faster.
#[tokio::test]
async fn a_conditional_write_is_not_repeated_blindly() {
    let blob = name("blob");
    let conditions = [Condition::Absent, Condition::Matches("\"1\"".to_owned())];
    for condition in conditions {
        let unclear = wire(
            vec![Fate::Answer(500, "InternalError", "")],
            Fate::Answer(412, "ConditionNotMet", ""),
        );
        let error = account(&unclear)
            .put(HERE, &blob, body("x"), put_if(condition.clone()))
            .await
            .unwrap_err();
        assert!(matches!(error, BlobError::Unavailable(_)), "{error}");
        assert_eq!(unclear.sent().len(), 1);

        let clear = wire(vec![Fate::Unreachable], Fate::Answer(201, "", ""));
        account(&clear)
            .put(HERE, &blob, body("x"), put_if(condition))
            .await
            .unwrap();
        assert_eq!(clear.sent().len(), 2);
    }
    let plain = wire(
        vec![Fate::Answer(500, "InternalError", "")],
        Fate::Answer(201, "", ""),
    );
    account(&plain)
        .put(HERE, &blob, body("x"), PutOptions::default())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_dead_account_is_an_error_soon() {
    let silent = wire(vec![], Fate::Silence);
    let began = Instant::now();
    let error = account(&silent)
        .send(Queue::Spill, b"x", Duration::ZERO)
        .await
        .unwrap_err();
    assert!(matches!(error, BlobError::Unavailable(_)), "{error}");
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

#[tokio::test]
async fn one_silence_is_not_the_end() {
    let wire = wire(vec![Fate::Silence], Fate::Answer(201, "", ""));
    let storage = account(&wire);
    storage
        .put(HERE, &name("blob"), body("x"), PutOptions::default())
        .await
        .unwrap();
    assert_eq!(wire.sent().len(), 2);
}

/// The account may end a page early, even before its first blob.
#[tokio::test]
async fn a_list_goes_on_to_the_last_page() {
    let first = "<EnumerationResults><Blobs></Blobs><NextMarker>here</NextMarker></EnumerationResults>";
    let second = "<EnumerationResults><Blobs><Blob><Name>a</Name><Properties><Content-Length>3</Content-Length>\
        </Properties></Blob><Blob><Name>no/../name</Name><Properties></Properties></Blob></Blobs>\
        <NextMarker>there</NextMarker></EnumerationResults>";
    let third = "<EnumerationResults><Blobs><Blob><Name>b</Name><Properties></Properties></Blob></Blobs>\
        <NextMarker /></EnumerationResults>";
    let pages = [first, second, third].map(|page| Fate::Answer(200, "", page));
    let wire = wire(pages.to_vec(), Fate::Silence);
    let list = account(&wire).list(HERE, "", None, 9).await.unwrap();
    let found: Vec<_> = list
        .iter()
        .map(|blob| (blob.name.as_str(), blob.length))
        .collect();
    assert_eq!(found, [("a", 3), ("b", 0)]);
    assert!(wire.sent()[1].contains("marker=here") && wire.sent()[2].contains("marker=there"));
}

/// Over real connections: to where nobody listens, and to where nobody answers.
#[tokio::test]
async fn a_dead_host_is_an_error_soon() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let ports = [
        silent.local_addr().unwrap().port(),
        closed.local_addr().unwrap().port(),
    ];
    drop(closed);
    for port in ports {
        let place = format!("http://127.0.0.1:{port}/shop");
        let connection = format!("UseDevelopmentStorage=true;BlobEndpoint={place};QueueEndpoint={place}");
        let storage = AzureStorage::development(&connection, AzureOptions::default()).unwrap();
        let began = Instant::now();
        let blob = name("blob");
        let (put, sent) = tokio::join!(
            storage.put(HERE, &blob, body(vec![0; 60_000]), PutOptions::default()),
            storage.send(Queue::Spill, b"x", Duration::ZERO),
        );
        assert!(matches!(put, Err(BlobError::Unavailable(_))), "{put:?}");
        assert!(matches!(sent, Err(BlobError::Unavailable(_))), "{sent:?}");
        assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    }
}

/// An identity that takes its time, as it does where a function has just started.
#[derive(Debug)]
struct Slow {
    takes: Duration,
    asked: AtomicUsize,
}

#[async_trait]
impl TokenCredential for Slow {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(self.takes).await;
        FakeIdentity.get_token(scopes, None).await
    }
}

/// Slower than any call may take: the first ones fail, but not for ever, and not each with a request of its own.
#[tokio::test]
async fn a_slow_identity_is_waited_for() {
    let wire = wire(vec![], Fate::Answer(404, "BlobNotFound", ""));
    let slow = Arc::new(Slow {
        takes: Duration::from_secs(4),
        asked: AtomicUsize::new(0),
    });
    let storage = with_identity(&wire, slow.clone());
    let began = Instant::now();
    let error = storage.head(HERE, &name("blob")).await.unwrap_err();
    assert!(matches!(error, BlobError::Unavailable(_)), "{error}");
    assert!(began.elapsed() < SOON);
    while storage.head(HERE, &name("blob")).await.is_err() {
        assert!(began.elapsed() < MINUTE);
    }
    assert_eq!(slow.asked.load(Ordering::Relaxed), 1);
    storage.head(HERE, &name("blob")).await.unwrap();
    assert_eq!(slow.asked.load(Ordering::Relaxed), 1);
}

/// An identity that is not there.
#[derive(Debug)]
struct Nobody;

#[async_trait]
impl TokenCredential for Nobody {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        Err(Error::with_message(
            ErrorKind::Credential,
            "no identity is assigned",
        ))
    }
}

#[tokio::test]
async fn a_missing_identity_is_told() {
    let wire = wire(vec![], Fate::Silence);
    let error = with_identity(&wire, Arc::new(Nobody))
        .head(HERE, &name("blob"))
        .await
        .unwrap_err();
    let text = "storage is not available: there is no token for it: no identity is assigned";
    assert_eq!(error.to_string(), text);
    assert_eq!(wire.sent().len(), 0);
}
