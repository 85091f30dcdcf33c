//! Bodies as stored: one byte that says how, four of a checksum over all others (CRC-32, little-endian), then the
//! bytes. A bit that a disk or a hand has flipped is so found where it is read, and by `verify` wherever it stands:
//! a state or a message that still reads would be believed otherwise.
//!
//! LZ4 because it costs about as much as copying: a turn's 1 KB of JSON is packed in 2 µs and unpacked in less
//! than 1, and it takes off about half.

/// Bodies below this are kept as they are: packing would save less than a row's own overhead.
const WORTH_TRYING: usize = 256;
/// What these say differs in two bits at least from each other, and from what is below.
const PLAIN: u8 = 6;
/// LZ4 block with its length in front, as four bytes little-endian.
const LZ4: u8 = 10;
/// The same without a checksum, as releases before this one wrote them.
const PLAIN_UNSUMMED: u8 = 0;
const LZ4_UNSUMMED: u8 = 1;
/// The byte that says how, and the checksum.
const FRONT: usize = 5;

/// Packs a body; plain when packing would not take off at least an eighth.
pub(crate) fn pack(body: &[u8]) -> Vec<u8> {
    if body.len() >= WORTH_TRYING {
        let mut out = vec![LZ4; FRONT + 4 + lz4_flex::block::get_maximum_output_size(body.len())];
        // A body of 4 GiB has no length in four bytes, and lz4 may decline: such a body is kept plain.
        if let (Ok(length), Ok(packed)) =
            (u32::try_from(body.len()), lz4_flex::block::compress_into(body, &mut out[FRONT + 4..]))
            && packed + 4 <= body.len() - body.len() / 8
        {
            out[FRONT..FRONT + 4].copy_from_slice(&length.to_le_bytes());
            out.truncate(FRONT + 4 + packed);
            return summed(out);
        }
    }
    let mut out = Vec::with_capacity(FRONT + body.len());
    out.push(PLAIN);
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(body);
    summed(out)
}

/// Puts the checksum where it belongs.
fn summed(mut out: Vec<u8>) -> Vec<u8> {
    let sum = sum(out[0], &out[FRONT..]);
    out[1..FRONT].copy_from_slice(&sum);
    out
}

/// The checksum over the byte that says how and all that follows the checksum.
fn sum(how: u8, rest: &[u8]) -> [u8; 4] {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&[how]);
    crc.update(rest);
    crc.finalize().to_le_bytes()
}

/// Unpacks what [`pack`] made.
///
/// # Errors
/// What is wrong with the bytes.
pub(crate) fn unpack(stored: &[u8]) -> Result<Vec<u8>, String> {
    match stored.split_first() {
        Some((&how, rest)) if matches!(how, PLAIN | LZ4) => {
            let (told, rest) = rest.split_first_chunk::<4>().ok_or("a body ends before its checksum")?;
            if sum(how, rest) != *told {
                return Err("a body is not as it was written: its checksum differs".to_owned());
            }
            if how == PLAIN { Ok(rest.to_vec()) } else { inflated(rest) }
        }
        Some((&PLAIN_UNSUMMED, body)) => Ok(body.to_vec()),
        Some((&LZ4_UNSUMMED, packed)) => inflated(packed),
        Some((how, _)) => {
            Err(format!("a body is packed in a way (number {how}) that this release does not know"))
        }
        None => Err("a body lacks the byte that says how it is packed".to_owned()),
    }
}

/// What an LZ4 block with its length in front holds.
fn inflated(packed: &[u8]) -> Result<Vec<u8>, String> {
    let (length, packed) = packed.split_first_chunk::<4>().ok_or("a packed body ends before its length")?;
    let length = u32::from_le_bytes(*length) as usize;
    // LZ4 cannot expand more than 255-fold: a damaged length must not ask for gigabytes.
    if length / 255 > packed.len() {
        return Err(format!("a packed body of {} bytes claims a length of {length}", packed.len()));
    }
    let body = lz4_flex::block::decompress(packed, length).map_err(|e| format!("a packed body: {e}"))?;
    if body.len() == length {
        Ok(body)
    } else {
        Err(format!("a packed body has {} bytes instead of {length}", body.len()))
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
        assert_eq!(pack(&noise).len(), noise.len() + FRONT, "noise is kept plain");
        assert!(pack(&[b'a'; 100_000]).len() < 1000);
    }

    #[test]
    fn one_flipped_bit_is_found_wherever_it_is() {
        for body in [&b"{\"open\":true}"[..], &[b'a'; 1000]] {
            let good = pack(body);
            for bit in 0..good.len() * 8 {
                let mut bad = good.clone();
                bad[bit / 8] ^= 1 << (bit % 8);
                assert!(unpack(&bad).is_err(), "bit {bit} of {}", good.len());
            }
        }
    }

    #[test]
    fn what_earlier_releases_wrote_is_read() {
        assert_eq!(unpack(b"\0abc").as_deref(), Ok(&b"abc"[..]));
        let body = [b'a'; 1000];
        let old = [&[LZ4_UNSUMMED], &1000_u32.to_le_bytes()[..], &lz4_flex::block::compress(&body)].concat();
        assert_eq!(unpack(&old).as_deref(), Ok(&body[..]));
    }

    #[test]
    fn damaged_bodies_are_named_and_ask_for_no_memory() {
        let good = pack(&[b'a'; 1000]);
        for bad in [&[][..], &[9], &[1, 0], &[1, 255, 255, 255, 255, 0], &good[..good.len() - 1]] {
            assert!(unpack(bad).is_err(), "{bad:?}");
        }
    }
}
