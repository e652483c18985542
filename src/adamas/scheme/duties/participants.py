"""What each Participant must say it did (Core Document II, IV, V, VI; annual report; retention)."""

from __future__ import annotations

from adamas.scheme.duties.duty import Duty, Event, Monthly, Once, Spans, Within, Yearly

_REPORT = Yearly(3, 31)

PARTICIPANTS = (
    Duty(
        "trade-return",
        "Annex III(a); Annex III(b); AD-STAT-submit; V(b); IV(e)",
        "participant",
        "what was imported and exported in the quarter, and on how many certificates",
        Spans(3),
        by="trade.filed",
    ),
    Duty(
        "production-return",
        "Annex III(c); AD-STAT-submit; V(b); IV(e)",
        "participant",
        "what was mined in the half-year, in carats and value",
        Spans(6),
        by="return.filed",
        producers=True,
    ),
    Duty(
        "questionnaire",
        "AD-DAQ-2",
        "participant",
        "the working group sent it a questionnaire about its figures",
        Event(),
        by="questionnaire.sent",
    ),
    Duty(
        "questionnaire-answered",
        "AD-DAQ-2; AD-DAQ-3",
        "participant",
        "every question was answered",
        Within(30, after="questionnaire"),
        by="questionnaire.answered",
    ),
    Duty(
        "annual-report",
        "AD-ANNREP; VI.11; V(a); AD-PEER-2003",
        "participant",
        "its annual report is filed: institutions, law, controls, statistics, reviews, cases",
        _REPORT,
    ),
    Duty(
        "internal-controls",
        "II(b); IV(a)",
        "participant",
        "controls from the mine to the export keep conflict diamonds out of its shipments",
        _REPORT,
    ),
    Duty(
        "laws",
        "IV(d)",
        "participant",
        "its laws apply the scheme, and its penalties deter and are proportionate",
        _REPORT,
    ),
    Duty("annex-ii-options", "IV(f)", "participant", "it has considered the options of Annex II", _REPORT),
    Duty(
        "self-assessment", "V(c)", "participant", "it has shared its experience and assessed itself", _REPORT
    ),
    Duty(
        "assistance",
        "V(d)",
        "participant",
        "it has answered the requests of other Participants for help",
        _REPORT,
    ),
    Duty(
        "enforcement-contact",
        "V(g)",
        "participant",
        "a contact of its police and customs is known to the others",
        _REPORT,
    ),
    Duty(
        "originals-kept",
        "III(b), bullet 3; LAW-US-retention",
        "participant",
        "the originals of the certificates received are kept for three years at least, and can be seen",
        _REPORT,
    ),
    Duty(
        "specimen",
        "II(d); Annex I A, security; Annex I A, language; Annex I A, title and statement; "
        "Annex I A, issuing authority",
        "participant",
        "a specimen of its certificate, with its marks of security, was given to the others",
        Once(0),
    ),
    Duty("bodies-and-laws", "V(a); AD-ADMIT", "participant", "its bodies and laws were notified", Once(90)),
    Duty(
        "eu-monthly-report",
        "LAW-EU-10",
        "participant",
        "every certificate seen or issued was reported for the month",
        Monthly(31),
        only=("EU",),
    ),
    Duty(
        "concern-raised",
        "V(e)",
        "participant",
        "it has told another Participant, by way of the Chair, of a concern about its exports",
        Event(),
    ),
    Duty(
        "concern-answered",
        "V(e); VI.16",
        "participant",
        "the Participant addressed has answered the concern",
        Within(60, after="concern-raised"),
    ),
    Duty(
        "failure-found",
        "LAW-EU-5-3",
        "participant",
        "a shipment failed the checks at import",
        Event(),
    ),
    Duty(
        "failure-notified",
        "LAW-EU-5-3",
        "participant",
        "the issuing Participant's authority was told of the failure",
        Within(31, after="failure-found"),
    ),
    Duty(
        "unclear-fact",
        "V(f)",
        "participant",
        "a problem beyond its control keeps certificates from meeting the requirements",
        Event(),
    ),
    Duty(
        "unclear-fact-shared",
        "V(f)",
        "participant",
        "the gist of the problem and of its remedy was given to all others",
        Within(60, after="unclear-fact"),
    ),
)
