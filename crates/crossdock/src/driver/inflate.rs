//! Compressed bodies, unpacked no further than the limit: a few kilobytes may stand for gigabytes.

use flate2::read::MultiGzDecoder;
use std::io::Read as _;

/// Why a body was not unpacked.
#[derive(Debug, PartialEq, Eq)]
pub enum Packed {
    /// It grows past the limit.
    TooLarge,
    /// It is not what its header says.
    Broken(String),
}

/// Unpacks gzip (RFC 1952) to at most `most` bytes.
///
/// # Errors
/// When it would be longer, or is broken or cut short.
pub fn gunzip(body: &[u8], most: usize) -> Result<Vec<u8>, Packed> {
    let mut plain = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let read = MultiGzDecoder::new(body).take(limit).read_to_end(&mut plain);
    read.map_err(|error| Packed::Broken(error.to_string()))?;
    if plain.len() > most { Err(Packed::TooLarge) } else { Ok(plain) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(plain).unwrap();
        packed.finish().unwrap()
    }

    #[test]
    fn what_fits_is_unpacked_and_what_grows_past_the_limit_is_not() {
        let plain = vec![b'x'; 1_000];
        assert_eq!(gunzip(&gzip(&plain), 1_000), Ok(plain));
        assert_eq!(gunzip(&gzip(&[b'x'; 1_001]), 1_000), Err(Packed::TooLarge));
        let bomb = gzip(&vec![0; 64 << 20]);
        assert!(bomb.len() < 100_000);
        assert_eq!(gunzip(&bomb, 1_000), Err(Packed::TooLarge));
        assert_eq!(gunzip(&[gzip(b"a"), gzip(b"b")].concat(), 10), Ok(b"ab".to_vec()));
    }

    #[test]
    fn what_is_broken_is_told() {
        let packed = gzip(b"hello, hello, hello");
        for bad in [&packed[..packed.len() - 5], b"hello", b"", &[&packed[..], b"more"].concat()] {
            assert!(matches!(gunzip(bad, 1_000), Err(Packed::Broken(_))), "{bad:?}");
        }
    }
}
