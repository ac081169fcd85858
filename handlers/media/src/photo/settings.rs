/// What is taken, and what is made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Bytes of an upload.
    pub max_bytes: usize,
    /// Pixels of an upload. Memory is at most about six bytes for each of them.
    pub max_pixels: u64,
    /// Widths to make, in pixels. Order does not matter; none is wider than [`MAX_SIDE`](Self::MAX_SIDE).
    pub widths: Vec<u32>,
    /// Side of the square crop, in pixels.
    pub square: u32,
    /// Quality of WebP, 0 to 100.
    pub webp_quality: u8,
    /// Work put into WebP, 0 (fast) to 6 (small).
    pub webp_effort: u8,
    /// Quality of JPEG, 1 to 100.
    pub jpeg_quality: u8,
}

impl Settings {
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
            webp_effort: 4,
            jpeg_quality: 82,
        }
    }
}
