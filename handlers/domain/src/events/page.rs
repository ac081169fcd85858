//! What is kept of the address of a page.

/// The path of a URL, or of what follows its authority. Query and fragment may say what a shopper looked for, or who he
/// or she is (links in mails do), and are not kept.
pub(super) fn path_of(page: &str) -> String {
    let end = page.find(['?', '#']).unwrap_or(page.len());
    let page = &page[..end];
    let path = page
        .split_once("://")
        .map(|(_, rest)| rest.find('/').map_or("/", |slash| &rest[slash..]));
    path.unwrap_or(page).to_owned()
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn only_the_path_is_kept() {
        for (page, kept) in [
            (
                "https://shop.example/dresses/42?mail=a@b.example#top",
                "/dresses/42",
            ),
            ("https://user:word@shop.example?q=x", "/"),
            ("https://shop.example", "/"),
            ("/dresses#me", "/dresses"),
            ("/a?next=https://other.example/b", "/a"),
            ("", ""),
        ] {
            assert_eq!(path_of(page), kept, "{page}");
        }
    }
}
