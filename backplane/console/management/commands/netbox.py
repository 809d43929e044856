"""NetBox from a shell or cron: check, plan, apply, status, bootstrap, export-types. Exit codes say how it went.

0: it agrees or was done. 1: it was not, or NetBox does not answer. 2: wrong use. 3: there are differences. 4: conflicts.
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand
from django.utils import timezone

from backplane.inventory import setup, state, sync
from backplane.inventory.check import check_connection
from backplane.inventory.mapping import MappingError
from backplane.inventory.models import SyncPlan
from backplane.inventory.netbox.errors import NetBoxError
from backplane.inventory.plan.render import value_text
from backplane.inventory.records import Action, Group, PlanRow
from backplane.inventory.report import plan_report, status_report
from backplane.inventory.store import Asked, rows_of
from backplane.inventory.type_export import all_type_files, write_type_files

DONE: Final = 0
NOT_DONE: Final = 1
DIFFERS: Final = 3
CONFLICTS: Final = 4
_SIGNS: Final = {"create": "+", "change": "~", "clear": "-", "none": " ", "conflict": "!"}
_BY: Final = "command line"


class Command(BaseCommand):
    help = "Compare this rack with NetBox, and write what differs. Exit code: 0 agrees or done, 1 not done, 3 differs, 4 conflicts."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("check", help="test address, token, version and permissions")
        verbs.add_parser("plan", help="store and show what would be written")
        apply = verbs.add_parser("apply", help="write a stored plan, or a new one")
        apply.add_argument("number", nargs="?", type=int, help="of a stored plan")
        verbs.add_parser("status", help="show how the sync stands; asks nobody")
        boot = verbs.add_parser("bootstrap", help="show the types, roles, tag and fields it needs")
        boot.add_argument("--apply", action="store_true", help="and make them")
        export = verbs.add_parser("export-types", help="write device types for NetBox's library")
        export.add_argument("directory", nargs="?", default="device-types", help="where to")
        for verb in verbs.choices.values():
            verb.add_argument("--json", action="store_true", default=False, help="print JSON")

    def handle(self, **options: Any) -> None:
        verbs: dict[str, Callable[[dict[str, Any]], int]] = {
            "check": self._check,
            "plan": self._plan,
            "apply": self._apply,
            "status": self._status,
            "bootstrap": self._bootstrap,
            "export-types": self._export,
        }
        try:
            code = verbs[options["verb"]](options)
        except (NetBoxError, MappingError, sync.PlanOverError, state.BusyError) as error:
            self.stderr.write(str(error))
            code = NOT_DONE
        if code:
            sys.exit(code)

    def _check(self, options: dict[str, Any]) -> int:
        with sync.netbox_of_settings() as netbox:
            findings = check_connection(netbox)
        lines = [f"{_word(one.passed):8} {one.name}: {one.text}" for one in findings]
        rows = [{"name": one.name, "passed": one.passed, "text": one.text} for one in findings]
        self._say(options, {"findings": rows}, lines)
        return DONE if all(one.passed for one in findings) else NOT_DONE

    def _plan(self, options: dict[str, Any]) -> int:
        now = timezone.now()
        with state.turn(now), sync.netbox_of_settings() as netbox:
            stored, plan = sync.make(netbox, Asked(trigger="command", by=_BY), now)
        self._say(options, plan_report(stored), _lines(stored))
        if plan.conflicts:
            return CONFLICTS
        return DIFFERS if plan.writes else DONE

    def _apply(self, options: dict[str, Any]) -> int:
        now = timezone.now()
        with state.turn(now), sync.netbox_of_settings() as netbox:
            if options["number"] is None:
                stored, _ = sync.make(netbox, Asked(trigger="command", by=_BY), now)
            else:
                stored = _stored(options["number"])
            return self._write(options, sync.apply(netbox, stored, _BY, now))

    def _bootstrap(self, options: dict[str, Any]) -> int:
        now = timezone.now()
        with state.turn(now), sync.netbox_of_settings() as netbox:
            stored, plan = sync.make(netbox, Asked(trigger="command", by=_BY), now)
            needed = [row for row in plan.writes if row.group is Group.BOOTSTRAP]
            if options["apply"] and needed:
                keys = {row.key for row in needed}
                return self._write(options, sync.apply(netbox, stored, _BY, now, keys))
        labels = [row.label for row in needed]
        open_ones = [f"{row.label}: {row.why}" for row in plan.conflicts]
        lines = [f"+ {label}" for label in labels] + [f"! {text}" for text in open_ones]
        self._say(options, {"needed": labels, "conflicts": open_ones}, lines or _NOTHING)
        if needed:
            return DIFFERS
        return CONFLICTS if open_ones else DONE  # what is held back may need more

    def _write(self, options: dict[str, Any], applied: sync.Applied) -> int:
        report = plan_report(applied.plan)
        self._say(options, report, [*_lines(applied.plan), str(applied.error or "")])
        if not applied.is_good:
            return NOT_DONE
        return CONFLICTS if applied.plan.conflicts else DONE

    def _status(self, options: dict[str, Any]) -> int:
        report = status_report()
        self._say(options, report, [f"{name}: {value}" for name, value in report.items()])
        return NOT_DONE if report["error"] else DONE

    def _export(self, options: dict[str, Any]) -> int:
        files = all_type_files(setup.current_mapping())
        paths = [str(path) for path in write_type_files(files, Path(options["directory"]))]
        self._say(options, {"files": paths}, paths)
        return DONE

    def _say(self, options: dict[str, Any], report: dict[str, Any], lines: list[str]) -> None:
        text = json.dumps(report, indent=2) if options["json"] else "\n".join(filter(None, lines))
        self.stdout.write(text)


_NOTHING: Final = ["NetBox has all that is needed."]


def _stored(number: int) -> SyncPlan:
    found = SyncPlan.objects.filter(pk=number).first()
    if found is None:
        message = f"There is no plan {number}."
        raise sync.PlanOverError(message)
    return found


def _lines(plan: SyncPlan) -> list[str]:
    results = {row.key: row for row in plan.rows.all()}
    lines = [f"Plan {plan.pk}: {plan.differences} differences, {plan.requests} requests"]
    for row in rows_of(plan):
        stored = results[row.key]
        told = f" [{stored.result}] {stored.result_text}" if stored.result else ""
        lines.append(f"{_SIGNS[row.action]} {row.label}: {_what(row)}{told}")
    return lines if len(lines) > 1 else ["NetBox and the rack agree."]


def _what(row: PlanRow) -> str:
    is_new = row.action is Action.CREATE
    fields = ", ".join(
        f"{one.field} {value_text(one.after)}"
        if is_new
        else f"{one.field} {value_text(one.before)} -> {value_text(one.after)}"
        for one in row.changes
    )
    return f"{fields} ({row.why})" if fields else row.why


def _word(passed: bool | None) -> str:
    return {True: "good", False: "MISSING", None: "unknown"}[passed]
