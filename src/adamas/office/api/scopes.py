"""Which scopes a client may ask for: those that its organisation's administrator gave it, and no others."""

from __future__ import annotations

from typing import Any

from oauth2_provider.scopes import BaseScopes

from adamas.office.api import conf
from adamas.office.api.models import ApiClient


class ScopesOfClient(BaseScopes):
    """Asked by the OAuth 2 door."""

    def get_all_scopes(self) -> dict[str, str]:
        """Scope → sentence."""
        return dict(conf.SCOPES)

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """Scopes of the client; none for one that was ended."""
        client = ApiClient.objects.working().filter(application=application).first()
        return [scope for scope in client.scopes if scope in conf.SCOPES] if client else []

    def get_default_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """All of them, where none is asked for."""
        return self.get_available_scopes(application, request)
