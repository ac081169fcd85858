//! What the tests share: the whole program in process, over a fresh store and a clock that they set.
//!
//! ```ignore
//! let app = TestApp::new().await;
//! let caller = app.caller(&[Scope::Ingest]).await;
//! let answer = caller.post("/api/v1/interactions", turn(json!({}))).await;
//! answer.assert_status(201);
//! ```

#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test that uses it, with the place"
)]

mod answer;
mod app;
pub mod azurite;
mod builders;
mod caller;
mod clock;
mod credential;
pub mod faulty;
mod hook;
mod identity;
pub mod ingestion;
mod language;
mod mail_server;
mod served;
pub mod tds;
mod tunnel;
mod until;
mod vault;

pub use answer::Answer;
pub use app::TestApp;
pub use builders::{complete_turn, feedback, id, key, over, turn, upload};
pub use caller::Caller;
pub use clock::FakeClock;
pub use credential::FixedToken;
pub use hook::{HookCall, HookMood, HookStub};
pub use identity::IdentityStub;
pub use ingestion::Ingestion;
pub use language::{LanguageMood, LanguageStub};
pub use mail_server::{MailMood, MailServer, Received};
pub use tunnel::Tunnel;
pub use until::until;
pub use vault::{VaultMood, VaultStub};
