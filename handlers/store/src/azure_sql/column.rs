//! What the value of a column can be read as. Integers come as narrow as their column is, sums as decimals.

use super::datetime2;
use jiff::Timestamp;
use tiberius::ColumnData;

/// A type that a column can be read as.
pub(super) trait FromColumn: Sized {
    /// What it is called where a column is something else.
    const NAME: &'static str;

    /// The value; none when the column holds something else, also when it is null.
    fn from_column(value: ColumnData<'static>) -> Option<Self>;
}

impl<T: FromColumn> FromColumn for Option<T> {
    const NAME: &'static str = T::NAME;

    fn from_column(value: ColumnData<'static>) -> Option<Self> {
        if is_null(&value) {
            return Some(None);
        }
        T::from_column(value).map(Some)
    }
}

impl FromColumn for i64 {
    const NAME: &'static str = "an integer";

    fn from_column(value: ColumnData<'static>) -> Option<Self> {
        match value {
            ColumnData::U8(number) => number.map(i64::from),
            ColumnData::I16(number) => number.map(i64::from),
            ColumnData::I32(number) => number.map(i64::from),
            ColumnData::I64(number) => number,
            ColumnData::Numeric(number) => number
                .filter(|number| number.scale() == 0)
                .and_then(|number| number.value().try_into().ok()),
            _ => None,
        }
    }
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl FromColumn for $integer {
            const NAME: &'static str = concat!("an integer of ", stringify!($integer));

            fn from_column(value: ColumnData<'static>) -> Option<Self> {
                i64::from_column(value)?.try_into().ok()
            }
        }
    )*};
}

integers!(u8, i32, u32, u64, usize);

impl FromColumn for f64 {
    const NAME: &'static str = "a number";

    fn from_column(value: ColumnData<'static>) -> Option<Self> {
        match value {
            ColumnData::F32(number) => number.map(f64::from),
            ColumnData::F64(number) => number,
            ColumnData::Numeric(number) => number.map(Into::into),
            integer => i64::from_column(integer).map(|number| number as Self),
        }
    }
}

impl FromColumn for bool {
    const NAME: &'static str = "a bit";

    fn from_column(value: ColumnData<'static>) -> Option<Self> {
        match value {
            ColumnData::Bit(bit) => bit,
            integer => i64::from_column(integer).map(|number| number != 0),
        }
    }
}

impl FromColumn for String {
    const NAME: &'static str = "a text";

    fn from_column(value: ColumnData<'static>) -> Option<Self> {
        match value {
            ColumnData::String(text) => text.map(Into::into),
            _ => None,
        }
    }
}

impl FromColumn for Vec<u8> {
    const NAME: &'static str = "bytes";

    fn from_column(value: ColumnData<'static>) -> Option<Self> {
        match value {
            ColumnData::Binary(bytes) => bytes.map(Into::into),
            _ => None,
        }
    }
}

impl<const N: usize> FromColumn for [u8; N] {
    const NAME: &'static str = "bytes of that length";

    fn from_column(value: ColumnData<'static>) -> Option<Self> {
        Vec::from_column(value)?.try_into().ok()
    }
}

impl FromColumn for Timestamp {
    const NAME: &'static str = "a point in time";

    fn from_column(value: ColumnData<'static>) -> Option<Self> {
        match value {
            ColumnData::DateTime2(at) => at.map(datetime2::to_timestamp),
            _ => None,
        }
    }
}

fn is_null(value: &ColumnData<'static>) -> bool {
    use ColumnData::{Binary, Bit, DateTime2, F32, F64, I16, I32, I64, Numeric, String as Text, U8};
    matches!(
        value,
        U8(None)
            | I16(None)
            | I32(None)
            | I64(None)
            | F32(None)
            | F64(None)
            | Bit(None)
            | Text(None)
            | Binary(None)
            | Numeric(None)
            | DateTime2(None)
    )
}
