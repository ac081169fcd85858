/// What is taken, and what is made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Bytes of an upload.
    pub max_bytes: usize,
    /// Pixels of an upload. Memory beside the upload is at most [`BYTES_PER_PIXEL`](Self::BYTES_PER_PIXEL) for each of them: what costs
    /// more to decode (a transparent or animated WebP, a progressive JPEG of inks) may have fewer.
    pub max_pixels: u64,
    /// Widths to make, in pixels. Order does not matter; none is wider than [`MAX_SIDE`](Self::MAX_SIDE).
    pub widths: Vec<u32>,
    /// Side of the square crop, in pixels.
    pub square: u32,
    /// Quality of WebP, 0 to 100.
    pub webp_quality: u8,
    /// Work put into WebP, 0 (fast) to 6 (small). With 2 a whole photo takes 54 to 60 % of the time that it takes with 4, for files 6 to 7 %
    /// larger.
    pub webp_effort: u8,
    /// Quality of JPEG, 1 to 100.
    pub jpeg_quality: u8,
    /// Quality of AVIF, 1 to 100; none: it is not made. It takes some twenty times the work of WebP.
    pub avif_quality: Option<u8>,
}

impl Settings {
    /// Bytes of memory for each pixel of [`max_pixels`](Self::max_pixels): four of colour and alpha, and as much again while a tall picture
    /// is shrunk.
    pub const BYTES_PER_PIXEL: u64 = 9;

    /// Longest side of an upload in pixels: the longest that WebP has, so that a tall photo never outgrows its outputs.
    pub const MAX_SIDE: u32 = 16_383;
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_bytes: 64 << 20,
            max_pixels: 50_000_000,
            widths: vec![320, 640, 1280, 2048],
            square: 640,
            webp_quality: 80,
            webp_effort: 2,
            jpeg_quality: 82,
            avif_quality: None,
        }
    }
}
