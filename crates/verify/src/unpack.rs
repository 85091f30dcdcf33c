//! Bodies as the store keeps them: a byte that says how (6 plain, 10 LZ4 with its length in front, four bytes
//! little-endian), the CRC-32 of all other bytes, then these; and as it kept them earlier, 0 and 1 without checksum.

/// The body of a stored value.
///
/// # Errors
/// What is wrong with the bytes.
pub(crate) fn unpack(stored: &[u8]) -> Result<Vec<u8>, String> {
    match stored {
        [how @ (6 | 10), a, b, c, d, rest @ ..] => {
            let mut crc = crc32fast::Hasher::new();
            crc.update(&[*how]);
            crc.update(rest);
            if crc.finalize() != u32::from_le_bytes([*a, *b, *c, *d]) {
                return Err("its checksum differs".to_owned());
            }
            if *how == 6 { Ok(rest.to_vec()) } else { inflated(rest) }
        }
        [0, body @ ..] => Ok(body.to_vec()),
        [1, packed @ ..] => inflated(packed),
        [how, ..] => Err(format!("packed in the unknown way {how}")),
        [] => Err("an empty value".to_owned()),
    }
}

fn inflated(packed: &[u8]) -> Result<Vec<u8>, String> {
    let (length, packed) = packed.split_first_chunk::<4>().ok_or("it ends before its length")?;
    let length = u32::from_le_bytes(*length) as usize;
    // LZ4 expands 255-fold at the most: a damaged length must not ask for gigabytes.
    if length / 255 > packed.len() {
        return Err(format!("{} packed bytes cannot be {length}", packed.len()));
    }
    lz4_flex::block::decompress(packed, length).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::unpack;

    #[test]
    fn plain_and_packed_bodies_are_read_and_damaged_ones_refused() {
        assert_eq!(unpack(b"\0abc").unwrap(), b"abc");
        let body = b"[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]";
        let mut packed = vec![1];
        packed.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
        packed.extend(lz4_flex::block::compress(body));
        assert_eq!(unpack(&packed).unwrap(), body);
        packed.truncate(8);
        assert!(unpack(&packed).is_err());
        assert!(unpack(&[1, 0xff, 0xff, 0xff, 0xff, 0]).is_err());
        assert!(unpack(&[7]).is_err() && unpack(&[]).is_err());
    }
}
