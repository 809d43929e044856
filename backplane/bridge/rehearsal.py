"""Gives the Rehearsal panel its hands on the simulated racks of this process."""

from backplane.firmware_link.simulator import registry
from backplane.slots.models import Chassis

_SCHEME = "sim://"


class SimulatorRehearsal:
    """Implements slots.rehearsal.Rehearsal; called from the pages' thread."""

    def reaches(self, port_url: str) -> bool:
        """Say whether the port is a simulator of this process; one behind a line has its own control socket."""
        return port_url.startswith(_SCHEME)

    def execute(self, chassis_slug: str, line: str) -> dict[str, object]:
        """Carry out one control line on the rack of this chassis; the answer says what is wrong, if anything."""
        url = Chassis.objects.filter(slug__iexact=chassis_slug).values_list("port_url", flat=True)
        port_url = url.first() or ""
        if not port_url.startswith(_SCHEME):
            return {
                "ok": False,
                "error": "This simulated rack runs in a process of its own; use its control socket.",
            }
        try:
            answer = registry.execute_on(_name_in(port_url), line)
        except TimeoutError:
            return {"ok": False, "error": "The simulator did not answer; try again."}
        return answer or {"ok": False, "error": "The simulator of this chassis is not running yet."}


def _name_in(port_url: str) -> str:
    return port_url.removeprefix(_SCHEME).partition("?")[0]


def stop_simulators() -> None:
    """End the simulated racks of this process; their worlds keep every rail as it is."""
    registry.stop_all()
