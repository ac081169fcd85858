//! What is made of an upload.

/// A file that is ready to be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its name among the outputs of one upload, such as `w640.webp`.
    pub variant: String,
    /// Media type, such as `image/webp`.
    pub content_type: &'static str,
    /// Width and height in pixels, of pictures.
    pub pixels: Option<(u32, u32)>,
    /// The file itself.
    pub bytes: Vec<u8>,
}
