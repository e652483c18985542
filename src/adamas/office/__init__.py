"""The office: where people work. A Django project of one app per desk; the only writers are each desk's
actions.

Start with :func:`adamas.office.opening.open_office`; nothing here imports Django before that is called.
"""
