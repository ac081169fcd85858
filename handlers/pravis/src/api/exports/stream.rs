//! The stream itself. One page is held at a time, and the next is read when the caller has taken it: memory does not grow with
//! the list, and a caller who goes away ends the reading.

use super::format::{Columns, Format};
use crate::error::ApiError;
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::cursor::Position;
use domain::page::{PageRequest, Positioned};
use futures::{StreamExt, stream};
use jiff::Timestamp;
use store::StoreError;
use uuid::Uuid;

/// Rows that are read at once.
const ROWS: usize = 500;

/// Streams the list that `list` reads, after the position `after`. The first page is read before anything is answered, so that
/// what is wrong with the store is told as everywhere; later the connection is cut.
pub(super) async fn export<T, F>(
    what: &'static str,
    now: Timestamp,
    format: Format,
    name: String,
    after: Option<Position>,
    list: impl Fn(PageRequest) -> F + Send + Sync + 'static,
) -> Result<Response, ApiError>
where
    T: Positioned<Key = Uuid> + Columns,
    F: Future<Output = Result<Vec<T>, StoreError>> + Send + 'static,
{
    let read = move |after| list(PageRequest { limit: ROWS, after });
    let (first, next) = written(read(after).await?, format, &name)?;
    let head = Bytes::from(format.head::<T>()?);
    let rest = stream::try_unfold(next, move |next| {
        let (page, name) = (next.map(|after| read(Some(after))), name.clone());
        async move {
            let Some(page) = page else {
                return Ok::<_, ApiError>(None);
            };
            Ok(Some(written(page.await?, format, &name)?))
        }
    });
    let body = stream::iter([Ok(head), Ok(first)]).chain(rest);
    let file = format!("{what}-{}.{}", now.strftime("%Y-%m-%d"), format.extension());
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{file}\""),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

/// A page as it is sent, and the position of its last row where more follow.
fn written<T: Positioned<Key = Uuid> + Columns>(
    mut records: Vec<T>,
    format: Format,
    name: &str,
) -> Result<(Bytes, Option<Position>), ApiError> {
    let more = records.len() > ROWS;
    records.truncate(ROWS);
    let next = records.last().filter(|_| more).map(Positioned::position);
    let mut rows = Vec::new();
    for record in &records {
        format.write(&mut rows, record, record.position().to_cursor(name))?;
    }
    Ok((rows.into(), next))
}
