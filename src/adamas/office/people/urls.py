"""Addresses of the pages of `people`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from adamas.office.people import (
    account_views,
    audit_views,
    invitation_views,
    member_views,
    organisation_views,
    views,
)

app_name = "people"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("acting", views.acting, name="acting"),
    path("again", views.again, name="again"),
    path("audit", audit_views.index, name="audit"),
    path("audit.csv", audit_views.download, name="audit-csv"),
    path("second-factor", views.second_factor, name="second_factor"),
    path("account", account_views.account, name="account"),
    path("invitation/<str:token>", invitation_views.invitation, name="invitation"),
    path("members", member_views.members_list, name="members"),
    path("members/<int:pk>", member_views.member, name="member"),
    path("members/<int:pk>/give", member_views.give, name="give"),
    path("members/<int:pk>/end", member_views.end, name="end"),
    path("members/<int:pk>/dismiss", member_views.dismiss, name="dismiss"),
    path("members/<int:pk>/let-back", member_views.let_back, name="let_back"),
    path("invite", member_views.invite, name="invite"),
    path("invitations/<int:pk>/again", member_views.again, name="send_again"),
    path("invitations/<int:pk>/withdraw", member_views.withdraw, name="withdraw"),
    path("organisations", organisation_views.organisations_list, name="organisations"),
    path("organisations/<int:pk>", organisation_views.organisation, name="organisation"),
    path("organisations/<int:pk>/invite", organisation_views.first, name="first"),
    path("organisations/<int:pk>/end", organisation_views.end, name="organisation_end"),
    path(
        "organisations/<int:pk>/<int:member>/let-back",
        organisation_views.let_back,
        name="organisation_let_back",
    ),
]
