//! What only the folder has: files, which someone may find, break or leave behind.

use super::builders::{HERE, body, bytes_of, name, put, read, until};
use blobs::local::{LocalOptions, LocalStorage};
use blobs::{BlobError, Blobs, Container, PutOptions, Queue, Queues, Storage, UploadGrant, UploadTerms};
use jiff::{SignedDuration, Timestamp};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use url::Url;

fn open(folder: &Path) -> LocalStorage {
    LocalStorage::open(folder, LocalOptions::default()).unwrap()
}

/// All files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn age(path: &Path) {
    let hour_ago = SystemTime::now() - Duration::from_secs(3600);
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(hour_ago)
        .unwrap();
}

#[tokio::test]
async fn a_killed_process_leaves_nothing_for_long() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let storage = open(root);
    put(&storage, &name("2026/kept"), "kept").await;
    let private = root.join("private");
    let kept = files(&private);

    // What each step of a put, and of a delete, leaves when it is the last.
    let begun = root.join("tmp/begun");
    let at_work = root.join("tmp/at-work");
    let young = root.join("tmp/young");
    for path in [&begun, &at_work, &young] {
        fs::write(path, "half").unwrap();
    }
    age(&begun);
    age(&at_work);
    let writer = File::open(&at_work).unwrap();
    writer.lock().unwrap();
    fs::create_dir_all(private.join("never/finished")).unwrap();
    let waste = [
        private.join("2026/kept@0123"),
        private.join("2026/new@4567"),
        private.join("2026/gone@lease"),
        private.join("never/finished/x@89ab"),
    ];
    for path in &waste {
        fs::write(path, "{}").unwrap();
    }

    let again = open(root);
    until("it is swept", async || {
        (files(&private) == kept && !begun.exists()).then_some(())
    })
    .await;
    assert!(at_work.exists(), "someone is at work on it");
    assert!(young.exists(), "someone may have just made it");
    until("its folder goes", async || {
        (!private.join("never").exists()).then_some(())
    })
    .await;
    assert_eq!(read(&again, &name("2026/kept"), None).await, b"kept");
}

#[tokio::test]
async fn what_goes_leaves_no_file_behind() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    let blob = name("2026/11/23/blob");
    for text in ["one", "two", "three"] {
        put(&storage, &blob, text).await;
    }
    assert_eq!(
        files(&folder.path().join("private")).len(),
        2,
        "its bytes, and what is known of them"
    );
    let lease = storage
        .acquire_lease(HERE, &blob, Duration::from_secs(15))
        .await
        .unwrap()
        .unwrap();
    storage
        .delete(HERE, &blob, blobs::Condition::Held(lease))
        .await
        .unwrap();
    assert_eq!(fs::read_dir(folder.path().join("private")).unwrap().count(), 0);
    assert_eq!(fs::read_dir(folder.path().join("tmp")).unwrap().count(), 0);
}

#[tokio::test]
async fn what_is_broken_is_told_and_stands_in_no_way() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    for blob in ["cut", "lost", "record"] {
        put(&storage, &name(blob), "0123456789").await;
    }
    for path in files(&folder.path().join("private")) {
        let file = path.file_name().unwrap().to_str().unwrap();
        match file.split_once('@').unwrap() {
            ("record", "meta") => fs::write(&path, "{\"version\":").unwrap(),
            (_, "meta") | ("record", _) => {}
            ("cut", _) => File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_len(5)
                .unwrap(),
            _ => fs::remove_file(&path).unwrap(),
        }
    }
    for blob in ["cut", "lost", "record"] {
        let error = storage.get(HERE, &name(blob), None).await.err().unwrap();
        assert!(
            matches!(&error, BlobError::Broken(why) if why.contains(blob)),
            "{error}"
        );
    }
    put(&storage, &name("cut"), "whole").await;
    assert_eq!(read(&storage, &name("cut"), None).await, b"whole");

    // A lease from before the clock was put back.
    let lease = "{\"id\":\"x\",\"until\":\"2200-01-01T00:00:00Z\"}";
    fs::write(folder.path().join("private/cut@lease"), lease).unwrap();
    put(&storage, &name("cut"), "whole").await;

    // Files of someone else.
    let queue = folder.path().join("queues/pravis-spill");
    for path in [
        "private/.DS_Store",
        "private/@meta",
        "private/ü@meta",
        "private/x",
        "private/a b/c@meta",
    ] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "{}").unwrap();
    }
    for file in [".DS_Store", "1-2-3", "message.txt"] {
        fs::write(queue.join(file), "x").unwrap();
    }
    let list = storage.list(HERE, "cu", None, 9).await.unwrap();
    assert_eq!(list.len(), 1);
    fs::remove_file(folder.path().join("private/record@meta")).unwrap();
    let list = storage.list(HERE, "", None, 9).await.unwrap();
    assert_eq!(
        list.iter().map(|blob| blob.name.as_str()).collect::<Vec<_>>(),
        ["cut", "lost"]
    );
    assert_eq!(
        storage.receive(Queue::Spill, 32, Duration::ZERO).await.unwrap(),
        []
    );
    assert_eq!(storage.message_count(Queue::Spill).await.unwrap(), 0);
}

/// Id and receipt of a message come from outside when the host sends them: no path is made of anything else.
#[tokio::test]
async fn a_forged_message_deletes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    storage.send(Queue::Spill, b"x", Duration::ZERO).await.unwrap();
    let message = storage
        .receive(Queue::Spill, 1, Duration::from_secs(60))
        .await
        .unwrap()
        .remove(0);
    let key = folder.path().join("upload.key");
    for (id, receipt) in [
        ("../../upload.key", message.pop_receipt.as_str()),
        (message.id.as_str(), "../../upload.key"),
        (message.id.as_str(), ""),
        (message.id.as_str(), "1-1"),
        ("", message.pop_receipt.as_str()),
    ] {
        let mut forged = message.clone();
        (forged.id, forged.pop_receipt) = (id.to_owned(), receipt.to_owned());
        assert!(!storage.delete_message(Queue::Spill, &forged).await.unwrap());
        storage.poison(Queue::Spill, &forged).await.unwrap();
    }
    assert!(key.exists());
    assert_eq!(storage.message_count(Queue::Spill).await.unwrap(), 1);
    assert_eq!(storage.poison_count(Queue::Spill).await.unwrap(), 0);
    assert!(storage.delete_message(Queue::Spill, &message).await.unwrap());
}

/// A download that has begun ends with the blob that it began with.
#[tokio::test]
async fn a_read_outlives_its_blob() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    put(&storage, &name("blob"), vec![1; 2_000_000]).await;
    let first = storage.get(HERE, &name("blob"), None).await.unwrap().unwrap();
    put(&storage, &name("blob"), vec![2; 10]).await;
    storage
        .delete(HERE, &name("blob"), blobs::Condition::None)
        .await
        .unwrap();
    assert!(bytes_of(first.body).await.unwrap() == vec![1; 2_000_000]);
}

/// Folders are made and removed under those who write beside.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn blobs_come_and_go_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Arc::new(open(folder.path()));
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8 {
        let storage = storage.clone();
        tasks.spawn(async move {
            let blob = name(&format!("a/b/c/{task}"));
            for round in 0..60_u32 {
                let text = round.to_string();
                storage
                    .put(HERE, &blob, body(text.clone()), PutOptions::default())
                    .await
                    .unwrap();
                assert_eq!(read(&*storage, &blob, None).await, text.as_bytes());
                assert!(storage.delete(HERE, &blob, blobs::Condition::None).await.unwrap());
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    assert_eq!(fs::read_dir(folder.path().join("private")).unwrap().count(), 0);
}

/// Container, name, `until` and signature of a grant's URL, as the route gets them.
fn parts(grant: &UploadGrant) -> [String; 4] {
    let url = Url::parse(&grant.url).unwrap();
    let path = url.path().strip_prefix("/up/").unwrap();
    let (container, name) = path.split_once('/').unwrap();
    let query = |wanted: &str| {
        let pair = url.query_pairs().find(|(name, _)| name == wanted);
        pair.unwrap().1.into_owned()
    };
    [
        container.to_owned(),
        name.to_owned(),
        query("until"),
        query("signature"),
    ]
}

fn verify(
    storage: &LocalStorage,
    parts: &[String; 4],
    now: Timestamp,
) -> Result<(Container, String), BlobError> {
    let [container, name, until, signature] = parts;
    let (container, name) = storage.verify_upload(container, name, until, signature, now)?;
    Ok((container, name.as_str().to_owned()))
}

#[tokio::test]
async fn a_local_grant_is_for_one_blob_until_it_ends() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let options = LocalOptions {
        upload_url: "http://127.0.0.1:1/up/".to_owned(),
    };
    let storage = LocalStorage::open(folder.path(), options).unwrap();
    let now = Timestamp::now();
    let terms = |seconds| UploadTerms {
        until: now + SignedDuration::from_secs(seconds),
    };
    let granted = storage
        .grant_upload(Container::Incoming, &name("2026/Me.jpg"), terms(600))
        .await
        .unwrap();
    assert_eq!(granted.method, "PUT");
    assert!(!format!("{granted:?}").contains("signature"));
    let parts = parts(&granted);
    let right = (Container::Incoming, "2026/Me.jpg".to_owned());
    assert_eq!(verify(&storage, &parts, now).unwrap(), right);
    // Another process, and a later start, have the same key; another folder has not.
    assert_eq!(verify(&open(folder.path()), &parts, now).unwrap(), right);
    assert!(verify(&open(elsewhere.path()), &parts, now).is_err());

    let end = Timestamp::from_second(granted.until.as_second()).unwrap();
    assert!(verify(&storage, &parts, end - SignedDuration::from_millis(1)).is_ok());
    assert!(matches!(verify(&storage, &parts, end), Err(BlobError::Forbidden(why)) if why.contains("ended")));

    let later = (granted.until.as_second() + 1).to_string();
    let signature = &parts[3];
    let other = if signature.starts_with('A') { "B" } else { "A" };
    let forgeries = [
        (0, "media".to_owned()),
        (0, "nowhere".to_owned()),
        (1, "2026/You.jpg".to_owned()),
        (1, "2026/Me.jpg/x".to_owned()),
        (1, "../2026/Me.jpg".to_owned()),
        (2, later),
        (2, format!("+{}", parts[2])),
        (2, String::new()),
        (3, String::new()),
        (3, format!("{other}{}", &signature[1..])),
        (3, signature[..signature.len() - 2].to_owned()),
        (3, format!("{signature}AAAA")),
        (3, "no base64!".to_owned()),
    ];
    for (part, text) in forgeries {
        let mut forged = parts.clone();
        forged[part] = text;
        let refused = verify(&storage, &forged, now);
        assert!(
            matches!(refused, Err(BlobError::Forbidden(_))),
            "{forged:?}: {refused:?}"
        );
    }
    for seconds in [-1, 0, 24 * 3600 + 60] {
        let refused = storage.grant_upload(HERE, &name("x"), terms(seconds)).await;
        assert!(matches!(refused, Err(BlobError::Broken(_))), "{seconds}");
    }
}

#[cfg(unix)]
#[test]
fn the_folder_and_its_key_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("new/storage");
    open(&root);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&root), 0o700);
    assert_eq!(mode(&root.join("upload.key")), 0o600);
    assert_eq!(fs::read(root.join("upload.key")).unwrap().len(), 32);
}

/// Two that open a new folder at once have one key.
#[test]
fn first_starts_at_once_agree_on_a_key() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("storage");
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let root = root.clone();
                std::thread::spawn(move || open(&root))
            })
            .collect();
        let opened: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let now = Timestamp::now();
        let terms = UploadTerms {
            until: now + SignedDuration::from_secs(60),
        };
        let granted = runtime
            .block_on(opened[0].grant_upload(HERE, &name("x"), terms))
            .unwrap();
        let url = granted.url.replace("/api/v1/blobs/", "/up/");
        let parts = parts(&UploadGrant { url, ..granted });
        assert!(opened.iter().all(|storage| verify(storage, &parts, now).is_ok()));
    }
}

#[tokio::test]
async fn a_folder_gives_blobs_through_the_program_alone() {
    let folder = tempfile::tempdir().unwrap();
    let storage: Arc<dyn Storage> = Arc::new(open(folder.path()));
    put(&*storage, &name("a"), "x").await;
    let end = Timestamp::now() + SignedDuration::from_mins(5);
    assert_eq!(storage.grant_read(HERE, &name("a"), end).await.unwrap(), None);
}
