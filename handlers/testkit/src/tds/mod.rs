//! A server that speaks just enough TDS for `tiberius`, and answers as a test tells it: rows, errors, silence, a
//! connection that ends in the middle. Nothing of it understands SQL.
//!
//! Sections are those of [MS-TDS], "Tabular Data Stream Protocol".
//!
//! ```ignore
//! let server = tds::Server::start().await;
//! server.then_login(LoginReply::refuse(40613, "paused"));
//! server.then(Reply::rows(Table::of([("id", Type::BigInt)]).row([Cell::BigInt(1)])));
//! // … open a store on `server.connection_string()` …
//! assert_eq!(server.round_trips(), 1);
//! ```

mod bytes;
mod channel;
mod login;
mod reply;
mod request;
mod server;
mod session;
mod table;
mod tokens;

pub use login::Login;
pub use reply::{LoginReply, Reply};
pub use request::{Parameter, Statement};
pub use server::Server;
pub use table::{Cell, Table, Type};
