"""Says who each module is in NetBox, and whether we may touch it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from backplane.inventory.identity import shared_keys
from backplane.inventory.plan.catalog import Missing
from backplane.inventory.plan.chassis import rivals_text
from backplane.inventory.plan.draft import Subject
from backplane.inventory.plan.scene import Scene, device_ref
from backplane.inventory.records import Conflict, Kind, NbDevice, Ref, SeenModule


@dataclass(frozen=True, slots=True)
class Member:
    """A module with its device. `device` None: NetBox has none. `problem`: why it is left alone."""

    module: SeenModule
    device: NbDevice | None = None
    problem: Missing | None = None

    @property
    def ref(self) -> Ref:
        if self.device is not None:
            return device_ref(self.device, self.module.uid)
        return Ref(Kind.DEVICE, f"device:{self.module.uid}", None, label_of(self.module))

    @property
    def subject(self) -> Subject:
        label = f"module {label_of(self.module)}"
        return Subject(Kind.DEVICE, f"device:{self.module.uid}", label, self.module.uid)


def label_of(module: SeenModule) -> str:
    return module.name or module.serial or module.uid


def members(scene: Scene) -> dict[str, Member]:
    """Return every module we know of, by uid."""
    ordered = known_modules(scene)
    doubles = shared_keys(ordered)
    return {one.uid: _member(scene, one, doubles) for one in ordered}


def known_modules(scene: Scene) -> list[SeenModule]:
    """Return every module we know of once, in a fixed order."""
    modules = {(one.uid, one.id): one for one in _modules(scene)}
    return [modules[key] for key in sorted(modules)]


def _modules(scene: Scene) -> Iterator[SeenModule]:
    yield from scene.seen.shelf
    for chassis in scene.seen.chassis:
        for bay in chassis.bays:
            if bay.module is not None:
                yield bay.module


def _member(scene: Scene, module: SeenModule, doubles: dict[str, str]) -> Member:
    if module.is_simulated and not scene.options.allows_simulated:
        why = "It is simulated, and what is simulated is kept out of NetBox."
        return Member(module, None, Missing(Conflict.SIMULATED, why))
    if module.uid in doubles:
        why = f"Two modules here have the same {doubles[module.uid]}."
        return Member(module, None, Missing(Conflict.DUPLICATE, why))
    match = scene.index.identities.find(module)
    if match.rivals:
        return Member(module, None, Missing(Conflict.DUPLICATE, rivals_text(match.rivals)))
    if match.device is None:
        return Member(module)
    return Member(module, match.device, _refusal(scene, match.device))


def _refusal(scene: Scene, device: NbDevice) -> Missing | None:
    if not scene.owns(device):
        why = f"{device.name or device.id} has no tag {scene.mapping.tag!r}. Give it the tag to let it be kept."
        return Missing(Conflict.NOT_TAGGED, why)
    kind = scene.index.types.get(device.device_type_id)
    if kind is not None and kind.subdevice_role != "child":
        why = f"Its device type {kind.model!r} is no child type; NetBox would put it in a bay all the same."
        return Missing(Conflict.NOT_A_CHILD, why)
    return None
