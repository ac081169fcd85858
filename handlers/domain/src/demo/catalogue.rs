//! What the boutique sells.

/// An article.
#[derive(Debug)]
pub(super) struct Product {
    /// Its number in the shop.
    pub(super) id: &'static str,
    /// Its name, the same in every language.
    pub(super) name: &'static str,
    /// Its page.
    pub(super) page: &'static str,
}

impl Product {
    /// The article with this number.
    pub(super) fn of(id: &str) -> Option<&'static Self> {
        DRESSES.iter().chain(SHOES).find(|product| product.id == id)
    }

    /// What it costs, in euros: a little over 100 to a little over 400.
    pub(super) fn euros(&self) -> u64 {
        let number: u64 = self.id[3..].parse().unwrap_or_default();
        105 + number % 61 * 5
    }
}

macro_rules! products {
    ($shelf:literal: $($id:literal $name:literal $slug:literal),+ $(,)?) => {
        &[$(Product { id: $id, name: $name, page: concat!("/", $shelf, "/", $slug) }),+]
    };
}

/// Dresses.
pub(super) const DRESSES: &[Product] = products!("dresses":
    "DR-1004" "Viola" "viola", "DR-1011" "Marcella" "marcella", "DR-1018" "Aurélie" "aurelie",
    "DR-1023" "Ines" "ines", "DR-1037" "Colette" "colette", "DR-1042" "Fiorella" "fiorella",
    "DR-1055" "Hanae" "hanae", "DR-1061" "Greta" "greta", "DR-1070" "Odile" "odile",
    "DR-1084" "Sabine" "sabine", "DR-1092" "Lucia" "lucia", "DR-1099" "Mirabel" "mirabel",
);
/// Shoes.
pub(super) const SHOES: &[Product] = products!("shoes":
    "SH-2003" "Prato" "prato", "SH-2010" "Nerina" "nerina", "SH-2016" "Belleville" "belleville",
    "SH-2024" "Camden" "camden", "SH-2031" "Ortensia" "ortensia", "SH-2048" "Linden" "linden",
    "SH-2052" "Kaede" "kaede", "SH-2067" "Rivoli" "rivoli",
);
/// Sizes of dresses.
pub(super) const DRESS_SIZES: &[&str] = &["34", "36", "38", "40", "42", "44"];
/// Sizes of shoes.
pub(super) const SHOE_SIZES: &[&str] = &["36", "37", "38", "39", "40", "41"];
