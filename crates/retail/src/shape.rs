//! JSON Schemas of values that are written as text. A schema says less than the reader where a pattern cannot say
//! it: which day there is, which price fits.

use crate::money::{Currency, UnitPrice};
use crate::time::Time;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

macro_rules! text {
    ($($type:ident: $schema:tt)+) => {
        $(impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        })+
    };
}

text! {
    Time: {
        "type": "string", "format": "date-time",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$",
        "description": "RFC 3339, with a zone"
    }
    Currency: { "type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217" }
    UnitPrice: {
        "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$", "description": "a decimal in major units, as text"
    }
}
