//! Who sells, and what other systems call our things.

use crate::ids::{LegalEntityId, SystemId, TenantId};
use crate::money::Currency;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A brand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Tenant {
    pub id: TenantId,
    pub entities: Vec<LegalEntity>,
}

/// A company. A channel sells for one and a place stocks for one; where the two differ it is intercompany.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LegalEntity {
    pub id: LegalEntityId,
    /// The currency its books are kept in.
    pub functional: Currency,
    pub registrations: Vec<TaxRegistration>,
}

/// Where a legal entity is registered for tax.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TaxRegistration {
    /// Country or state, ISO 3166.
    pub jurisdiction: String,
    pub number: String,
}

/// What an external reference points from: unique per tenant.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct ExternalRef {
    pub tenant: TenantId,
    pub system: SystemId,
    /// The system's own word for the kind of thing, for example `sales_order`.
    #[serde(rename = "type")]
    pub kind: String,
    pub id: String,
    /// The system's line, where the reference is to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
}

impl fmt::Display for ExternalRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.tenant, self.system, self.kind, self.id)?;
        self.line.as_ref().map_or(Ok(()), |line| write!(f, "#{line}"))
    }
}

/// Two hub objects claim one external reference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TakenRef {
    pub reference: Box<ExternalRef>,
    /// The hub id that has it.
    pub by: String,
}

impl fmt::Display for TakenRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} already points to {}; it cannot point elsewhere too", self.reference, self.by)
    }
}

impl std::error::Error for TakenRef {}

/// External references to hub ids. A hub object has any number of references, a reference one hub object.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RefIndex(BTreeMap<ExternalRef, String>);

impl RefIndex {
    /// Points a reference to a hub id; the same again changes nothing.
    ///
    /// # Errors
    /// When it points to another hub id already.
    pub fn point(&mut self, reference: ExternalRef, hub_id: &str) -> Result<(), TakenRef> {
        match self.0.get(&reference) {
            Some(by) if by != hub_id => Err(TakenRef { reference: Box::new(reference), by: by.clone() }),
            Some(_) => Ok(()),
            None => {
                self.0.insert(reference, hub_id.to_owned());
                Ok(())
            }
        }
    }

    #[must_use]
    pub fn hub_id(&self, reference: &ExternalRef) -> Option<&str> {
        self.0.get(reference).map(String::as_str)
    }

    /// All references to a hub id, in order.
    pub fn of<'a>(&'a self, hub_id: &'a str) -> impl Iterator<Item = &'a ExternalRef> {
        self.0.iter().filter(move |(_, id)| *id == hub_id).map(|(r, _)| r)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(system: &str, line: Option<&str>) -> ExternalRef {
        ExternalRef {
            tenant: "acme".into(),
            system: system.into(),
            kind: "sales_order".into(),
            id: "SO-1".into(),
            line: line.map(str::to_owned),
        }
    }

    #[test]
    fn a_reference_points_to_one_thing_and_a_thing_has_many() {
        let mut index = RefIndex::default();
        index.point(reference("erp", None), "shop-1").unwrap();
        index.point(reference("erp", None), "shop-1").unwrap();
        index.point(reference("oms", None), "shop-1").unwrap();
        index.point(reference("erp", Some("10")), "shop-1/1").unwrap();
        let taken = index.point(reference("erp", None), "shop-2").unwrap_err();
        assert_eq!(
            taken.to_string(),
            "acme/erp/sales_order/SO-1 already points to shop-1; it cannot point elsewhere too"
        );
        assert_eq!(index.of("shop-1").count(), 2);
        assert_eq!(index.hub_id(&reference("erp", Some("10"))), Some("shop-1/1"));
    }
}
