//! Numbers that are asked for when they are sent.

use crate::app::App;
use crate::secrets::SecretSetting;
use std::time::Duration;
use store::azure_sql::PoolFigures;

/// How often a hash key of the vault is compared with the one in use; the vault itself is asked by its own pace.
const LOOK: Duration = Duration::from_secs(30);

/// Sees that the sessions of the store and the age of spilled writes are told; none of it keeps the app alive.
pub(crate) fn watch(app: &App) {
    let metrics = app.recorder().metrics();
    let figures = |app: &App| app.store_now().ok().and_then(|store| store.pool_figures());
    let of = |read: fn(PoolFigures) -> u32| {
        let app = app.downgrade();
        move || {
            let figures = app.upgrade().as_ref().and_then(figures);
            figures.map_or(0, |figures| read(figures).into())
        }
    };
    metrics.sql_in_use(of(|figures| figures.in_use));
    metrics.sql_waiting(of(|figures| figures.waiting));
    let app = app.downgrade();
    metrics.spill_age(move || {
        let app = app.upgrade();
        app.map_or(Duration::ZERO, |app| app.spill().age(app.now()))
    });
}

/// Gives the facts the hash key that the settings refer to, as soon as the vault tells it, and each later one.
pub(crate) async fn keep_hash_key(app: App) {
    let Some(setting @ SecretSetting::Reference(_)) = &app.config().hash_key else {
        return;
    };
    let secret = app.access().secrets.of(setting);
    let mut known = String::new();
    loop {
        if let Ok(key) = secret.current().await
            && key.expose() != known
        {
            key.expose().clone_into(&mut known);
            app.recorder().facts().set_key(known.as_bytes());
        }
        tokio::time::sleep(LOOK).await;
    }
}
