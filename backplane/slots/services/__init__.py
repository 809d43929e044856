"""Everything that writes slot rows: one function, one transaction, one notification after the commit.

Times are aware datetimes passed in as `now`. `epoch` is the generation of the caller's lease.
"""

from backplane.slots.services.board_state import apply_state
from backplane.slots.services.carriers import Look, carriers_to_read, note_carriers
from backplane.slots.services.commands import (
    cancel_command,
    finish_command,
    lose_command,
    mark_sent,
    request_command,
)
from backplane.slots.services.firmware import (
    claim_update,
    end_update,
    forget_updates,
    give_up_untold,
    note_update,
    request_update,
)
from backplane.slots.services.flight import (
    complete_flight_records,
    flight_around,
    is_flight_due,
)
from backplane.slots.services.hardware import record_hardware_events
from backplane.slots.services.journals import record_gap, start_new_journal
from backplane.slots.services.leases import (
    adopt_board,
    confirm_take_over,
    find_or_create_chassis,
    host_id,
    newest_raw,
    take_lease,
)
from backplane.slots.services.links import (
    forget_links,
    link_lost,
    link_restored,
    set_link_status,
    set_port_status,
)
from backplane.slots.services.locate import locate, stop_locating
from backplane.slots.services.minutes import (
    let_go_of_minutes,
    minutes_of,
    periods_of,
    write_minute,
)
from backplane.slots.services.peaks import learn_peaks
from backplane.slots.services.planning import expire_commands, plan_commands
from backplane.slots.services.run_decisions import RunDecision, decide_run
from backplane.slots.services.run_facts import RunView, run_view, usual_run_order
from backplane.slots.services.runs import RunRequest, advance_runs, chassis_with_runs, start_run
from backplane.slots.services.settings import (
    PolicyRequest,
    note_config,
    request_restore_policy,
    set_budget,
    set_site,
)
from backplane.slots.services.stays import name_occupant, tell_presence

__all__ = [
    "Look",
    "PolicyRequest",
    "RunDecision",
    "RunRequest",
    "RunView",
    "adopt_board",
    "advance_runs",
    "apply_state",
    "cancel_command",
    "carriers_to_read",
    "chassis_with_runs",
    "claim_update",
    "complete_flight_records",
    "confirm_take_over",
    "decide_run",
    "end_update",
    "expire_commands",
    "find_or_create_chassis",
    "finish_command",
    "flight_around",
    "forget_links",
    "forget_updates",
    "give_up_untold",
    "host_id",
    "is_flight_due",
    "learn_peaks",
    "let_go_of_minutes",
    "link_lost",
    "link_restored",
    "locate",
    "lose_command",
    "mark_sent",
    "minutes_of",
    "name_occupant",
    "newest_raw",
    "note_carriers",
    "note_config",
    "note_update",
    "periods_of",
    "plan_commands",
    "record_gap",
    "record_hardware_events",
    "request_command",
    "request_restore_policy",
    "request_update",
    "run_view",
    "set_budget",
    "set_link_status",
    "set_port_status",
    "set_site",
    "start_new_journal",
    "start_run",
    "stop_locating",
    "take_lease",
    "tell_presence",
    "usual_run_order",
    "write_minute",
]
