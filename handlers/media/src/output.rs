//! What is made of an upload.

use std::fmt;

/// A file that is ready to be served.
#[derive(Clone, PartialEq, Eq)]
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

/// How many bytes there are, not which: they may be somebody's voice.
impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output")
            .field("variant", &self.variant)
            .field("content_type", &self.content_type)
            .field("pixels", &self.pixels)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}
