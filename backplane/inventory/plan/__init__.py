"""The plan from what NetBox says to what is seen: made, counted, and written out for people. Pure."""

from backplane.inventory.plan.estimate import first_sync_requests, requests_of
from backplane.inventory.plan.make import make_plan
from backplane.inventory.plan.render import render_plan

__all__ = ["first_sync_requests", "make_plan", "render_plan", "requests_of"]
