//! What the door answers: to messages, to what is no message, and to those who only want to look.

use super::common::events::{event, order, signed, submitted};
use super::common::folder::{Folder, TOKEN};
use super::common::http::{Headers, exchange, send};
use super::common::hub::{Hub, counts};

/// The largest message.
const MOST: usize = 8 * 1024 * 1024;

/// A submission that is so long, by blanks that mean nothing.
fn padded(id: &str, length: usize) -> String {
    let body = submitted(id);
    let blanks = " ".repeat(length - body.len());
    body.replacen('{', &format!("{{{blanks}"), 1)
}

#[test]
fn a_message_sent_again_has_no_effect() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let body = submitted("1");
    assert_eq!(hub.shop(&body).status, 200);
    let first = hub.order("shop-1");
    assert_eq!((&first["total"], &first["lines"][0]["ordered"]), (&1530.into(), &6.into()));
    for _ in 0..3 {
        assert_eq!(hub.shop(&body).status, 200);
    }
    assert_eq!(hub.shop(&submitted("2")).status, 200);
    assert_eq!(hub.placed(2), ["shop-1", "shop-2"]);
    assert_eq!(hub.exceptions(0), []);
}

#[test]
fn another_body_under_a_used_key_is_taken_and_shown_to_a_person() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    assert_eq!(hub.shop(&submitted("1")).status, 200);
    hub.order("shop-1");
    let mut other = order("1");
    other["customer"] = "666".into();
    let other = event("m-1", "order.submitted", &other);
    assert_eq!(hub.shop(&other).status, 200);
    let open = hub.exceptions(1);
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!(open[0].0, "event_key_reused");
    assert!(open[0].1.contains("shop message") && open[0].1.contains("m-1"), "{}", open[0].1);
    assert_eq!(hub.order("shop-1")["customer"], "17850", "the first counts");
    assert_eq!(hub.placed(1), ["shop-1"]);
    assert_eq!(counts(&folder).parked, 1, "the second is kept as it came");
}

#[test]
fn who_knocks_at_the_wrong_door_is_told_so() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let body = submitted("1");
    let none = Headers::new();
    let unknown = hub.post("nobody", &signed(&body), body.as_bytes());
    assert_eq!((unknown.status, unknown.code().as_str()), (404, "no_connection"));
    for path in ["/in/", "/in/shop/", "/in/shop/more", "/in/SHOP", "/in/..%2fshop"] {
        let answer = send(&hub.url, "POST", path, &signed(&body), body.as_bytes()).unwrap();
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
    }
    for method in ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"] {
        let answer = send(&hub.url, method, "/in/shop", &signed(&body), body.as_bytes());
        // An answer to HEAD has a length and no body, so it reads as broken off.
        assert_eq!(answer.map_or(405, |answer| answer.status), 405, "{method}");
    }
    for path in ["/", "/in", "/v1", "/admin", "/health/x"] {
        assert_eq!(send(&hub.url, "GET", path, &none, b"").unwrap().status, 404, "{path}");
    }
    let health = send(&hub.url, "GET", "/health", &none, b"").unwrap();
    assert_eq!((health.status, &health.json()["live"]), (200, &true.into()));
    assert_eq!(counts(&folder).received, 0);
}

#[test]
fn v1_is_for_those_who_have_the_token() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let get = |path: &str, authorization: Option<&str>| {
        let headers =
            authorization.map(|value| ("authorization".to_owned(), value.to_owned())).into_iter().collect();
        send(&hub.url, "GET", path, &headers, b"").unwrap().status
    };
    let almost = format!("Bearer {TOKEN}x");
    let other_scheme = format!("Basic {TOKEN}");
    for path in
        ["/v1/progress", "/v1/balances", "/v1/exceptions", "/v1/facts?type=order.placed", "/v1/nothing"]
    {
        for wrong in [None, Some(""), Some("Bearer "), Some(TOKEN), Some(&*almost), Some(&*other_scheme)] {
            assert_eq!(get(path, wrong), 401, "{path} with {wrong:?}");
        }
    }
    for path in
        ["/v1/progress", "/v1/metrics", "/v1/balances", "/v1/exceptions", "/v1/facts?type=order.placed"]
    {
        assert_eq!(hub.get(path).status, 200, "{path}");
    }
    for path in ["/v1/nothing", "/v1/orders/shop-1", "/v1/cases/return/R1", "/v1/cases/%00/%ff"] {
        assert_eq!(hub.get(path).status, 404, "{path}");
    }
    let token: Headers = vec![("authorization".to_owned(), format!("Bearer {TOKEN}"))];
    assert_eq!(send(&hub.url, "PUT", "/v1/progress", &token, b"").unwrap().status, 405);
    assert_eq!(send(&hub.url, "POST", "/v1/commands/0/7/retry", &Headers::new(), b"").unwrap().status, 401);
    assert_eq!(send(&hub.url, "POST", "/v1/commands/0/7/retry", &token, b"").unwrap().status, 404);
    assert_eq!(send(&hub.url, "POST", "/v1/commands/a/b/retry", &token, b"").unwrap().status, 422);
}

#[test]
fn what_is_asked_below_v1_is_read_whole_and_of_nobody_unknown() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let token: Headers = vec![("authorization".to_owned(), format!("Bearer {TOKEN}"))];
    let with = |headers: &Headers, name: &str, value: &str| {
        headers.iter().cloned().chain([(name.to_owned(), value.to_owned())]).collect::<Headers>()
    };
    let long = [format!("{:x}\r\n", MOST + 1).into_bytes(), vec![b' '; MOST + 1]].concat();
    for path in ["/v1/differences", "/v1/commands/0/7/retry", "/v1/nothing"] {
        // The body never comes: who is unknown is refused before it is waited for.
        let unknown = exchange(&hub.url, "POST", path, &with(&Headers::new(), "content-length", "9"), b"");
        assert_eq!(unknown.unwrap().status, 401, "{path}");
        let much = exchange(&hub.url, "POST", path, &with(&token, "transfer-encoding", "chunked"), &long);
        assert_eq!(much.unwrap().status, 413, "{path}");
    }
    for (body, code) in [("", "bad_body"), ("[]]", "bad_body"), ("{\"found\":[{}]}", "difference")] {
        let answer = send(&hub.url, "POST", "/v1/differences", &token, body.as_bytes()).unwrap();
        assert_eq!((answer.status, answer.code().as_str()), (422, code), "{body}");
    }
    let none = send(&hub.url, "POST", "/v1/differences", &token, b"{}").unwrap();
    assert_eq!((none.status, none.json()), (202, serde_json::json!({"found": 0, "gone": 0})));
}

#[test]
fn eight_mebibytes_are_taken_and_one_byte_more_is_not() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let most = padded("1", MOST);
    assert_eq!(most.len(), MOST);
    assert_eq!(hub.shop(&most).status, 200);
    assert_eq!(hub.placed(1), ["shop-1"]);

    let more = padded("2", MOST + 1);
    let mut said = signed(&more);
    said.push(("content-length".to_owned(), more.len().to_string()));
    // What is announced as too long is refused before it is sent.
    let answer = exchange(&hub.url, "POST", "/in/shop", &said, b"").unwrap();
    assert_eq!((answer.status, answer.code().as_str()), (413, "too_large"));
    // What is not announced is refused where it grows too long; its end is held back, so that all is read.
    let mut chunked = signed(&more);
    chunked.push(("transfer-encoding".to_owned(), "chunked".to_owned()));
    let chunk = [format!("{:x}\r\n", more.len()).as_bytes(), more.as_bytes()].concat();
    let answer = exchange(&hub.url, "POST", "/in/shop", &chunked, &chunk).unwrap();
    assert_eq!((answer.status, answer.code().as_str()), (413, "too_large"));
    assert_eq!(counts(&folder).received, 1);
}

#[test]
fn a_body_nested_without_end_is_refused_and_not_kept() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    for depth in [200, 1_000_000] {
        let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let body = event("m-1", "order.submitted", &serde_json::Value::Null).replace("null", &deep);
        let answer = hub.shop(&body);
        assert_eq!((answer.status, answer.code().as_str()), (400, "nested_too_deep"), "{depth}");
    }
    assert_eq!(counts(&folder).received, 0);
    assert_eq!(hub.shop(&submitted("1")).status, 200, "and the hub goes on");
}
