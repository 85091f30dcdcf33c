//! `application/x-www-form-urlencoded` with brackets for what is nested: `metadata[hub]=…`, `expand[0]=…`
//! (docs.stripe.com/api, request bodies).

use crate::jq::{kind, plain};
use crate::template::percent;
use jaq_json::Val;

/// The pairs of an object, encoded. Null members are left out.
pub(crate) fn encode(value: &Val) -> Result<String, String> {
    let Val::Obj(_) = value else { return Err(format!("an object is needed, not {}", kind(value))) };
    let mut out = String::with_capacity(128);
    put("", value, &mut out)?;
    Ok(out)
}

fn put(name: &str, value: &Val, out: &mut String) -> Result<(), String> {
    match value {
        Val::Null => Ok(()),
        Val::Obj(members) => members.iter().try_for_each(|(key, item)| {
            let key = plain(key).unwrap_or_default();
            let inner = if name.is_empty() { key } else { format!("{name}[{key}]") };
            put(&inner, item, out)
        }),
        Val::Arr(items) => {
            items.iter().enumerate().try_for_each(|(n, item)| put(&format!("{name}[{n}]"), item, out))
        }
        scalar => {
            let text =
                plain(scalar).ok_or_else(|| format!("{name} cannot be written as text: {}", kind(scalar)))?;
            if !out.is_empty() {
                out.push('&');
            }
            percent(name, out);
            out.push('=');
            percent(&text, out);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;
    use bytes::Bytes;

    fn form(text: &'static str) -> Result<String, String> {
        encode(&parse(&Bytes::from_static(text.as_bytes())).unwrap())
    }

    #[test]
    fn nested_members_get_brackets() {
        let text = r#"{"amount":1299,"metadata":{"hub":"a b&c"},"expand":["x"],"no":null,"yes":true}"#;
        assert_eq!(form(text).unwrap(), "amount=1299&metadata%5Bhub%5D=a%20b%26c&expand%5B0%5D=x&yes=true");
        assert!(form("[1]").is_err());
    }
}
