"""Finds the device types of chassis and modules, and plans those that are missing with bays and interfaces. Pure."""

from dataclasses import dataclass

from backplane.inventory.mapping import Mapping, slug_of
from backplane.inventory.plan.catalog import Catalog, Missing
from backplane.inventory.plan.index import Index
from backplane.inventory.records import Conflict, Kind, NbDeviceType, Ref

INTERFACE_TYPE = "1000base-t"


@dataclass(frozen=True, slots=True)
class TypeRef:
    """`parts`: the components a new device of the type comes with, in small letters."""

    ref: Ref
    parts: frozenset[str]


class Types:
    """Device types by what they are for."""

    def __init__(self, index: Index, mapping: Mapping, catalog: Catalog) -> None:
        self._index = index
        self._mapping = mapping
        self._catalog = catalog

    def chassis(self, model: str, slot_count: int) -> TypeRef | Missing:
        """Return the type of a chassis; `model` may hold {slots}."""
        model = model.replace("{slots}", str(slot_count))
        found = self._find(model, self._mapping.types.chassis_manufacturer)
        if isinstance(found, NbDeviceType):
            if found.subdevice_role != "parent":
                return Missing(Conflict.NOT_A_PARENT, _wrong(found, "parent"))
            return TypeRef(_ref(found), self._index.bay_names(found.id))
        return self._new_chassis_type(model, slot_count)

    def module(self, model: str) -> TypeRef | Missing:
        """Return the type of a module that calls itself `model`; "" is not known."""
        model = self._mapping.types.model_of(model)
        found = self._find(model, self._mapping.types.manufacturer)
        if isinstance(found, NbDeviceType):
            if found.subdevice_role != "child":
                return Missing(Conflict.NOT_A_CHILD, _wrong(found, "child"))
            return TypeRef(_ref(found), self._index.interface_names(found.id))
        return self._new_module_type(model)

    def _find(self, model: str, maker: str) -> NbDeviceType | None:
        """Return the maker's type of this model, or anybody's if the maker has none."""
        slugs = {one.id: one.slug for one in self._index.snapshot.manufacturers}
        found = [
            one
            for one in self._index.types.values()
            if one.model.casefold() == model.casefold() or one.slug == slug_of(model)
        ]
        own = [one for one in found if slugs.get(one.manufacturer_id) == slug_of(maker)]
        return next(iter(own or found), None)

    def _new_chassis_type(self, model: str, slot_count: int) -> TypeRef:
        types, names = self._mapping.types, self._mapping.names
        maker = self._catalog.manufacturer(types.chassis_manufacturer)
        ref = self._catalog.new_type(
            maker,
            model,
            (
                ("u_height", types.chassis_height_u),
                ("is_full_depth", True),
                ("subdevice_role", "parent"),
            ),
        )
        bays = {number: names.bay_of(number) for number in range(1, slot_count + 1)}
        if self._index.is_whole:
            for number, bay in bays.items():
                label = ("label", names.label_of(number))
                self._catalog.template(Kind.BAY_TEMPLATE, ref, bay, label)
        return TypeRef(ref, frozenset(bay.casefold() for bay in bays.values()))

    def _new_module_type(self, model: str) -> TypeRef:
        interface = self._mapping.names.interface
        maker = self._catalog.manufacturer(self._mapping.types.manufacturer)
        ref = self._catalog.new_type(
            maker,
            model,
            (("u_height", 0), ("is_full_depth", False), ("subdevice_role", "child")),
        )
        if self._index.is_whole:
            kind = ("type", INTERFACE_TYPE)
            self._catalog.template(Kind.INTERFACE_TEMPLATE, ref, interface, kind)
        return TypeRef(ref, frozenset({interface.casefold()}))


def _ref(found: NbDeviceType) -> Ref:
    return Ref(Kind.DEVICE_TYPE, f"type:{found.slug}", found.id, found.model)


def _wrong(found: NbDeviceType, role: str) -> str:
    now = f"is a {found.subdevice_role}" if found.subdevice_role else "has no bays and fits in none"
    return f"Device type {found.model!r} {now}; it must be a {role}."
