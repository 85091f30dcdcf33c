# Where an order goes, as the contract has it.
include "ids";

def ship_to: need(.country_code) as $country | {country: ($country | ascii_upcase)}
  + given("postcode"; .postal_code) + given("region"; .province) + given("city"; .city)
  + given("name"; [.first_name, .last_name] | map(values) | join(" ") | select(. != "") // null)
  + given("address1"; .address_1) + given("address2"; .address_2) + given("company"; .company) + given("phone"; .phone);

# A new address of an order, to order.address_changed.
def moved: {order: order_id(.order_id), id: id(.id),
  ship_to: ([.actions[] | select(.details.type == "shipping_address") | .details.new] | last | ship_to)};
