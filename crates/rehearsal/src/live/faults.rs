//! Bad habits for look-alikes that run in real time. A rehearsal with them ends in the same tie-out as without, only
//! later: everything that they do wrong, the hub must notice and mend by itself.

use serde_json::{Value, json};

/// What every system does wrong, in permille and milliseconds. Down for three seconds in every forty, each at times of
/// its own; one event in thirty never posted.
fn habits() -> Value {
    json!({
        "duplicate": 80, "delay": 150, "delay_max_ms": 1500,
        "throttle": 30, "retry_after_s": 1,
        "err_before": 20, "err_stored": 20, "err_after": 25, "lost_before": 15, "lost_after": 25,
        "unsent": 30, "down_every_ms": 40_000, "down_ms": 3_000, "lookup_lag_ms": 500,
    })
}

/// Gives a configuration of the look-alikes its bad habits.
pub(crate) fn spoil(world: &mut Value) {
    let Value::Object(world) = world else { return };
    for (name, system) in world.iter_mut() {
        let Value::Object(system) = system else { continue };
        system.insert("habits".to_owned(), habits());
        if let Some(Value::Object(link)) = system.get_mut("link") {
            link.insert("feed".to_owned(), json!(true));
        }
        if name == "stripe" {
            // It forgets keys long before it said it would.
            system.insert("keeps_ms".to_owned(), json!(5_000));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_is_spoilt_and_nothing_else() {
        let mut world = json!({
            "hub": "http://h", "seed": 7, "stripe": {"link": {}}, "erp": {"link": {"token": "t"}},
        });
        spoil(&mut world);
        assert_eq!((&world["hub"], &world["seed"]), (&json!("http://h"), &json!(7)));
        assert_eq!(world["erp"]["habits"], habits());
        assert_eq!(world["erp"]["link"], json!({"token": "t", "feed": true}));
        assert_eq!((&world["stripe"]["keeps_ms"], &world["erp"]["keeps_ms"]), (&json!(5_000), &Value::Null));
    }
}
