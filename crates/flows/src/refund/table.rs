//! Which moves of a refund are meant.

use crate::transition::Transition;

const fn t(from: &'static str, on: &'static str, to: &'static str) -> Transition {
    Transition { from, on, to }
}

/// Every move of a refund, and upon what. The last group names the late reversals: a success that is reported
/// failed afterwards reopens.
pub const TABLE: &[Transition] = &[
    t("awaited", "refund.open", "memo"),
    t("awaited", "refund.open", "asked"),
    t("awaited", "refund.open", "succeeded"),
    t("awaited", "refund.open", "failed"),
    t("memo", "post_credit_memo.done", "asked"),
    t("memo", "refund.failed", "failed"),
    t("memo", "refund.succeeded", "succeeded"),
    t("asked", "refund.done", "succeeded"),
    t("asked", "refund.done", "pending"),
    t("asked", "refund.accepted", "pending"),
    t("asked", "refund.pending", "pending"),
    t("asked", "refund.succeeded", "succeeded"),
    t("asked", "refund.unknown", "unknown"),
    t("asked", "refund.refused", "failed"),
    t("asked", "refund.failed", "failed"),
    t("unknown", "refund.done", "succeeded"),
    t("unknown", "refund.done", "pending"),
    t("unknown", "refund.accepted", "pending"),
    t("unknown", "refund.pending", "pending"),
    t("unknown", "refund.succeeded", "succeeded"),
    t("unknown", "refund.refused", "failed"),
    t("unknown", "refund.failed", "failed"),
    t("pending", "refund.done", "succeeded"),
    t("pending", "refund.succeeded", "succeeded"),
    t("pending", "refund.failed", "failed"),
    t("pending", "refund.refused", "failed"),
    t("failed", "refund.succeeded", "succeeded"),
    t("failed", "refund.done", "succeeded"),
    t("failed", "refund.retry_requested", "asked"),
    t("reversed", "refund.retry_requested", "asked"),
    t("reversed", "refund.succeeded", "succeeded"),
    t("succeeded", "refund.failed", "reversed"),
];
