"""The kinds of the `extras` app: tags, custom fields, journal entries."""

from tests.support.netbox.kinds import Field, FieldType, Kind, choice, flag, number, text

_JSON = Field(FieldType.JSON, is_nullable=True)

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
    absent={
        "choice_set": None,
        "owner": None,
        "related_object_filter": None,
        "related_object_type": None,
        "validation_maximum": None,
        "validation_minimum": None,
        "validation_regex": "",
        "validation_schema": None,
        "data_type": "string",
    },
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
    absent={"created_by": 1},
)
