//! What nobody should send and somebody does: compressed, cut short, contradictory, with cards in it, under a key
//! used before, with a secret whose time is over. `docs/bad-inputs.md` lists every row and its test.

use super::common::events::{event, order, signed, submitted};
use super::common::folder::{Folder, HOOK};
use super::common::http::{Headers, send};
use super::common::hub::{Hub, counts};
use super::common::sign::{seconds, shopify, standard};
use super::signatures::SHOPIFY_ORDER;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;
use store::{Reader as _, Scan, Scanned, Sqlite};

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(plain).unwrap();
    packed.finish().unwrap()
}

/// A packed body under the signature of `over`.
fn packed(hub: &Hub, body: &[u8], over: &[u8], encoding: &str) -> (u16, String) {
    let mut headers = standard(HOOK, "msg_1", seconds(0), over);
    headers.push(("content-encoding".to_owned(), encoding.to_owned()));
    let answer = hub.post("shop", &headers, body);
    let code = answer.code();
    (answer.status, code)
}

#[test]
fn a_packed_message_is_taken_and_its_signature_is_over_what_was_sent() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let plain = submitted("1");
    let body = gzip(plain.as_bytes());
    assert_eq!(packed(&hub, &body, plain.as_bytes(), "gzip"), (401, "bad_signature".into()));
    assert_eq!(packed(&hub, &body, &body, "gzip"), (200, "taken".into()));
    assert_eq!(hub.shop(&plain).status, 200, "the same again, plain, is a repeat");
    assert_eq!(hub.placed(1), ["shop-1"]);
    assert_eq!(hub.exceptions(0), []);
}

#[test]
fn a_packed_message_that_grows_past_the_limit_is_refused() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 100_000);
    assert_eq!(packed(&hub, &bomb, &bomb, "gzip"), (413, "too_large".into()));
    let body = gzip(submitted("1").as_bytes());
    let cut = &body[..body.len() - 9];
    assert_eq!(packed(&hub, cut, cut, "gzip"), (400, "broken".into()));
    for other in ["br", "deflate", "zstd", "gzip, gzip", "nonsense"] {
        assert_eq!(packed(&hub, &body, &body, other), (415, "encoded".into()), "{other}");
    }
    assert_eq!(counts(&folder).received, 0);
    assert_eq!(packed(&hub, &body, &body, "GZIP"), (200, "taken".into()), "and the hub goes on");
}

#[test]
fn an_old_secret_passes_until_its_end_and_not_longer() {
    let folder = Folder::new();
    let until = retail::time::Time(seconds(8) * 1_000);
    for (name, secret) in [("new", "shpss_new"), ("old", "shpss_old")] {
        std::fs::write(folder.path().join(name), secret).unwrap();
    }
    let estate = std::fs::read_to_string(folder.estate()).unwrap();
    let both = format!("{{ hook = {{ now = \"file:new\", before = \"file:old\", until = {until} }} }}");
    let estate = estate.replace("{ hook = \"file:shopify\" }", &both);
    assert!(estate.contains(&both));
    std::fs::write(folder.estate(), estate).unwrap();
    let hub = Hub::start(&folder);
    let post = |secret: &str, key: &str| {
        let mut headers = shopify(secret, "orders/create", SHOPIFY_ORDER.as_bytes());
        headers.push(("x-shopify-event-id".to_owned(), key.to_owned()));
        hub.post("web", &headers, SHOPIFY_ORDER.as_bytes()).status
    };
    assert_eq!(post("shpss_new", "1"), 200);
    assert!(seconds(0) * 1_000 < until.0, "the machine was too slow for this test");
    assert_eq!(post("shpss_old", "2"), 200);
    assert_eq!(post("shpss_other", "3"), 401);
    while seconds(-1) * 1_000 < until.0 {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(post("shpss_old", "4"), 401);
    assert_eq!(post("shpss_new", "5"), 200);
}

#[test]
fn a_key_used_again_for_another_case_is_shown_to_a_person_and_has_no_effect() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    assert_eq!(hub.shop(&submitted("1")).status, 200);
    let other = event("m-1", "order.submitted", &order("2"));
    assert_eq!(hub.shop(&other).status, 200);
    let open = hub.exceptions(1);
    assert_eq!((open.len(), open[0].0.as_str()), (1, "event_key_reused"), "{open:?}");
    assert!(open[0].1.contains("m-1"), "{}", open[0].1);
    assert_eq!(hub.placed(1), ["shop-1"]);
    assert_eq!(hub.get("/v1/orders/shop-2").status, 404);
    assert_eq!(counts(&folder).parked, 1, "it is kept as it came");
}

#[test]
fn a_parked_message_sent_again_is_parked_once() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let bad = event("m-1", "order.admired", &order("1"));
    for _ in 0..3 {
        assert_eq!(hub.shop(&bad).status, 200);
    }
    let open = hub.exceptions(1);
    assert_eq!((open.len(), open[0].0.as_str()), (1, "no_event"), "{open:?}");
    assert!(open[0].1.contains("/type: \"order.admired\""), "{}", open[0].1);
    assert_eq!(counts(&folder).parked, 1);
}

#[test]
fn a_card_number_is_masked_before_anything_is_kept_or_told() {
    const CARD: &str = "4111111111111111";
    let folder = Folder::new();
    let mut hub = Hub::start(&folder);
    let mut data = order("1");
    data["lines"][0]["title"] = format!("pay with 4111 1111-1111 1111 or {CARD}").into();
    assert_eq!(hub.shop(&event("m-1", "order.submitted", &data)).status, 200);
    // Where it stands in the way, what is told of it is masked too.
    let mut data = order("2");
    data["currency"] = CARD.into();
    let body = event("m-2", "order.submitted", &data);
    let mut headers = signed(&body);
    headers.push(("x-note".to_owned(), format!("card {CARD}")));
    assert_eq!(hub.post("shop", &headers, body.as_bytes()).status, 200);
    // A number and not a text.
    let body = submitted("3").replacen("\"number\":\"3\"", &format!("\"number\":{CARD}"), 1);
    assert!(body.contains(CARD));
    assert_eq!(hub.shop(&body).status, 200);

    let shown = hub.order("shop-1").to_string();
    assert!(!shown.contains(CARD), "{shown}");
    assert_eq!(hub.order("shop-3")["number"], "411111******1111");
    let open = hub.exceptions(1);
    assert!(open.iter().all(|(_, cause, _)| !cause.contains(CARD)), "{open:?}");
    assert!(open.iter().any(|(_, cause, _)| cause.contains("411111******1111")), "{open:?}");

    let mut reader = Sqlite::open_reader(&folder.data()).unwrap();
    let kept = reader.scan(0, Scan::Received(None), 0, 10).unwrap();
    let mut masked = 0;
    for row in kept {
        let Scanned::Received(row) = row else { continue };
        let text = format!("{} {}", row.headers, String::from_utf8(row.body).unwrap());
        assert!(!text.contains(CARD) && !text.contains("1111-1111"), "{text}");
        masked += usize::from(text.contains("411111******1111"));
    }
    assert_eq!(masked, 3);
    hub.kill();
    let log = std::fs::read_to_string(folder.path().join("hub.log")).unwrap();
    assert!(!log.contains(CARD), "{log}");
}

/// Writes bytes as they are, and reads until the hub closes: the status, if there was an answer.
fn raw(hub: &Hub, bytes: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(hub.url.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.write_all(bytes).unwrap();
    status(&mut stream)
}

fn status(stream: &mut TcpStream) -> Option<u16> {
    let mut said = Vec::new();
    // A reset instead of an end is an end too.
    if stream.read_to_end(&mut said).is_err() && said.is_empty() {
        return None;
    }
    String::from_utf8_lossy(&said).split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn a_head_that_contradicts_itself_is_refused_and_the_connection_closed() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let body = submitted("1");
    let signed: String = signed(&body).iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = |more: &str| format!("POST /in/shop HTTP/1.1\r\nhost: hub\r\n{signed}{more}\r\n");
    let length = body.len();
    for more in [
        format!("content-length: {length}\r\ncontent-length: {}\r\n", length + 1),
        format!("content-length: {length}, {}\r\n", length - 1),
        format!("content-length : {length}\r\n"),
        "content-length: -1\r\n".to_owned(),
        "content-length: 12x\r\n".to_owned(),
        "content-length: 99999999999999999999999\r\n".to_owned(),
        "no colon at all\r\n".to_owned(),
        "transfer-encoding: gzip\r\n".to_owned(),
    ] {
        // Behind it stands a second request, which must not be read as one.
        let second =
            format!("{}content-length: {length}\r\n\r\n{body}", head("").trim_end_matches("\r\n\r\n"));
        let answer = raw(&hub, format!("{}{body}{second}", head(&more)).as_bytes());
        assert_eq!(answer, Some(400), "{more}");
    }
    // Length and chunks: read as chunks, and closed.
    let both = head(&format!("transfer-encoding: chunked\r\ncontent-length: {length}\r\n"));
    let smuggled = format!("{both}{length:x}\r\n{body}\r\n0\r\n\r\n");
    let answer = raw(&hub, smuggled.as_bytes());
    assert!(matches!(answer, Some(200 | 400)), "{answer:?}");
    assert!(counts(&folder).received <= 1);
    let none = Headers::new();
    assert_eq!(send(&hub.url, "GET", "/health", &none, b"").unwrap().status, 200, "and the hub goes on");
}

#[test]
fn who_sends_slowly_or_half_is_sent_away_and_holds_up_nobody() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let address = hub.url.strip_prefix("http://").unwrap();
    let body = submitted("1");
    let head: String = signed(&body).iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!("POST /in/shop HTTP/1.1\r\nhost: hub\r\n{head}content-length: {}\r\n", body.len());
    let half_head = head[..head.len() / 2].to_owned();
    let half_body = format!("{head}\r\n{}", &body[..body.len() / 2]);
    let mut slow: Vec<(bool, TcpStream)> = Vec::new();
    for n in 0..100 {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let with_body = n % 2 == 0;
        stream.write_all(if with_body { &half_body } else { &half_head }.as_bytes()).unwrap();
        slow.push((with_body, stream));
    }
    assert_eq!(hub.shop(&submitted("2")).status, 200, "while a hundred others are half-way");
    assert_eq!(hub.placed(1), ["shop-2"]);
    for (with_body, stream) in &mut slow {
        let answer = status(stream);
        if *with_body {
            assert_eq!(answer, Some(408));
        } else {
            assert!(matches!(answer, None | Some(408)), "{answer:?}");
        }
    }
    assert_eq!(counts(&folder).received, 1);
}
