//! The estate's policy as the processes take it.

mod checkout;

use books::{Day, Periods};
use flows::policy as to;
use flows::stock::{ChannelRule, PlaceRule, StockPolicy};
use settings as from;
use settings::Estate;

pub fn policy(estate: &Estate) -> to::Policy {
    let own = &estate.policy;
    to::Policy {
        entity: estate.entity.clone(),
        currency: estate.currency,
        periods: periods(estate),
        revision: 0,
        former: std::collections::BTreeMap::new(),
        routes: own_routes(estate),
        asks: estate.roles().into_iter().map(str::to_owned).collect(),
        pools: own.pools.iter().map(|(id, pool)| (id.clone(), pool_of(estate, pool))).collect(),
        channels: own.channels.clone(),
        default_pool: own.default_pool.clone(),
        partial_release: own.partial_release,
        erp_first: own.erp_first,
        capture: match own.capture {
            from::CaptureRule::WhenComplete => to::CaptureRule::WhenComplete,
            from::CaptureRule::PerShipment => to::CaptureRule::PerShipment,
            from::CaptureRule::AtFirstShipment => to::CaptureRule::AtFirstShipment,
        },
        checkout: checkout::checkout(&own.checkout),
        refund_first: match own.refund_first {
            from::RefundFirst::First => to::RefundFirst::First,
            from::RefundFirst::Last => to::RefundFirst::Last,
            from::RefundFirst::Proportional => to::RefundFirst::Proportional,
        },
        fulfilment: to::FulfilmentPolicy {
            labels: match own.fulfilment.labels {
                from::Labels::Warehouse => to::Labels::Warehouse,
                from::Labels::Hub => to::Labels::Hub,
            },
            collect_within: own.fulfilment.collect_within,
            uncollected: match own.fulfilment.uncollected {
                from::Uncollected::Cancel => to::Uncollected::Cancel,
                from::Uncollected::Ask => to::Uncollected::Ask,
            },
        },
        messages: own.messages.clone(),
        credits: credits(&own.credits),
        returns: returns(&own.returns),
        spans: to::Spans {
            early: own.spans.early,
            order: own.spans.order,
            retry: own.spans.retry,
            retries: own.spans.retries,
            arrival: own.spans.arrival,
            inspection: own.spans.inspection,
            refund: own.spans.refund,
            deadline_warning: own.spans.deadline_warning,
        },
    }
}

fn own_routes(estate: &Estate) -> Vec<to::Route> {
    let route = |route: &from::Route| to::Route {
        role: route.role.word().to_owned(),
        brand: route.brand.clone(),
        channel: route.channel.clone(),
        region: route.region.clone(),
        band: route.band,
        to: route.to.clone(),
    };
    estate.routes.iter().map(route).collect()
}

fn periods(estate: &Estate) -> Periods {
    let own = &estate.policy.periods;
    let open = Periods::open().zone(&estate.entity, own.east_minutes);
    own.closed.iter().fold(open, |periods, closing| match Day::parse(&closing.until) {
        Some(until) => periods.close(&estate.entity, until, closing.since),
        None => periods,
    })
}

fn pool_of(estate: &Estate, pool: &from::Pool) -> StockPolicy {
    let place = |place: &String| PlaceRule { place: place.clone(), safety: pool.safety_at(place) };
    let places = pool.places.iter().map(place);
    let base = StockPolicy::simple(&estate.entity, &[]);
    let rules = &pool.rules;
    StockPolicy {
        periods: periods(estate),
        places: places.collect(),
        safety_skus: rules.safety_skus.clone(),
        safety_categories: rules.safety_categories.clone(),
        sellable: rules.sellable.clone(),
        consigned: rules.consigned.clone(),
        restocked_as: rules.restocked_as.clone(),
        channels: channels(rules),
        hold_most: rules.hold_most,
        transit: rules.transit,
        publish_to: pool.publish_to.clone(),
        publish_every: pool.publish_after,
        compare: rules.compare.clone(),
        by_place: rules.by_place.clone(),
        publish_tries: rules.publish_tries,
        ..base
    }
}

fn channels(rules: &from::StockRules) -> std::collections::BTreeMap<String, ChannelRule> {
    let sources = rules.kept.keys().chain(rules.shares.keys());
    let rule = |source: &String| ChannelRule {
        share: rules.shares.get(source).copied(),
        kept: rules.kept.get(source).copied().unwrap_or(0),
    };
    sources.map(|source| (source.clone(), rule(source))).collect()
}

fn credits(own: &from::CreditPolicy) -> to::CreditPolicy {
    to::CreditPolicy {
        goodwill_limit: own.goodwill_limit,
        approve_above: own.approve_above,
        approve_returns_above: own.approve_returns_above,
        store_credit: own.store_credit.clone(),
        promotion_break: match own.promotion_break {
            from::PromotionBreak::Keep => to::PromotionBreak::Keep,
            from::PromotionBreak::ClawBack => to::PromotionBreak::ClawBack,
        },
        reverse_memo: own.reverse_memo,
    }
}

pub fn returns(own: &from::ReturnPolicy) -> to::ReturnPolicy {
    to::ReturnPolicy {
        place: own.place.clone(),
        window_from: match own.window_from {
            from::WindowFrom::Shipped => to::WindowFrom::Shipped,
            from::WindowFrom::Placed => to::WindowFrom::Placed,
        },
        windows: own.windows.clone(),
        window_days: own.window_days,
        least_days: own.least_days.clone(),
        not_returnable: own.not_returnable.clone(),
        inspect_first: own.inspect_first.clone(),
        disposition: own.disposition.clone(),
        withdrawal_refund_days: own.withdrawal_refund_days,
        rules: crate::returns::rules(&own.rules),
    }
}
