"""The kinds that say where and whose: sites, locations, racks, tenants, manufacturers."""

from tests.support.netbox.kinds import Kind, choice, named, number, reference, text

_PER_SITE = {"name": text(100, is_required=True), "slug": text(100, is_required=True)}
_STATUS = ("planned", "staging", "active", "decommissioning", "retired")

SITE = Kind(
    "dcim/sites",
    "dcim.site",
    named(status=choice("active", *_STATUS), tenant=reference("tenancy/tenants")),
    counts=(
        "circuit_count",
        "device_count",
        "prefix_count",
        "rack_count",
        "virtualmachine_count",
        "vlan_count",
    ),
    absent={
        "asns": [],
        "facility": "",
        "group": None,
        "latitude": None,
        "longitude": None,
        "owner": None,
        "physical_address": "",
        "region": None,
        "shipping_address": "",
        "time_zone": None,
    },
)
LOCATION = Kind(
    "dcim/locations",
    "dcim.location",
    {
        **named(status=choice("active", *_STATUS), parent=reference("dcim/locations")),
        **_PER_SITE,
        "site": reference("dcim/sites", is_required=True),
    },
    order=("site", "name"),
    brief=("name", "slug", "description", "rack_count", "_depth"),
    counts=("rack_count", "device_count", "prefix_count", "_depth"),
    absent={"facility": "", "owner": None, "tenant": None},
)
RACK = Kind(
    "dcim/racks",
    "dcim.rack",
    {
        "name": text(100, is_required=True),
        "site": reference("dcim/sites", is_required=True),
        "location": reference("dcim/locations"),
        "tenant": reference("tenancy/tenants"),
        "status": choice("active", "reserved", "available", "planned", "active", "deprecated"),
        "u_height": number(42),
        "serial": text(50),
        "asset_tag": text(50, default=None, is_nullable=True, is_unique=True),
        "description": text(),
        "comments": text(100_000),
    },
    order=("site", "location", "name"),
    brief=("name", "description"),
    counts=("device_count", "powerfeed_count"),
    absent={
        "airflow": None,
        "desc_units": False,
        "facility_id": None,
        "form_factor": None,
        "group": None,
        "max_weight": None,
        "mounting_depth": None,
        "outer_depth": None,
        "outer_height": None,
        "outer_unit": None,
        "outer_width": None,
        "owner": None,
        "rack_type": None,
        "role": None,
        "starting_unit": 1,
        "weight": None,
        "weight_unit": None,
        "width": {"value": 19, "label": "19 inches"},
    },
)
TENANT = Kind(
    "tenancy/tenants",
    "tenancy.tenant",
    named(),
    counts=(
        "circuit_count",
        "device_count",
        "ipaddress_count",
        "prefix_count",
        "rack_count",
        "site_count",
        "virtualmachine_count",
        "vlan_count",
        "vrf_count",
        "cluster_count",
    ),
    absent={"group": None, "owner": None},
)
MANUFACTURER = Kind(
    "dcim/manufacturers",
    "dcim.manufacturer",
    named(),
    counts=("devicetype_count", "moduletype_count", "inventoryitem_count", "platform_count"),
    absent={"owner": None},
)
