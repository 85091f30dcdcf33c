// GET /admin/order-changes?updated_at[$gte]=…: confirmed changes of orders, oldest first, with the lines that they are
// about. The shop itself lists them order by order only (GET /admin/orders/:id/changes), which nobody can poll.
const { ContainerRegistrationKeys } = require("@medusajs/framework/utils")

const FIELDS = [
  "id", "order_id", "version", "change_type", "status", "internal_note", "confirmed_at", "updated_at", "actions.*",
  "order.currency_code", "order.items.quantity", "order.items.item.*", "order.items.item.tax_lines.*",
]
const PAGE = 50

module.exports.GET = async (req, res) => {
  const query = req.scope.resolve(ContainerRegistrationKeys.QUERY)
  const { updated_at, offset = 0 } = req.query
  const { data, metadata } = await query.graph({
    entity: "order_change",
    fields: FIELDS,
    filters: { status: "confirmed", change_type: ["edit", "update_order"], ...(updated_at ? { updated_at } : {}) },
    pagination: { order: { updated_at: "ASC" }, take: PAGE, skip: Number(offset) },
  })
  res.json({ order_changes: data, count: metadata.count, offset: Number(offset), limit: PAGE })
}
