//! Texts as other systems can take them.

use crate::trade::map::Clean;
use std::borrow::Cow;

/// Longest id that the canonical contract allows.
const ID_MAX: usize = 80;

/// A text as an id of the canonical contract, `[A-Za-z0-9._:-]{1,80}`: other characters become `-`.
pub(crate) fn id(text: &str) -> Cow<'_, str> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '-');
    if text.len() <= ID_MAX && text.chars().all(fits) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().take(ID_MAX).map(|c| if fits(c) { c } else { '-' }).collect())
}

/// A SKU: trimmed, an id, in upper case where the map says so.
pub(crate) fn sku<'t>(text: &'t str, rule: &Clean) -> Cow<'t, str> {
    let text = id(text.trim());
    if rule.sku_upper_case && text.bytes().any(|b| b.is_ascii_lowercase()) {
        return Cow::Owned(text.to_ascii_uppercase());
    }
    text
}

/// A customer's number without what a spreadsheet has put behind it.
pub(crate) fn customer<'t>(text: &'t str, rule: &Clean) -> Cow<'t, str> {
    let text = text.trim();
    let cut = if rule.customer_suffix.is_empty() { None } else { text.strip_suffix(&rule.customer_suffix) };
    id(cut.unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_article_has_one_code() {
        let rule = Clean { sku_upper_case: true, customer_suffix: ".0".into() };
        assert_eq!(sku(" 85123a ", &rule), "85123A");
        assert_eq!(sku("BANK CHARGES", &rule), "BANK-CHARGES");
        assert_eq!(sku("gift_0001_20", &rule), "GIFT_0001_20");
        assert_eq!(customer("17850.0", &rule), "17850");
        assert_eq!(customer("17850", &rule), "17850");
        assert_eq!(customer("", &rule), "");
        assert_eq!(sku("85123a", &Clean::default()), "85123a");
        assert_eq!(id(&"x".repeat(200)).len(), 80);
    }
}
