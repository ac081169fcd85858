//! Where telemetry is encoded and sent.

use std::io;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A thread of its own: to encode and compress a batch takes milliseconds, for which no request shall wait. It ends, and
/// drops what it has not done, with this value.
pub(super) struct Engine {
    handle: Handle,
    _stop: oneshot::Sender<()>,
}

impl Engine {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("telemetry".to_owned());
        thread.spawn(move || {
            let _: Result<(), _> = runtime.block_on(stopped);
        })?;
        Ok(Self { handle, _stop: stop })
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }
}
