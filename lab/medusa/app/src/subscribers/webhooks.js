// The shop has no webhooks: this posts its events, ids only, signed as Standard Webhooks say. $WEBHOOKS_FILE is read at
// every event, so that who is told, and how badly, can change at any time:
//   {"targets": [{"url": "…", "secret": "whsec_…"}], "withheld": false, "times": 1, "shuffle_ms": 0}
const crypto = require("crypto")
const fs = require("fs")

const TOPICS = [
  "order.placed", "order.updated", "order.canceled", "order.fulfillment_created", "order.fulfillment_canceled",
  "shipment.created", "delivery.created", "order.return_requested", "order.return_received", "order-edit.confirmed",
  "payment.captured", "payment.refunded", "inventory-level.updated",
]
const PAUSES_MS = [0, 500, 2000, 5000]
const TIMEOUT_MS = 5000

const wait = (ms) => new Promise((done) => setTimeout(done, ms))

// One message, until it is answered with 2xx or its attempts are over.
async function deliver({ url, secret }, id, body, logger) {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64")
  for (const pause of PAUSES_MS) {
    await wait(pause)
    const at = String(Math.floor(Date.now() / 1000))
    const signature = crypto.createHmac("sha256", key).update(`${id}.${at}.${body}`).digest("base64")
    const headers = {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": at,
      "webhook-signature": "v1," + signature,
    }
    try {
      const answer = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) })
      if (answer.ok) return
    } catch (wrong) {
      logger.debug(`webhook ${id}: ${wrong.message}`)
    }
  }
  logger.warn(`webhook ${id} was given up`)
}

module.exports = {
  default: async ({ event, container }) => {
    const { targets, withheld, times = 1, shuffle_ms = 0 } = JSON.parse(fs.readFileSync(process.env.WEBHOOKS_FILE, "utf8"))
    if (withheld) return
    const id = "evt_" + crypto.randomUUID()
    const occurred_at = event.metadata?.created_at ?? new Date().toISOString()
    const body = JSON.stringify({ id, topic: event.name, occurred_at, data: event.data })
    const logger = container.resolve("logger")
    for (const target of targets) {
      for (let n = 0; n < times; n++) {
        void wait(Math.random() * shuffle_ms).then(() => deliver(target, id, body, logger))
      }
    }
  },
  config: { event: TOPICS },
}
