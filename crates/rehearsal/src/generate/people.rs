//! People and streets that do not exist.

use crate::generate::chance::Chance;
use crate::wire::Address;

const FIRST: [&str; 16] = [
    "Ada", "Bram", "Chloe", "Dev", "Elif", "Farid", "Greta", "Hana", "Idris", "June", "Kofi", "Lena",
    "Marek", "Nora", "Oskar", "Priya",
];
const LAST: [&str; 16] = [
    "Abbot", "Berg", "Castell", "Dorn", "Ekwall", "Fenn", "Grove", "Holt", "Ivers", "Jaspers", "Keel",
    "Lunt", "Marsh", "Nettle", "Orme", "Pell",
];
const STREETS: [&str; 8] = [
    "Chapel Row",
    "Mill Lane",
    "Station Road",
    "Orchard Way",
    "Quay Street",
    "High Street",
    "Elm Close",
    "The Green",
];
// Places of fiction, with postcodes of areas that are not in use.
const TOWNS: [(&str, &str); 6] = [
    ("Ambridge", "ZZ1"),
    ("Borchester", "ZZ2"),
    ("Walmington", "ZZ3"),
    ("Middlemarch", "ZZ4"),
    ("Camberwick", "ZZ5"),
    ("Emmerdale", "ZZ6"),
];

/// The address of a customer: the same customer always lives in the same place.
pub(crate) fn address(seed: u64, customer: u64) -> Address {
    let mut chance = Chance::new(seed, 2, customer);
    let name = format!("{} {}", chance.pick(&FIRST, &"Ada"), chance.pick(&LAST, &"Abbot"));
    let street = *chance.pick(&STREETS, &"The Green");
    let (city, area) = *chance.pick(&TOWNS, &("Ambridge", "ZZ1"));
    Address {
        name,
        address1: format!("{} {street}", 1 + chance.below(140)),
        city: city.to_owned(),
        zip: format!("{area} {}AA", 1 + chance.below(9)),
        country_code: "GB".to_owned(),
    }
}
