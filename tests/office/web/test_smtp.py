"""The mail server is one line of the environment; a line that cannot be read stops the office with a sentence."""

from __future__ import annotations

import pytest

from adamas.office.errors import HomeError
from adamas.office.web import smtp


def test_a_server_is_read_from_one_line():
    assert "dummy" in smtp.of({}).backend
    found = smtp.of({"ADAMAS_SMTP": "smtp://post:p%40ss%3A@mail.example"})
    assert (found.host, found.port, found.user, found.password) == ("mail.example", 587, "post", "p@ss:")
    assert (found.starttls, found.tls) == (True, False)
    assert smtp.of({"ADAMAS_SMTP": "smtps://mail.example:2465"}).tls
    assert smtp.of({"ADAMAS_SMTP": "smtp+plain://localhost"}).port == 25


@pytest.mark.parametrize(
    "text", ["mail.example", "http://mail.example", "smtp://", "smtp://x:port", "smtp://[x"]
)
def test_a_line_that_cannot_be_read_is_refused(text: str):
    with pytest.raises(HomeError, match="mail server"):
        smtp.of({"ADAMAS_SMTP": text})
