"""`adamas people`: the first administrator of an office, and the way back when administrators are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from adamas.cli import exits, output
from adamas.cli.session import Home, Json, clock, session

if TYPE_CHECKING:
    from adamas.office.people.house import Link

people = typer.Typer(
    name="people", help="The first administrator, and the way back when administrators are lost."
)
Email = Annotated[str, typer.Argument(help="The person's e-mail address.", metavar="EMAIL")]
Name = Annotated[str, typer.Option(help="The person's name.")]
Language = Annotated[str, typer.Option(help="Of the pages the person sees first.", metavar="CODE")]
Address = Annotated[
    str | None,
    typer.Option(help="Where people reach the office, if office.toml has no address.", metavar="URL"),
]


@people.command("first-administrator")
def first_administrator(
    email: Email,
    participant: Annotated[
        str | None, typer.Option(help="Whose authority, if the office hosts several.", metavar="XX")
    ] = None,
    organisation: Annotated[str, typer.Option(help="The authority's name, if it is to be made.")] = "",
    name: Name = "",
    language: Language = "en",
    address: Address = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Make a Participant's authority and print the link by which its first administrator comes in.

    The link opens once, within seven days. Give it to that person and to nobody else.
    """
    hosted = _site().config.participants
    code = (participant or (hosted[0] if len(hosted) == 1 else "")).upper()
    if not code:
        raise exits.UsageError(
            "usage.participant",
            f"Say whose authority with --participant: {', '.join(hosted) or 'none is hosted'}.",
        )
    from adamas.office.people import house

    _told(house.first_administrator(email, name, organisation, code, language), address)
    return exits.OK


@people.command("recover")
def recover(
    email: Email,
    organisation: Annotated[
        str,
        typer.Option(help="Its short name (`adamas people list`), or a Participant's code.", metavar="NAME"),
    ],
    name: Name = "",
    language: Language = "en",
    address: Address = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Print a link for a person who lost the second factor, or for a new administrator where all are lost.

    Who works there already loses password, second factor and sessions, and sets new ones by the link.
    Anybody else is invited as administrator. It stands in the audit trail as done by this office itself.
    """
    _site()
    from adamas.office.people import house

    _told(house.recover(email, name, organisation, language), address)
    return exits.OK


@people.command("list")
def list_(home: Home = None, json: Json = False) -> int:
    """List the organisations of this office and their administrators."""
    _site()
    from adamas.office.people import house

    rows = house.listed()

    def human() -> None:
        output.table(
            f"{len(rows)} organisations",
            ("short name", "kind", "of", "administrator", "second factor", "last sign-in"),
            [
                (
                    row["organisation"] if row["active"] else f"{row['organisation']} (ended)",
                    row["kind"],
                    row["participant"],
                    f"{person['name']} <{person['email']}>" if person else "nobody",
                    ("yes" if person["second_factor"] else "no") if person else "",
                    (output.utc(person["last_sign_in"]) or "never") if person else "",
                )
                for row in rows
                for person in (row["administrators"] or [None])
            ],
        )

    output.show({"organisations": rows}, human)
    return exits.OK


def _told(made: Link, address: str | None) -> None:
    from django.urls import reverse

    from adamas.office.people import mail

    asked = made.invitation
    link = (address or mail.base()).rstrip("/") + reverse("people:invitation", kwargs={"token": made.token})
    facts: dict[str, Any] = {
        "link": link,
        "email": asked.email,
        "organisation": asked.organisation.slug,
        "founded": made.founded,
        "roles": asked.roles,
        "expires": output.utc(asked.expires),
    }

    def human() -> None:
        if made.founded:
            output.line(f"{asked.organisation.name} is made ({asked.organisation.slug}).")
        what = "administrator" if asked.roles else "the way back"
        output.line(f"The link for {asked.email} ({what}); it opens once, until {output.utc(asked.expires)}:")
        output.line(f"  {link}")
        output.note("Only its hash is kept: who loses it asks for a new one.")

    output.show(facts, human)


def _site() -> Any:
    from adamas.office import home
    from adamas.office.serving import opened

    place = home.load(session.folder)
    opened.configure(place.path)
    from adamas.office.web import site

    office = site.open_site(place.path, clock=clock())
    site.use(office)
    return office
