"""What single decisions ask for while they hold: Côte d'Ivoire, Ghana, Marange, the Central African Republic, and the
committees with a mandate of their own. Dates are those of the decisions."""

from __future__ import annotations

from adamas.scheme.duties.duty import Duty, Event, Monthly, Within, Yearly

_YEAR = Yearly(12, 31, same=True)
_MARANGE = ("2011-11-01", "2012-11-30")
_CAR = ("2015-07-17", "2024-11-15")

DECISIONS = (
    Duty(
        "ivorian-output-assessed",
        "AD-COTEDIVOIRE-2005",
        "chair",
        "the output of Séguéla and Tortiya was assessed, and neighbours were helped with their controls",
        _YEAR,
        "2006-01-01",
        "2014-04-29",
    ),
    Duty(
        "ghana-shipments-checked",
        "AD-GHANA-2006",
        "participant",
        "experts checked and photographed its shipments of the month",
        Monthly(31),
        "2006-12-01",
        "2007-11-01",
        ("GH",),
    ),
    Duty(
        "marange-monitor-approved",
        "AD-MARANGE-2009",
        "chair",
        "the monitor reported on the exports from Marange of the month that were approved",
        Monthly(31),
        "2009-12-01",
        "2011-11-01",
    ),
    Duty(
        "marange-operator-compliant",
        "AD-MARANGE-2011-1; AD-MARANGE-2011-2",
        "chair",
        "the monitoring team reported which operators it verified in the month",
        Monthly(31),
        *_MARANGE,
    ),
    Duty(
        "marange-civil-society",
        "AD-MARANGE-2011-3",
        "observer",
        "local civil society could follow the work",
        Monthly(31),
        *_MARANGE,
    ),
    Duty(
        "car-vigilance",
        "AD-CAR-2014; AD-CAR-2015-3",
        "chair",
        "footprints of suspect parcels were compared and the trading centres were watchful",
        _YEAR,
        "2014-07-01",
        "2024-11-15",
    ),
    Duty(
        "car-exports-approved",
        "AD-CAR-2015-1; AD-CAR-2015-2",
        "chair",
        "the monitoring team looked at the exports of the month, and from which compliant zones they came",
        Monthly(31),
        "2015-07-17",
        "2019-11-22",
    ),
    Duty(
        "car-monthly-report",
        "AD-CAR-2019; AD-CAR-2015-1",
        "participant",
        "its certificates of the month, with the zones they came from, were reported to the team",
        Monthly(31),
        "2019-11-22",
        "2024-11-15",
        ("CF",),
    ),
    Duty(
        "review-committee-2011",
        "AD-CKR-2011; DECL-JERUSALEM-2010",
        "chair",
        "the committee on the review reported to the plenary",
        _YEAR,
        "2011-01-01",
        "2013-12-31",
    ),
    Duty(
        "review-committee-2017",
        "AD-AHCRR-2017",
        "chair",
        "the committee on review and reform reported to the plenary",
        _YEAR,
        "2018-01-01",
        "2019-11-22",
    ),
    Duty(
        "support-mechanism",
        "AD-ASM-2012",
        "industry",
        "it gave the scheme administrative support for the year",
        _YEAR,
        "2013-01-01",
        "2023-12-31",
    ),
    Duty(
        "removal-published",
        "AD-CESSATION; AD-INTERIM-3",
        "chair",
        "a new list without the Participant was published",
        Event(),
    ),
    Duty(
        "customs-alerted",
        "AD-INTERIM-3",
        "chair",
        "all others were told to let their customs refuse its certificates",
        Within(7, after="removal-published"),
    ),
)

INDUSTRY = (
    Duty(
        "warranties-audited",
        "principles of industry self-regulation; LAW-EU-17",
        "industry",
        "warranties were on every invoice and independent auditors checked them",
        Yearly(3, 31),
    ),
)
