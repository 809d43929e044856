"""Makes the plan: what is seen, what NetBox says, and the rows from one to the other. Pure and deterministic."""

from datetime import datetime

from backplane.inventory.mapping import Mapping
from backplane.inventory.plan.bays import plan_bays
from backplane.inventory.plan.catalog import Catalog
from backplane.inventory.plan.devices import plan_leaver, plan_sitter
from backplane.inventory.plan.draft import Draft
from backplane.inventory.plan.estimate import requests_of
from backplane.inventory.plan.home import plan_home
from backplane.inventory.plan.index import Index
from backplane.inventory.plan.journal import plan_journal
from backplane.inventory.plan.macs import plan_macs
from backplane.inventory.plan.outcome import leavers, sitters
from backplane.inventory.plan.scene import Scene
from backplane.inventory.plan.seats import seating
from backplane.inventory.plan.types import Types
from backplane.inventory.plan.verdicts import judge
from backplane.inventory.records import NbSnapshot, Plan, PlanOptions, Seen


def make_plan(
    seen: Seen, snapshot: NbSnapshot, mapping: Mapping, options: PlanOptions, now: datetime
) -> Plan:
    """Return what it takes until NetBox and the rack agree; no rows when they do.

    The same input in any order gives the same plan. Applying the plan and planning again gives an empty one, but
    for conflicts, which stay until a person decides.
    """
    draft = Draft()
    index = Index(snapshot)
    catalog = Catalog(index, mapping, options, draft)
    types = Types(index, mapping, catalog)
    if not catalog.wrong_fields():
        _fill(Scene(seen, index, mapping, options, draft, catalog, types))
    rows = draft.ordered()
    return Plan(rows, now, snapshot.taken_at, now + options.lifetime, requests_of(rows))


def _fill(scene: Scene) -> None:
    where = seating(scene)
    verdicts = judge(scene, where)
    plan_bays(scene, where, verdicts)
    staying = sitters(scene, where, verdicts)
    leaving = leavers(scene, where, verdicts)
    for sitter in staying:
        plan_sitter(scene, sitter)
    for leaver in leaving:
        plan_leaver(scene, leaver)
    plan_macs(scene, staying)
    plan_journal(scene, staying, leaving)
    plan_home(scene, where, staying)
