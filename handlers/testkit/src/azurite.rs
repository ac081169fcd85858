//! Azurite, the emulator of Azure Storage, for tests that are `#[ignore = "needs azurite"]`: `cargo xtask test` installs it.
//!
//! The file stands alone, so that the tests of `blobs` can take it in without the rest of this crate, which needs `blobs`.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;
use tempfile::TempDir;

/// Accounts of a process: a test takes one and has its containers and queues for itself.
const ACCOUNTS: usize = 200;
/// Of every account. Azurite is on the loopback only, and what is in it goes with it.
const KEY: &str = "dGVzdHMgb2YgcHJhdmlzIG9ubHk=";
/// A start takes seconds, and more while the machine is building.
const START: Duration = Duration::from_secs(120);

/// A running Azurite. It ends when this is dropped, or when the process that started it does.
pub struct Azurite {
    process: Child,
    blobs: String,
    queues: String,
    /// Which accounts are taken.
    next: AtomicUsize,
    /// The authority that signed its certificate, in PEM; only over https.
    authority: Option<String>,
    _folder: TempDir,
}

/// An account of an [`Azurite`].
pub struct Account {
    /// Its blobs, without a slash at the end.
    pub blob_url: String,
    /// Its queues, without a slash at the end.
    pub queue_url: String,
    /// For a program that takes a connection string, by shared key.
    pub connection: String,
}

impl Azurite {
    /// Over http, by shared key.
    pub fn start() -> Self {
        Self::launch(tempfile::tempdir().unwrap(), &[], None)
    }

    /// Over https with a certificate of our own authority, by token: it checks who issued it, for whom and until when,
    /// and no signature.
    pub fn start_with_tokens() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (authority, certificate, key) = certificates();
        let files = ["cert.pem", "key.pem"].map(|name| folder.path().join(name));
        for (path, text) in files.iter().zip([certificate, key]) {
            std::fs::write(path, text).unwrap();
        }
        let [certificate, key] = files.map(|path| path.into_os_string().into_string().unwrap());
        let arguments = ["--oauth", "basic", "--cert", &certificate, "--key", &key];
        Self::launch(folder, &arguments, Some(authority))
    }

    fn launch(folder: TempDir, arguments: &[&str], authority: Option<String>) -> Self {
        let accounts: Vec<_> = (0..ACCOUNTS)
            .map(|number| format!("shop{number}:{KEY}"))
            .collect();
        let mut process = Command::new("node")
            // Its input is ours: it ends with us, even when we are killed.
            .args([
                "--import",
                "data:text/javascript,process.stdin.on('end',()=>process.exit()).resume()",
            ])
            .arg(program())
            .args(["--silent", "--disableTelemetry", "--inMemoryPersistence"])
            .args(["--blobPort", "0", "--queuePort", "0", "--tablePort", "0"])
            .args(arguments)
            .env("AZURITE_ACCOUNTS", accounts.join(";"))
            .env("NODE_NO_WARNINGS", "1")
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node is on the path");
        let output = process.stdout.take().unwrap();
        let (found, places) = mpsc::channel();
        // Reads to the end, or Azurite would wait for us.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Some((_, place)) = line.split_once("successfully listening at ") {
                    let _ = found.send(place.to_owned());
                }
            }
        });
        // It says where its blobs are, then its queues, then its tables.
        let place = || places.recv_timeout(START).expect("Azurite starts");
        Self {
            blobs: place(),
            queues: place(),
            next: AtomicUsize::new(0),
            authority,
            process,
            _folder: folder,
        }
    }

    /// An account that nobody else uses.
    pub fn account(&self) -> Account {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        assert!(number < ACCOUNTS, "all accounts are taken");
        let name = format!("shop{number}");
        let blob_url = format!("{}/{name}", self.blobs);
        let queue_url = format!("{}/{name}", self.queues);
        Account {
            connection: format!(
                "UseDevelopmentStorage=true;AccountName={name};AccountKey={KEY};BlobEndpoint={blob_url};QueueEndpoint={queue_url}"
            ),
            blob_url,
            queue_url,
        }
    }

    /// The authority to trust, in PEM.
    pub fn authority(&self) -> &str {
        self.authority.as_deref().expect("it speaks https")
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where `cargo xtask test` puts it: in the target folder, which every test program is in.
fn program() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    here.ancestors()
        .map(|folder| folder.join("azurite/node_modules/azurite/dist/src/azurite.js"))
        .find(|path| Path::new(path).is_file())
        .expect("`cargo xtask test` installs Azurite")
}

/// An authority, and a certificate of it for 127.0.0.1 with its key; all in PEM.
fn certificates() -> (String, String, String) {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let root = authority.self_signed(&authority_key).unwrap();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let leaf = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()])
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    (root.pem(), leaf.pem(), key.serialize_pem())
}
