"""One function per button; whether it may be pressed was settled before."""

from typing import Final

from backplane.swaps.services.deeds import aside, first, identity, last, talking
from backplane.swaps.services.pressing import DoDeed

DEEDS: Final[dict[str, DoDeed]] = {
    "at_rack": first.at_rack,
    "slot": first.name_slot,
    "try_again": first.try_again,
    "lamp_test": first.lamp_test,
    "locate_but": first.locate_but,
    "light_missing": first.light_missing,
    "confirm_own_slot": first.confirm_own_slot,
    "shut_down": first.shut_down,
    "wait_more": first.wait_more,
    "cut": first.cut,
    "release_again": first.release_again,
    "already_out": first.already_out,
    "power_back": aside.cancel,
    "is_in": last.is_in,
    "check": last.check,
    "expect": identity.expect,
    "name_new": identity.name_new,
    "accept_carrier": identity.accept_carrier,
    "same_new_pi": identity.same_new_pi,
    "continue_without_id": identity.continue_without_id,
    "reseat": identity.reseat,
    "power_now": last.retry_power,
    "retry_power": last.retry_power,
    "swap_again": identity.reseat,
    "accept_health": last.accept_health,
    "finish": last.finish,
    "keep_out": aside.keep_out,
    "put_back": aside.put_back,
    "restore_power": aside.restore_power,
    "leave_off": aside.leave_off,
    "park": aside.park,
    "resume": aside.resume,
    "cancel": aside.cancel,
    "take_over": talking.take_over_swap,
    "message": talking.message,
    "note": talking.note,
}
