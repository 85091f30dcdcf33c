"""A carrier that lives in a folder: rates and labels by karrio's own code, what its scanners saw by tracking number
in files. Two services, priced by weight."""
import json
import os
from pathlib import Path

import attr
import jstruct
import karrio.core.models as models
import karrio.lib as lib
from karrio.api.mapper import Mapper as BaseMapper
from karrio.api.proxy import Proxy as BaseProxy
from karrio.core.metadata import PluginMetadata
from karrio.universal.mappers.rating_proxy import RatingMixinProxy, RatingMixinSettings
from karrio.universal.mappers.shipping_proxy import ShippingMixinProxy
from karrio.universal.providers.rating import parse_rate_response, rate_request
from karrio.universal.providers.shipping import parse_shipment_response, shipment_request


class Service(lib.Enum):
    lab_ground = "lab_ground"
    lab_express = "lab_express"


class Option(lib.Enum):
    lab_signature = lib.OptionEnum("signature", bool)


def service(name, code, days, light, heavy):
    zones = [models.ServiceZone(label=f"to {top} kg", min_weight=low, max_weight=top, rate=rate)
             for low, top, rate in ((0.0, 5.0, light), (5.0, 70.0, heavy))]
    return models.ServiceLevel(service_name=name, service_code=code, currency="EUR", transit_days=days,
                               weight_unit="KG", zones=zones)


SERVICES = [service("Lab Ground", "lab_ground", 4, 7.95, 14.50), service("Lab Express", "lab_express", 1, 19.95, 39.00)]


@attr.s(auto_attribs=True)
class Settings(RatingMixinSettings):
    account_number: str = None
    id: str = None
    test_mode: bool = False
    carrier_id: str = "labcarrier"
    account_country_code: str = None
    metadata: dict = {}
    config: dict = {}
    label_template: models.LabelTemplate = jstruct.JStruct[models.LabelTemplate]
    services: list[models.ServiceLevel] = jstruct.JList[models.ServiceLevel, False, dict(default=SERVICES)]

    carrier_name = property(lambda self: "labcarrier")
    shipping_services = property(lambda self: self.services or SERVICES)
    tracking_url = property(lambda self: "http://127.0.0.1/track/{}")


def scans(number):
    path = Path(os.environ["LAB_SCANS"]) / f"{number}.json"
    return json.loads(path.read_text()) if path.exists() else []


class Proxy(BaseProxy):
    settings: Settings
    get_rates = RatingMixinProxy.get_rates
    create_shipment = ShippingMixinProxy.create_shipment

    def get_tracking(self, request):
        return lib.Deserializable([(number, scans(number)) for number in request.serialize()])

    def cancel_shipment(self, request):
        return lib.Deserializable(scans(request.serialize()))


class Mapper(BaseMapper):
    settings: Settings

    def create_rate_request(self, payload):
        return rate_request(payload, self.settings)

    def parse_rate_response(self, response):
        return parse_rate_response(response, self.settings)

    def create_shipment_request(self, payload):
        return shipment_request(payload, self.settings)

    def parse_shipment_response(self, response):
        return parse_shipment_response(response, self.settings)

    def create_tracking_request(self, payload):
        return lib.Serializable(payload.tracking_numbers)

    def create_cancel_shipment_request(self, payload):
        return lib.Serializable(payload.shipment_identifier)

    def mine(self, kind, **members):
        return kind(carrier_name=self.settings.carrier_name, carrier_id=self.settings.carrier_id, **members)

    def parse_cancel_shipment_response(self, response):
        if response.deserialize():
            return None, [self.mine(models.Message, code="IN_TRANSIT", message="The parcel is under way already")]
        return self.mine(models.ConfirmationDetails, success=True, operation="Cancel Shipment"), []

    def parse_tracking_response(self, response):
        found, missing = [], []
        for number, seen in response.deserialize():
            if not seen:
                missing.append(self.mine(models.Message, code="NOT_FOUND", message=f"Nothing is known of {number}"))
                continue
            seen = sorted(seen, key=lambda scan: scan["timestamp"], reverse=True)
            events = [models.TrackingEvent(
                date=scan["timestamp"][:10], time=scan["timestamp"][11:16], timestamp=scan["timestamp"],
                status=scan["status"], code=scan["status"].upper(), location=scan.get("location"),
                description=scan.get("description", scan["status"].replace("_", " "))) for scan in seen]
            found.append(self.mine(models.TrackingDetails, tracking_number=number, events=events,
                                   status=seen[0]["status"], delivered=seen[0]["status"] == "delivered"))
        return found, missing


METADATA = PluginMetadata(id="labcarrier", label="Lab Carrier", status="production-ready", Mapper=Mapper, Proxy=Proxy,
                          Settings=Settings, services=Service, options=Option, service_levels=SERVICES)
