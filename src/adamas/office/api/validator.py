"""Whom the door of tokens lets in: programs that an administrator gave access, as long as they have it."""

from __future__ import annotations

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator

from adamas.office.api.models import ApiClient


class Programs(OAuth2Validator):
    """Refuses a client that was ended, whose account was dismissed, or whose organisation is not at work."""

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Whether the secret is the client's, and the client still counts."""
        if not super().authenticate_client(request, *args, **kwargs):
            return False
        return ApiClient.objects.working().filter(application=request.client).exists()
