//! What is decided about a placed order, from the estate to the processes.

use flows::policy as to;
use settings as from;

/// The estate's `[policy.checkout]` as the order takes it.
pub(super) fn checkout(own: &from::Checkout) -> to::CheckoutPolicy {
    to::CheckoutPolicy {
        customer: check(own.customer),
        promotions: check(own.promotions),
        tax: check(own.tax),
        payment: check(own.payment),
        fraud: check(own.fraud),
        tax_tolerance: own.tax_tolerance,
        on_expiry: match own.on_expiry {
            from::OnExpiry::Hold => to::OnExpiry::Hold,
            from::OnExpiry::Reauthorise => to::OnExpiry::Reauthorise,
        },
        renew_before: own.renew_before,
        single_capture: match own.single_capture {
            from::SingleCapture::Wait => to::SingleCapture::Wait,
            from::SingleCapture::Reauthorise => to::SingleCapture::Reauthorise,
        },
        invoice: match own.invoice {
            from::InvoiceRule::PerShipment => to::InvoiceRule::PerShipment,
            from::InvoiceRule::WhenComplete => to::InvoiceRule::WhenComplete,
        },
    }
}

const fn check(own: from::Check) -> to::CheckRule {
    to::CheckRule {
        ask: own.ask,
        wait: own.wait,
        when_down: match own.when_down {
            from::WhenDown::Hold => to::WhenDown::Hold,
            from::WhenDown::GoOn => to::WhenDown::GoOn,
        },
        when_refused: match own.when_refused {
            from::WhenRefused::Hold => to::WhenRefused::Hold,
            from::WhenRefused::Cancel => to::WhenRefused::Cancel,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An estate that says nothing decides what the processes decide by themselves.
    #[test]
    fn what_is_left_out_is_the_processes_own_default() {
        let estate = settings::read("e", settings::reference()).unwrap();
        assert_eq!(checkout(&estate.policy.checkout), to::CheckoutPolicy::default());
    }

    #[test]
    fn what_is_set_arrives() {
        let text = settings::reference()
            .replace("tax_tolerance = 0", "tax_tolerance = 3")
            .replace("on_expiry = \"hold\"", "on_expiry = \"reauthorise\"")
            .replace("single_capture = \"wait\"", "single_capture = \"reauthorise\"")
            .replace("invoice = \"per_shipment\"", "invoice = \"when_complete\"")
            .replace("capture = \"when_complete\"", "capture = \"at_first_shipment\"")
            .replace("[policy.checkout.payment]\nask = false", "[policy.checkout.payment]\nask = true")
            .replace(
                "when_down = \"hold\"\nwhen_refused = \"hold\"",
                "when_down = \"go_on\"\nwhen_refused = \"cancel\"",
            );
        let estate = settings::read("e", &text).unwrap();
        let policy = crate::policy::policy(&estate);
        let checkout = &policy.checkout;
        assert_eq!((checkout.tax_tolerance, checkout.invoice), (3, to::InvoiceRule::WhenComplete));
        assert_eq!(checkout.on_expiry, to::OnExpiry::Reauthorise);
        assert_eq!(checkout.single_capture, to::SingleCapture::Reauthorise);
        assert_eq!(policy.capture, to::CaptureRule::AtFirstShipment);
        let payment = checkout.payment;
        assert!(payment.ask && !checkout.fraud.ask);
        assert_eq!((payment.when_down, payment.when_refused), (to::WhenDown::GoOn, to::WhenRefused::Cancel));
    }
}
