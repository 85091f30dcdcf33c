//! Bodies as stored: one byte that says how, then the bytes.
//!
//! LZ4 because it costs about as much as copying: a turn's 1 KB of JSON is packed in 2 µs and unpacked in less
//! than 1, and it takes off about half.

/// Bodies below this are kept as they are: packing would save less than a row's own overhead.
const WORTH_TRYING: usize = 256;
const PLAIN: u8 = 0;
/// LZ4 block with its length in front, as four bytes little-endian.
const LZ4: u8 = 1;

/// Packs a body; plain when packing would not take off at least an eighth.
pub(crate) fn pack(body: &[u8]) -> Vec<u8> {
    if body.len() >= WORTH_TRYING {
        let mut out = vec![LZ4; 5 + lz4_flex::block::get_maximum_output_size(body.len())];
        // A body of 4 GiB has no length in four bytes, and lz4 may decline: such a body is kept plain.
        if let (Ok(length), Ok(packed)) =
            (u32::try_from(body.len()), lz4_flex::block::compress_into(body, &mut out[5..]))
            && packed + 4 <= body.len() - body.len() / 8
        {
            out[1..5].copy_from_slice(&length.to_le_bytes());
            out.truncate(5 + packed);
            return out;
        }
    }
    let mut out = Vec::with_capacity(body.len() + 1);
    out.push(PLAIN);
    out.extend_from_slice(body);
    out
}

/// Unpacks what [`pack`] made.
///
/// # Errors
/// What is wrong with the bytes.
pub(crate) fn unpack(stored: &[u8]) -> Result<Vec<u8>, String> {
    match stored.split_first() {
        Some((&PLAIN, body)) => Ok(body.to_vec()),
        Some((&LZ4, packed)) => {
            let (length, packed) =
                packed.split_first_chunk::<4>().ok_or("a packed body ends before its length")?;
            let length = u32::from_le_bytes(*length) as usize;
            // LZ4 cannot expand more than 255-fold: a damaged length must not ask for gigabytes.
            if length / 255 > packed.len() {
                return Err(format!("a packed body of {} bytes claims a length of {length}", packed.len()));
            }
            let body =
                lz4_flex::block::decompress(packed, length).map_err(|e| format!("a packed body: {e}"))?;
            if body.len() == length {
                Ok(body)
            } else {
                Err(format!("a packed body has {} bytes instead of {length}", body.len()))
            }
        }
        Some((how, _)) => {
            Err(format!("a body is packed in a way (number {how}) that this release does not know"))
        }
        None => Err("a body lacks the byte that says how it is packed".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_come_back_and_text_gets_smaller() {
        let mut noise = Vec::new();
        let mut x = 1_u32;
        for _ in 0..4096 {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            noise.push((x >> 24) as u8);
        }
        for body in [&b""[..], b"{}", &[0; 255], &[7; 256], &noise, &[b'a'; 100_000]] {
            assert_eq!(unpack(&pack(body)).as_deref(), Ok(body));
        }
        assert_eq!(pack(&noise).len(), noise.len() + 1, "noise is kept plain");
        assert!(pack(&[b'a'; 100_000]).len() < 1000);
    }

    #[test]
    fn damaged_bodies_are_named_and_ask_for_no_memory() {
        let good = pack(&[b'a'; 1000]);
        for bad in [&[][..], &[9], &[1, 0], &[1, 255, 255, 255, 255, 0], &good[..good.len() - 1]] {
            assert!(unpack(bad).is_err(), "{bad:?}");
        }
    }
}
