use super::*;

const NOW: Time = Time(1_533_204_620_000);

fn verify(
    scheme: Scheme,
    headers: &[(&str, &str)],
    body: &str,
    secret: &str,
    now: Time,
) -> Result<(), Unsigned> {
    let headers: Vec<_> = headers.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    scheme.verify(&headers, body.as_bytes(), secret, TOLERANCE, now)
}

#[test]
fn shopify_signs_the_raw_body() {
    // bold-commerce/go-shopify oauth_test.go (MIT)
    let good = "hMTq0K2x7oyOjoBwGYeTj5oxfnaVYXzbanUG9aajpKI=";
    let try_it = |value: &str, body: &str| {
        verify(Scheme::Shopify, &[("X-Shopify-Hmac-SHA256", value)], body, "hush", NOW)
    };
    assert_eq!(try_it(good, "\"my secret message\""), Ok(()));
    assert_eq!(try_it(good, ""), Err(Unsigned::Wrong));
    assert_eq!(try_it("", "\"my secret message\""), Err(Unsigned::Wrong));
    assert_eq!(try_it("?aGVsbG8=", "anything"), Err(Unsigned::Wrong));
    assert_eq!(try_it("YmxhaGJsYWgK", "anything"), Err(Unsigned::Wrong));
    assert_eq!(verify(Scheme::Shopify, &[], "x", "hush", NOW), Err(Unsigned::Missing));
    assert_eq!(verify(Scheme::Shopify, &[], "x", " ", NOW), Err(Unsigned::NoSecret));
}

#[test]
fn several_signatures_and_several_secrets_may_fit() {
    for scheme in [Scheme::Shopify, Scheme::Stripe, Scheme::StandardWebhooks] {
        let (old, new) = ("whsec_b2xkLXNlY3JldA==", "whsec_bmV3LXNlY3JldA==");
        let headers = scheme.sign("m1", b"{}", old, NOW);
        let ok = |secrets: &str| scheme.verify(&headers, b"{}", secrets, TOLERANCE, NOW);
        assert_eq!(ok(&format!("{new} {old}")), Ok(()));
        assert_eq!(ok(&format!("{old} {new}")), Ok(()));
        assert_eq!(ok(new), Err(Unsigned::Wrong));
        assert_eq!(scheme.verify(&headers, b"{ }", old, TOLERANCE, NOW), Err(Unsigned::Wrong));
    }
    let body = b"{}";
    let signed = Scheme::Stripe.sign("", body, "s", NOW).remove(0).1;
    let several = format!("{signed},v1={},v0=ff", "de".repeat(32));
    assert_eq!(verify(Scheme::Stripe, &[("stripe-signature", &several)], "{}", "s", NOW), Ok(()));
    let alone = signed.replace("v1", "v0");
    assert_eq!(verify(Scheme::Stripe, &[("stripe-signature", &alone)], "{}", "s", NOW), Err(Unsigned::Wrong));
}

#[test]
fn a_signed_time_counts_both_ways() {
    for scheme in [Scheme::Stripe, Scheme::StandardWebhooks] {
        let headers = scheme.sign("m1", b"{}", "whsec_c2VjcmV0", NOW);
        let at = |seconds: i64| {
            scheme.verify(&headers, b"{}", "whsec_c2VjcmV0", TOLERANCE, NOW.plus(Span::seconds(seconds)))
        };
        assert_eq!(at(300), Ok(()));
        assert_eq!(at(-300), Ok(()));
        assert_eq!(at(301), Err(Unsigned::Stale));
        assert_eq!(at(-301), Err(Unsigned::Stale));
    }
    for value in ["t=,v1=aa", "v1=aa", "t=x,v1=aa", "t=99999999999999999999,v1=aa", ""] {
        assert_eq!(
            verify(Scheme::Stripe, &[("stripe-signature", value)], "{}", "s", NOW),
            Err(Unsigned::Missing),
            "{value}"
        );
    }
    // What is no hex is no signature, however it is cut.
    for value in ["aab", "a\u{e9}b", "\u{e9}\u{e9}", "a\u{e9}", "zz"] {
        let value = format!("t={},v1={value}", NOW.0 / 1_000);
        let told = verify(Scheme::Stripe, &[("stripe-signature", &value)], "{}", "s", NOW);
        assert_eq!(told, Err(Unsigned::Wrong), "{value}");
    }
    assert_eq!(
        verify(Scheme::Stripe, &[("stripe-signature", "t=9223372036854775807")], "", "s", NOW),
        Err(Unsigned::Stale)
    );
}

#[test]
fn standard_webhooks_vector() {
    // The example of the specification's reference libraries (standard-webhooks, MIT).
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let headers = [
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    ];
    let body = "{\"test\": 2432232314}";
    assert_eq!(verify(Scheme::StandardWebhooks, &headers, body, secret, Time(1_614_265_330_000)), Ok(()));
}

#[test]
fn the_digest_is_the_well_known_one() {
    assert_eq!(digest(b""), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[test]
fn a_token_is_the_secret_itself_in_the_header_that_is_named() {
    let scheme = Scheme::Token("X-Event-Id".into());
    let verify = |value: &str, secrets: &str| {
        let headers = [("x-event-id".to_owned(), value.to_owned())];
        scheme.verify(&headers, b"{}", secrets, TOLERANCE, NOW)
    };
    assert_eq!(verify("whsec_new", "whsec_new"), Ok(()));
    assert_eq!(verify("whsec_new", "whsec_new whsec_old"), Ok(()));
    assert_eq!(verify("whsec_old", "whsec_new whsec_old"), Ok(()));
    for wrong in ["", "whsec_ne", "whsec_neww", "WHSEC_NEW", "whsec_new whsec_old", "new"] {
        assert_eq!(verify(wrong, "whsec_new whsec_old"), Err(Unsigned::Wrong), "{wrong:?}");
    }
    // No secret is not the empty secret.
    assert_eq!(verify("", ""), Err(Unsigned::NoSecret));
    assert_eq!(scheme.verify(&[], b"{}", "s", TOLERANCE, NOW), Err(Unsigned::Missing));
    assert_eq!(scheme.sign("m", b"{}", "a b", NOW), [("X-Event-Id".to_owned(), "a".to_owned())]);
}
