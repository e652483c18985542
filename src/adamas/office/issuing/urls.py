"""Addresses of the issuing desk and the exporter's portal."""

from __future__ import annotations

from django.urls import path

from adamas.office.issuing import accounts, credential, desk, lists, views

app_name = "issuing"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("new", views.new, name="new"),
    path("submit", views.submit_many, name="submit_many"),
    path("application/<int:pk>", views.application, name="application"),
    path("application/<int:pk>/withdraw", views.withdraw, name="withdraw"),
    path("application/<int:pk>/say", views.say, name="say"),
    path("application/<int:pk>/attach", views.attach, name="attach"),
    path("application/<int:pk>/paper/<int:paper>", views.attachment, name="attachment"),
    path("application/<int:pk>/paper/<int:paper>/remove", views.detach, name="detach"),
    path("sheet", views.sheet, name="sheet"),
    path("sheet/template.xlsx", views.template, name="template"),
    path("sheet/<int:pk>", views.upload, name="upload"),
    path("sheet/<int:pk>/rejected.csv", views.rejected, name="rejected"),
    path("queue", desk.queue, name="queue"),
    path("review/<int:pk>", desk.review, name="review"),
    path("review/<int:pk>/take", desk.take, name="take"),
    path("review/<int:pk>/ask", desk.ask, name="ask"),
    path("review/<int:pk>/refuse", desk.refuse, name="refuse"),
    path("review/<int:pk>/prepare", desk.prepare, name="prepare"),
    path("review/<int:pk>/back", desk.take_back, name="take_back"),
    path("review/<int:pk>/approve", desk.approve, name="approve"),
    path("review/<int:pk>/confirm", desk.confirm, name="confirm"),
    path("review/<int:pk>/reject", desk.reject, name="reject"),
    path("review/<int:pk>/issue", desk.issue, name="issue"),
    path("certificates", lists.certificates, name="certificates"),
    path("certificate/<str:number>", lists.certificate, name="certificate"),
    path("certificate/<str:number>/pdf", lists.pdf, name="pdf"),
    path("certificate/<str:number>/credential", credential.credential, name="credential"),
    path("certificate/<str:number>/print", lists.print_on, name="print"),
    path("validation", lists.validation, name="validation"),
    path("stock", accounts.blank, name="stock"),
    path("numbers", accounts.ranges, name="numbers"),
    path("notices", accounts.notice_list, name="notices"),
    path("notices/<str:to>", accounts.notice_file, name="notice_file"),
]
