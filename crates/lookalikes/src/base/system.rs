//! Which systems there are.

use std::fmt;

/// One of the systems of the world. Its text form is the prefix of its paths and the name of its connection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum System {
    Shop,
    Stripe,
    Erp,
    Oms,
    WmsNorth,
    WmsSouth,
    Returns,
    Customers,
    Promotions,
    Tax,
    Fraud,
    Carrier,
    Notifications,
    Service,
    Giftcards,
}

impl System {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 15] = [
        Self::Shop,
        Self::Stripe,
        Self::Erp,
        Self::Oms,
        Self::WmsNorth,
        Self::WmsSouth,
        Self::Returns,
        Self::Customers,
        Self::Promotions,
        Self::Tax,
        Self::Fraud,
        Self::Carrier,
        Self::Notifications,
        Self::Service,
        Self::Giftcards,
    ];

    /// The prefix: `shop`, `wms-north`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::Stripe => "stripe",
            Self::Erp => "erp",
            Self::Oms => "oms",
            Self::WmsNorth => "wms-north",
            Self::WmsSouth => "wms-south",
            Self::Returns => "returns",
            Self::Customers => "customers",
            Self::Promotions => "promotions",
            Self::Tax => "tax",
            Self::Fraud => "fraud",
            Self::Carrier => "carrier",
            Self::Notifications => "notifications",
            Self::Service => "service",
            Self::Giftcards => "giftcards",
        }
    }

    /// The system below whose prefix a path lies.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    pub(crate) fn number(self) -> u64 {
        self as u64
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
