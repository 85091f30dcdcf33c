// Fills an empty shop with the lab's catalogue, and writes what a client needs to $ENDPOINT_FILE.
const fs = require("fs")
const { ContainerRegistrationKeys, Modules, ProductStatus } = require("@medusajs/framework/utils")
const flows = require("@medusajs/medusa/core-flows")

const CATALOGUE = JSON.parse(fs.readFileSync(process.env.CATALOGUE_FILE, "utf8"))
const CURRENCY = CATALOGUE.currency.toLowerCase()
const COUNTRY = CATALOGUE.country.toLowerCase()
const PLACES = Object.keys(CATALOGUE.items[0].stock)
// A reason's value is the contract's own code.
const REASONS = {
  wrong_size: "Wrong size", changed_mind: "Changed my mind", defective: "Defective", damaged: "Damaged",
  not_as_described: "Not as described", wrong_item: "Wrong item", other: "Other",
}

module.exports.default = async function seed({ container }) {
  const link = container.resolve(ContainerRegistrationKeys.LINK)
  const query = container.resolve(ContainerRegistrationKeys.QUERY)
  const run = async (flow, input) => (await flow(container).run({ input })).result
  const all = async (entity, fields) => (await query.graph({ entity, fields })).data
  const tie = (one, other) => link.create({ ...one, ...other })

  const [channel] = await run(flows.createSalesChannelsWorkflow, { salesChannelsData: [{ name: "Web shop" }] })
  const [store] = await all("store", ["id"])
  await run(flows.updateStoresWorkflow, {
    selector: { id: store.id },
    update: {
      name: "Lab shop",
      default_sales_channel_id: channel.id,
      supported_currencies: [{ currency_code: CURRENCY, is_default: true }],
    },
  })
  const [region] = await run(flows.createRegionsWorkflow, {
    regions: [{ name: "Home", currency_code: CURRENCY, countries: [COUNTRY], payment_providers: ["pp_system_default"] }],
  })
  await run(flows.createTaxRegionsWorkflow, [{
    country_code: COUNTRY,
    provider_id: "tp_system",
    default_tax_rate: { name: "TVA", code: "TVA", rate: Number(CATALOGUE.tax_rate) * 100 },
  }])

  // The stock locations are the hub's places, by name.
  const locations = await run(flows.createStockLocationsWorkflow, {
    locations: PLACES.map((name) => ({ name, address: { address_1: "Rue du Quai 1", city: "Lille", country_code: CATALOGUE.country } })),
  })
  const location = Object.fromEntries(locations.map(({ id, name }) => [name, id]))
  for (const id of Object.values(location)) {
    await run(flows.linkSalesChannelsToStockLocationWorkflow, { id, add: [channel.id] })
    await tie({ [Modules.STOCK_LOCATION]: { stock_location_id: id } }, { [Modules.FULFILLMENT]: { fulfillment_provider_id: "manual_manual" } })
  }
  const [profile] = (await all("shipping_profile", ["id"])).concat([null])
  const shipping_profile_id =
    profile?.id ?? (await run(flows.createShippingProfilesWorkflow, { data: [{ name: "Default", type: "default" }] }))[0].id
  const set = await container.resolve(Modules.FULFILLMENT).createFulfillmentSets({
    name: "Delivery",
    type: "shipping",
    service_zones: [{ name: "Home", geo_zones: [{ country_code: COUNTRY, type: "country" }] }],
  })
  await tie({ [Modules.STOCK_LOCATION]: { stock_location_id: location[PLACES[0]] } }, { [Modules.FULFILLMENT]: { fulfillment_set_id: set.id } })
  const option = (name, code, amount, isReturn) => ({
    name,
    price_type: "flat",
    provider_id: "manual_manual",
    service_zone_id: set.service_zones[0].id,
    shipping_profile_id,
    type: { label: name, description: name, code },
    prices: [{ currency_code: CURRENCY, amount }],
    rules: [
      { attribute: "enabled_in_store", value: "true", operator: "eq" },
      { attribute: "is_return", value: String(isReturn), operator: "eq" },
    ],
  })
  const { title, price } = CATALOGUE.shipping
  const [delivery, sendBack] = await run(flows.createShippingOptionsWorkflow, [
    option(title, "standard", Number(price), false),
    option("Return parcel", "return", 0, true),
  ])
  const reasons = await run(flows.createReturnReasonsWorkflow, {
    data: Object.entries(REASONS).map(([value, label]) => ({ value, label })),
  })

  await run(flows.createProductsWorkflow, {
    products: CATALOGUE.items.map(({ sku, title, price }) => ({
      title,
      handle: sku.toLowerCase(),
      status: ProductStatus.PUBLISHED,
      shipping_profile_id,
      sales_channels: [{ id: channel.id }],
      options: [{ title: "Kind", values: ["Standard"] }],
      variants: [{
        title: "Standard",
        sku,
        manage_inventory: true,
        options: { Kind: "Standard" },
        prices: [{ currency_code: CURRENCY, amount: Number(price) }],
      }],
    })),
  })
  const items = Object.fromEntries((await all("inventory_item", ["id", "sku"])).map(({ id, sku }) => [sku, id]))
  await run(flows.createInventoryLevelsWorkflow, {
    inventory_levels: CATALOGUE.items.flatMap(({ sku, stock }) =>
      PLACES.map((place) => ({ inventory_item_id: items[sku], location_id: location[place], stocked_quantity: stock[place] }))
    ),
  })

  const [shopper, hub] = await run(flows.createApiKeysWorkflow, {
    api_keys: [
      { title: "Storefront", type: "publishable", created_by: "" },
      { title: "Hub", type: "secret", created_by: "" },
    ],
  })
  await run(flows.linkSalesChannelsToApiKeyWorkflow, { id: shopper.id, add: [channel.id] })

  const endpoint = {
    url: process.env.SHOP_URL,
    publishable_key: shopper.token,
    secret_key: hub.token,
    region: region.id,
    sales_channel: channel.id,
    shipping_option: delivery.id,
    return_shipping_option: sendBack.id,
    return_reasons: Object.fromEntries(reasons.map(({ id, value }) => [value, id])),
    locations: location,
    variants: Object.fromEntries((await all("variant", ["id", "sku"])).map(({ id, sku }) => [sku, id])),
    webhooks_file: process.env.WEBHOOKS_FILE,
  }
  fs.writeFileSync(process.env.ENDPOINT_FILE, JSON.stringify(endpoint, null, 2) + "\n", { mode: 0o600 })
}
