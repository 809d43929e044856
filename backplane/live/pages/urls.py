"""Addresses of the pages. Slots have a short one too, for labels: /s/A12-07/, in any case."""

from django.urls import path, re_path

from backplane.live.pages import (
    charts,
    chassis_commands,
    commands,
    event,
    event_export,
    events,
    labels,
    link,
    lives,
    names,
    power,
    power_commands,
    racks,
    readings,
    rehearsal,
    run_new,
    short,
    sites,
)

urlpatterns = [
    path("", racks.racks, name="racks"),
    path("settings/sites/", sites.show_sites, name="sites"),
    path("settings/sites/<slug:slug>/", sites.set_site, name="site-of-chassis"),
    path("events/", events.events, name="events"),
    re_path(
        r"^events/export\.(?P<form>csv|json)$", event_export.export_events, name="events-export"
    ),
    path("events/list/", events.event_list, name="event-list"),
    re_path(r"^events/(?P<key>[hg]\d{1,18}|c\d{1,18}e?)/$", event.event, name="event"),
    path("c/<slug:slug>/", racks.chassis, name="chassis"),
    path("c/<slug:slug>/snapshot/", racks.snapshot, name="snapshot"),
    path("c/<slug:slug>/measures.css", racks.measures, name="measures"),
    path("c/<slug:slug>/command/", chassis_commands.chassis_command, name="chassis-command"),
    path("c/<slug:slug>/link/", link.link_health, name="link-health"),
    path("c/<slug:slug>/labels/", labels.labels, name="labels"),
    path("c/<slug:slug>/charts/", charts.chassis_charts, name="charts"),
    path("c/<slug:slug>/power/", power.power, name="power"),
    path("c/<slug:slug>/power/part/", power.power_part, name="power-part"),
    path("c/<slug:slug>/power/bars/", power.budget_part, name="power-bars"),
    path("c/<slug:slug>/power/budget/", power_commands.set_budget, name="budget"),
    path("c/<slug:slug>/power/runs/<int:run_id>/", power_commands.decide_run, name="run-decide"),
    re_path(
        r"^c/(?P<slug>[-\w]+)/power/(?P<kind>start|shutdown)/$", run_new.new_run, name="run-new"
    ),
    path(
        "c/<slug:slug>/s/<int:number>/restore/",
        power_commands.set_restore_policy,
        name="restore-policy",
    ),
    path("c/<slug:slug>/rehearsal/", rehearsal.rehearse, name="rehearsal"),
    path("c/<slug:slug>/s/<int:number>/", racks.slot, name="slot"),
    path("c/<slug:slug>/s/<int:number>/life/", lives.slot_life, name="slot-life"),
    path("c/<slug:slug>/s/<int:number>/charts/", charts.slot_charts, name="slot-charts"),
    path("modules/<int:pk>/", lives.module_life, name="module-life"),
    path("carriers/<int:pk>/", lives.carrier_life, name="carrier-life"),
    path("c/<slug:slug>/s/<int:number>/recent/", racks.slot_recent, name="slot-recent"),
    path("c/<slug:slug>/s/<int:number>/readings.csv", readings.slot_readings, name="slot-readings"),
    path("c/<slug:slug>/s/<int:number>/command/", commands.slot_command, name="slot-command"),
    path("c/<slug:slug>/s/<int:number>/names/", names.save_names, name="slot-names"),
    path("c/<slug:slug>/s/<int:number>/names/undo/", names.undo_names, name="slot-names-undo"),
    re_path(r"^[sS]/(?P<label>[\w-]+)/?$", short.short_slot, name="short-slot"),
    re_path(r"^C/(?P<label>[\w-]+)/?$", short.short_chassis, name="short-chassis"),
]
