//! What telemetry and logs are told: the function's name, whether it worked, and nothing of what it asked or got.

use super::{Bench, once};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use testkit::tds::{Cell, Reply, Table, Type};
use tracing::Level;
use tracing::instrument::WithSubscriber;
use tracing_subscriber::fmt::format::FmtSpan;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// All that was logged, down to the finest level, while the server answered like that.
async fn logged(reply: Reply) -> String {
    let bench = Bench::new().await;
    bench.server.then(reply);
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .with_ansi(false)
        .with_span_events(FmtSpan::FULL)
        .with_writer(move || writer.clone())
        .finish();
    let call = once().bind("secret of a shopper").bind(b"secret".as_slice());
    let result = bench.pool.run(call).with_subscriber(subscriber).await;
    if let Err(error) = result {
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    String::from_utf8(log.0.lock().unwrap().clone()).unwrap()
}

#[tokio::test]
async fn a_call_is_known_by_its_functions_name_alone() {
    let secret = Table::of([("text", Type::Text)]).row([Cell::Text("secret of a row".to_owned())]);
    let log = logged(Reply::rows(secret)).await;
    assert!(log.contains("otel.name=\"test_once\""), "{log}");
    assert!(log.contains("otel.kind=\"client\"") && log.contains("db.system.name=\"microsoft.sql_server\""));
    for hidden in ["secret", "INSERT", "password"] {
        assert!(!log.contains(hidden), "{log}");
    }
}

#[tokio::test]
async fn an_error_is_known_by_its_number_and_without_values_of_rows() {
    for number in [2627, 2628, 245] {
        let log = logged(Reply::error(number, "The value is (secret).")).await;
        assert!(log.contains("otel.status_code=\"ERROR\""), "{log}");
        assert!(!log.contains("secret"), "{log}");
    }
    let log = logged(Reply::error(547, "The CHECK constraint")).await;
    assert!(log.contains("db.response.status_code=547"), "{log}");
}
