"""Addresses of the pages. Slots have a short one too, for labels: /s/A12-07/, in any case."""

from django.urls import path, re_path

from backplane.live.pages import (
    chassis_commands,
    commands,
    event,
    events,
    lives,
    names,
    racks,
    rehearsal,
)

urlpatterns = [
    path("", racks.racks, name="racks"),
    path("events/", events.events, name="events"),
    re_path(r"^events/(?P<key>[hg]\d{1,18}|c\d{1,18}e?)/$", event.event, name="event"),
    path("c/<slug:slug>/", racks.chassis, name="chassis"),
    path("c/<slug:slug>/snapshot/", racks.snapshot, name="snapshot"),
    path("c/<slug:slug>/measures.css", racks.measures, name="measures"),
    path("c/<slug:slug>/command/", chassis_commands.chassis_command, name="chassis-command"),
    path("c/<slug:slug>/rehearsal/", rehearsal.rehearse, name="rehearsal"),
    path("c/<slug:slug>/s/<int:number>/", racks.slot, name="slot"),
    path("c/<slug:slug>/s/<int:number>/life/", lives.slot_life, name="slot-life"),
    path("modules/<int:pk>/", lives.module_life, name="module-life"),
    path("carriers/<int:pk>/", lives.carrier_life, name="carrier-life"),
    path("c/<slug:slug>/s/<int:number>/recent/", racks.slot_recent, name="slot-recent"),
    path("c/<slug:slug>/s/<int:number>/command/", commands.slot_command, name="slot-command"),
    path("c/<slug:slug>/s/<int:number>/names/", names.save_names, name="slot-names"),
    path("c/<slug:slug>/s/<int:number>/names/undo/", names.undo_names, name="slot-names-undo"),
    re_path(r"^[sS]/(?P<label>[\w-]+)/?$", racks.short_slot, name="short-slot"),
]
