//! The base address of a system.

use formats::toml::Node;

/// An `http` or `https` address without a slash at its end.
pub(super) fn url(node: &Node<'_>) -> Option<String> {
    let text = node.text()?.value;
    match wrong(text) {
        Some((message, hint)) => {
            node.fault(message, hint);
            None
        }
        None => Some(text.trim_end_matches('/').to_owned()),
    }
}

/// What is wrong with an address, and what to do. The address itself is not shown: it may hold a password.
fn wrong(text: &str) -> Option<(&'static str, &'static str)> {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return Some(("an address begins with http:// or https://", "https://erp.example.com/api"));
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Some((
            "a name or password must not stand in an address (it is not shown)",
            "secret = { password = \"env:NAME\" }, used by the connector's headers",
        ));
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Some(("an address has no blanks", ""));
    }
    if rest.contains(['?', '#']) {
        return Some(("a base address ends with its path", "the address without ? and #"));
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']').unwrap_or_default(),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let host_fits = if authority.starts_with('[') {
        host.parse::<std::net::Ipv6Addr>().is_ok()
    } else {
        !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
    };
    if !host_fits {
        return Some(("the address names no host", "https://erp.example.com/api"));
    }
    let port_fits = port.is_empty()
        || port.strip_prefix(':').is_some_and(|port| {
            port.chars().all(|c| c.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
        });
    (!port_fits).then_some(("the port is not a number from 1 to 65535", "https://erp.example.com:8443/api"))
}

#[cfg(test)]
mod tests {
    use super::wrong;

    #[test]
    fn addresses_of_hosts_are_taken() {
        for good in [
            "http://127.0.0.1:9000/stripe",
            "https://erp.example.com",
            "https://erp.example.com/a/b/",
            "http://[::1]:8080/x",
            "http://wms_north:80",
        ] {
            assert_eq!(wrong(good), None, "{good}");
        }
    }

    #[test]
    fn anything_else_is_refused_for_its_own_reason() {
        for (bad, why) in [
            ("ftp://erp.example.com", "begins with http"),
            ("erp.example.com", "begins with http"),
            ("https://user:pw@erp.example.com", "must not stand in an address"),
            ("https://erp.example.com/a b", "no blanks"),
            ("https://erp.example.com/?key=1", "ends with its path"),
            ("https://", "names no host"),
            ("https:///x", "names no host"),
            ("https://:80", "names no host"),
            ("http://[::g]:80", "names no host"),
            ("http://[::1", "names no host"),
            ("http://h:0", "the port"),
            ("http://h:", "the port"),
            ("http://h:65536", "the port"),
            ("http://h:+80", "the port"),
        ] {
            let told = wrong(bad).map(|(message, _)| message);
            assert!(told.is_some_and(|message| message.contains(why)), "{bad}: {told:?}");
        }
    }
}
