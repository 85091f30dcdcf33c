//! What an estate decides about returns, as the processes take it.

use flows::returns::rules as to;
use settings::returns as from;

pub fn rules(own: &from::ReturnRules) -> to::ReturnRules {
    to::ReturnRules {
        find_sale: own.find_sale,
        match_after: own.match_after,
        labels: own.labels,
        receipt_after: own.receipt_after,
        keep_below: own.keep_below.clone(),
        withhold: match own.withhold {
            from::Withhold::Goods => to::Withhold::Goods,
            from::Withhold::Dispatch => to::Withhold::Dispatch,
            from::Withhold::Not => to::Withhold::Not,
        },
        refund_lost: match own.refund_lost {
            from::RefundLost::Ours => to::RefundLost::Ours,
            from::RefundLost::Always => to::RefundLost::Always,
            from::RefundLost::Never => to::RefundLost::Never,
        },
        fees: own.fees.iter().map(fee).collect(),
        refurbished: own.refurbished,
        deadlines: own.deadlines.clone(),
        told: own.tell.iter().map(|(source, told)| (source.clone(), tell(*told))).collect(),
    }
}

fn fee(own: &from::FeeRule) -> to::FeeRule {
    to::FeeRule {
        kind: match own.kind {
            from::FeeKind::Restocking => flows::messages::FeeKind::Restocking,
            from::FeeKind::ReturnShipping => flows::messages::FeeKind::ReturnShipping,
        },
        amount: own.amount,
        basis_points: own.basis_points,
        types: own.types.clone(),
        categories: own.categories.clone(),
        free_reasons: own.free_reasons.clone(),
    }
}

const fn tell(own: from::Tell) -> to::Told {
    match own {
        from::Tell::Returns => to::Told::Returns,
        from::Tell::Storefront => to::Told::Storefront,
        from::Tell::Nobody => to::Told::Nobody,
    }
}
