"""The catalogue of kinds the double serves, each with its fields as the REST API names them."""

from tests.support.netbox.catalogue_places import LOCATION, MANUFACTURER, RACK, SITE, TENANT
from tests.support.netbox.kinds import (
    STATUSES,
    Field,
    FieldType,
    Kind,
    choice,
    flag,
    named,
    number,
    reference,
    text,
)

_JSON = Field(FieldType.JSON, is_nullable=True)
_INTERFACE_TYPES = (
    "virtual",
    "100base-tx",
    "1000base-t",
    "2.5gbase-t",
    "10gbase-t",
    "ieee802.11ac",
    "other",
)

DEVICE_TYPE = Kind(
    "dcim/device-types",
    "dcim.devicetype",
    {
        "manufacturer": reference("dcim/manufacturers", is_required=True),
        "model": text(100, is_required=True),
        "slug": text(100, is_required=True),
        "part_number": text(50),
        "u_height": number(1),
        "is_full_depth": flag(default=True),
        "exclude_from_utilization": flag(),
        "subdevice_role": choice(None, "parent", "child", is_nullable=True),
        "description": text(),
        "comments": text(100_000),
    },
    order=("manufacturer", "model"),
    brief=("manufacturer", "model", "slug", "description", "device_count"),
    counts=(
        "device_count",
        "console_port_template_count",
        "console_server_port_template_count",
        "power_port_template_count",
        "power_outlet_template_count",
        "interface_template_count",
        "front_port_template_count",
        "rear_port_template_count",
        "device_bay_template_count",
        "module_bay_template_count",
        "inventory_item_template_count",
    ),
)
DEVICE_BAY_TEMPLATE = Kind(
    "dcim/device-bay-templates",
    "dcim.devicebaytemplate",
    {
        "device_type": reference("dcim/device-types", is_required=True),
        "name": text(64, is_required=True),
        "label": text(64),
        "enabled": flag(default=True),
        "description": text(),
    },
    order=("device_type", "name"),
    has_tags=False,
    has_display_url=False,
)
INTERFACE_TEMPLATE = Kind(
    "dcim/interface-templates",
    "dcim.interfacetemplate",
    {
        **DEVICE_BAY_TEMPLATE.fields,
        "type": choice(None, *_INTERFACE_TYPES, is_required=True),
        "mgmt_only": flag(),
    },
    order=("device_type", "name"),
    has_tags=False,
    has_display_url=False,
)
DEVICE_ROLE = Kind(
    "dcim/device-roles",
    "dcim.devicerole",
    named(
        color=text(6, default="9e9e9e"),
        vm_role=flag(default=True),
        parent=reference("dcim/device-roles"),
    ),
    brief=("name", "slug", "description", "device_count", "virtualmachine_count", "_depth"),
    counts=("device_count", "virtualmachine_count", "_depth"),
)
DEVICE = Kind(
    "dcim/devices",
    "dcim.device",
    {
        "name": text(64, default=None, is_nullable=True),
        "device_type": reference("dcim/device-types", is_required=True),
        "role": reference("dcim/device-roles", is_required=True),
        "tenant": reference("tenancy/tenants"),
        "serial": text(50),
        "asset_tag": text(50, default=None, is_nullable=True, is_unique=True),
        "site": reference("dcim/sites", is_required=True),
        "location": reference("dcim/locations"),
        "rack": reference("dcim/racks"),
        "position": number(),
        "face": choice(None, "front", "rear", is_nullable=True),
        "status": choice("active", *STATUSES),
        "description": text(),
        "comments": text(100_000),
        "local_context_data": _JSON,
    },
    order=("name", "id"),
    brief=("name", "description"),
    counts=(
        "console_port_count",
        "console_server_port_count",
        "power_port_count",
        "power_outlet_count",
        "interface_count",
        "front_port_count",
        "rear_port_count",
        "device_bay_count",
        "module_bay_count",
        "inventory_item_count",
    ),
    absent={"primary_ip": None, "config_context": {}, "platform": None, "cluster": None},
)
DEVICE_BAY = Kind(
    "dcim/device-bays",
    "dcim.devicebay",
    {
        "device": reference("dcim/devices", is_required=True),
        "name": text(64, is_required=True),
        "label": text(64),
        "enabled": flag(default=True),
        "description": text(),
        "installed_device": reference("dcim/devices"),
    },
    order=("device", "name"),
    brief=("name", "description"),
)
INTERFACE = Kind(
    "dcim/interfaces",
    "dcim.interface",
    {
        "device": reference("dcim/devices", is_required=True),
        "name": text(64, is_required=True),
        "label": text(64),
        "type": choice(None, *_INTERFACE_TYPES, is_required=True),
        "enabled": flag(default=True),
        "mgmt_only": flag(),
        "description": text(),
        "primary_mac_address": reference("dcim/mac-addresses"),
    },
    order=("device", "name"),
    brief=("device", "name", "description", "cable", "_occupied"),
    counts=("count_ipaddresses", "count_fhrp_groups"),
    absent={
        "bridge_interfaces": [],
        "cable": None,
        "cable_end": None,
        "wireless_link": None,
        "link_peers": [],
        "link_peers_type": None,
        "l2vpn_termination": None,
        "connected_endpoints": None,
        "connected_endpoints_type": None,
        "connected_endpoints_reachable": False,
        "_occupied": False,
    },
)
MAC_ADDRESS = Kind(
    "dcim/mac-addresses",
    "dcim.macaddress",
    {
        "mac_address": text(17, is_required=True),
        "assigned_object_type": text(100, default=None, is_nullable=True),
        "assigned_object_id": number(),
        "description": text(),
        "comments": text(100_000),
    },
    order=("mac_address", "id"),
    brief=("mac_address", "description"),
)
TAG = Kind(
    "extras/tags",
    "extras.tag",
    {
        "name": text(100, is_required=True, is_unique=True),
        "slug": text(100, is_required=True, is_unique=True),
        "color": text(6, default="9e9e9e"),
        "description": text(),
        "weight": number(1000),
        "object_types": Field(FieldType.JSON, []),
    },
    order=("weight", "name"),
    brief=("name", "slug", "color"),
    counts=("tagged_items",),
    has_tags=False,
)
CUSTOM_FIELD = Kind(
    "extras/custom-fields",
    "extras.customfield",
    {
        "name": text(50, is_required=True, is_unique=True),
        "object_types": Field(FieldType.JSON, is_required=True),
        "type": choice(
            "text", "text", "longtext", "integer", "boolean", "date", "datetime", "url", "json"
        ),
        "label": text(50),
        "group_name": text(50),
        "description": text(),
        "comments": text(100_000),
        "required": flag(),
        "unique": flag(),
        "default": _JSON,
        "weight": number(100),
        "search_weight": number(1000),
        "ui_visible": choice("always", "always", "if-set", "hidden"),
        "ui_editable": choice("yes", "yes", "no", "hidden"),
        "filter_logic": choice("loose", "disabled", "loose", "exact"),
        "is_cloneable": flag(),
    },
    order=("group_name", "weight", "name"),
    absent={"data_type": "string"},
    has_tags=False,
)
JOURNAL_ENTRY = Kind(
    "extras/journal-entries",
    "extras.journalentry",
    {
        "assigned_object_type": text(100, is_required=True),
        "assigned_object_id": number(is_required=True),
        "kind": choice("info", "info", "success", "warning", "danger"),
        "comments": text(100_000, is_required=True),
    },
    order=("-created",),
)

KINDS = {
    kind.path: kind
    for kind in (
        SITE,
        LOCATION,
        RACK,
        TENANT,
        MANUFACTURER,
        DEVICE_TYPE,
        DEVICE_BAY_TEMPLATE,
        INTERFACE_TEMPLATE,
        DEVICE_ROLE,
        DEVICE,
        DEVICE_BAY,
        INTERFACE,
        MAC_ADDRESS,
        TAG,
        CUSTOM_FIELD,
        JOURNAL_ENTRY,
    )
}
BY_CONTENT_TYPE = {kind.content_type: kind for kind in KINDS.values()}
CHANGES = "core/object-changes"
