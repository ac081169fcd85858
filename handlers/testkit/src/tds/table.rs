//! Rows of an answer.

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// `bit`
    Bit,
    /// `tinyint`
    TinyInt,
    /// `int`
    Int,
    /// `bigint`
    BigInt,
    /// `float`
    Float,
    /// `nvarchar(max)`
    Text,
    /// `varbinary(max)`
    Bytes,
    /// `datetime2(7)`
    Time,
}

/// The value of a column in a row; it must fit the column's type.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Null, in a column of any type.
    Null,
    /// A bit.
    Bit(bool),
    /// A tinyint, int or bigint, as the column says.
    Int(i64),
    /// A float.
    Float(f64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Days since 0001-01-01, and tenths of microseconds since midnight.
    Time(u32, u64),
}

/// A result set.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    pub(super) columns: Vec<(String, Type)>,
    pub(super) rows: Vec<Vec<Cell>>,
}

impl Table {
    /// No rows yet, of these columns.
    pub fn of<const N: usize>(columns: [(&str, Type); N]) -> Self {
        Self {
            columns: columns.map(|(name, of)| (name.to_owned(), of)).into(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row<const N: usize>(mut self, cells: [Cell; N]) -> Self {
        assert_eq!(N, self.columns.len());
        self.rows.push(cells.into());
        self
    }

    /// One column and one row, of a bigint.
    pub fn number(number: i64) -> Self {
        Self::of([("", Type::BigInt)]).row([Cell::Int(number)])
    }
}
