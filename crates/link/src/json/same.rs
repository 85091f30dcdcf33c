//! Compares JSON texts: member order and blank space do not count, every digit does.

use super::{Malformed, parse};
use bytes::Bytes;
use jaq_json::Val;

/// True when both texts say the same. `1.0` and `1` are different texts of an amount, so they differ.
///
/// # Errors
/// When one of the two is not acceptable JSON.
pub fn same(a: &str, b: &str) -> Result<bool, Malformed> {
    Ok(canonical(a)? == canonical(b)?)
}

fn canonical(text: &str) -> Result<String, Malformed> {
    let mut out = String::new();
    put(&parse(&Bytes::copy_from_slice(text.as_bytes()))?, &mut out);
    Ok(out)
}

fn put(value: &Val, out: &mut String) {
    match value {
        Val::Obj(members) => {
            let mut sorted: Vec<_> = members.iter().map(|(key, item)| (key.to_string(), item)).collect();
            sorted.sort_by(|a, b| a.0.cmp(&b.0));
            out.push('{');
            for (key, item) in sorted {
                out.push_str(&key);
                out.push(':');
                put(item, out);
                out.push(',');
            }
            out.push('}');
        }
        Val::Arr(items) => {
            out.push('[');
            for item in items.iter() {
                put(item, out);
                out.push(',');
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_does_not_count_and_digits_do() {
        assert_eq!(same(r#"{"a":1,"b":[2,3]}"#, r#"{ "b": [2, 3], "a": 1 }"#), Ok(true));
        assert_eq!(same("[2,3]", "[3,2]"), Ok(false));
        assert_eq!(same("1.0", "1"), Ok(false));
        assert_eq!(same("0.10", "0.1"), Ok(false));
    }
}
