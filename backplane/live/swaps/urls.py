"""Addresses of the swap pages: short, since phones and labels carry them."""

from django.urls import path

from backplane.live.swaps import begin, checklist, deeds, views, worker

urlpatterns = [
    path("w/", begin.swaps, name="swaps"),
    path("w/new/", begin.new, name="swap-new"),
    path("w/<int:number>/", views.swap, name="swap"),
    path("w/<int:number>/stage/", views.stage, name="swap-stage"),
    path("w/<int:number>/do/", deeds.do, name="swap-do"),
    path("w/<int:number>/receipt/", views.receipt, name="swap-receipt"),
    path("w/<int:number>/qr.svg", views.qr, name="swap-qr"),
    path("settings/checklist/", checklist.edit_checklist, name="checklist"),
    path("sw.js", worker.worker, name="service-worker"),
]
