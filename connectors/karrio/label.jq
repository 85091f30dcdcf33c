# Labels, as they are asked for and as they are told.

def filled: with_entries(select(.value != null and .value != ""));

def place($code): $conf.places[$code] // error("conf.places has no address of \($code)");

# The contract asks for a country only; what else an address has is called as the shop called it.
def address: {
    country_code: need(.country), postal_code: (.postcode // .zip), state_code: (.region // .province_code), city,
    person_name: (.name // ([.first_name, .last_name | strings] | join(" "))), company_name: .company,
    address_line1: (.address1 // .address_1 // .street), address_line2: (.address2 // .address_2),
    phone_number: .phone, email} | filled;

def units($lines): sum($lines; .quantity);

def parcel($lines): ($conf.grams // 500) as $grams
  | {weight: (units($lines) * $grams), weight_unit: "G", items: each($lines;
      {sku, quantity, weight: $grams, weight_unit: "G"} | filled)};

def asked($service): {service: $service, label_type: ($conf.label_type // "PDF"), reference: .args.id};

def out: asked($conf.service)
  + {shipper: place(.args.from), recipient: (if .args.to then .args.to | address else place(.args.from) end),
     parcels: [.args.parcels[] | parcel(.lines)],
     metadata: {hub: .args.id, order: .args.order, place: .args.from}};

def back: asked($conf.return_service // $conf.service)
  + {shipper: .lookup.sender, recipient: place(.args.to), parcels: [parcel(.args.lines)],
     metadata: ({hub: .args.id, rma: .args.id, order: .args.order, place: .args.to} | filled)};

# The newest label of the order's way out.
def sender: .args.order as $order
  | [.body.results[] | select($order and .metadata.order == $order and .metadata.rma == null) | .recipient
      | {country_code, postal_code, city, state_code, person_name, company_name, address_line1, address_line2, phone_number}
      | filled][0] // $conf.sender;

# What was given back may be bought again; a draft was never bought.
def holds: .status != "cancelled" and .status != "draft";

# The label itself stands only in the first answer, so where it can be had is told.
def bought: {ref: .id, tracking: need(.tracking_number), label: (($conf.public // "") + (.label_url // ""))};

def next: if .body.next then {offset: ((.page.offset // 0) + 100)} else null end;

def row: {id, reference, order: .metadata.order, rma: .metadata.rma, place: .metadata.place, tracking: .tracking_number,
    state: .status, at: (.created_at | split(" ") | join("T"))} | filled;
