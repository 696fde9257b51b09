//! The one stylesheet and the key symbols, compiled in. Both services serve them; called by their page routers.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// The stylesheet of portal, landing page and console, shipped as designed.
pub const STYLESHEET: &str = include_str!("../assets/portal.css");

/// The `<svg class="sprite">` with the two keys, the receipt and the circuits; stands once in each page.
pub const KEY_SYMBOLS: &str = include_str!("../assets/keys.svg");

/// The path the stylesheet is served under. It holds a hash of the content, so it may be cached for ever.
#[must_use]
pub fn stylesheet_path() -> &'static str {
    static PATH: LazyLock<String> = LazyLock::new(|| {
        let hash = Sha256::digest(STYLESHEET.as_bytes());
        format!("/assets/portal-{:02x}{:02x}{:02x}{:02x}.css", hash[0], hash[1], hash[2], hash[3])
    });
    &PATH
}
