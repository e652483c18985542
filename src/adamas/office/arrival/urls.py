"""Addresses of the pages of `arrival`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from adamas.office.arrival import lists, offline, views

app_name = "arrival"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.scan, name="scan"),
    path("expected", lists.expected, name="expected"),
    path("due", lists.due, name="due"),
    path("questions", lists.questions, name="questions"),
    path("question/<int:pk>", lists.question, name="question"),
    path("question/<int:pk>/close", lists.close, name="close"),
    path("question/<int:pk>/file", lists.question_file, name="question-file"),
    path("attachment/<int:pk>", lists.message_file, name="attachment"),
    path("certificate/<slug:number>", views.certificate, name="certificate"),
    path("certificate/<slug:number>/inspect", views.inspect, name="inspect"),
    path("certificate/<slug:number>/ask", lists.ask, name="ask"),
    path("inspection/<int:pk>", views.inspection, name="inspection"),
    path("inspection/<int:pk>/photos", views.photograph, name="photograph"),
    path("inspection/<int:pk>/<slug:word>", views.decide, name="decide"),
    path("photo/<int:pk>", views.photo, name="photo"),
    path("photo/<int:pk>/remove", views.remove_photograph, name="remove-photograph"),
    path("offline", offline.page, name="offline"),
    path("offline.json", offline.manifest, name="offline-manifest"),
    path("sw.js", offline.worker, name="offline-worker"),
]
