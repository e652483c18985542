"""The door for programs: REST, OAuth 2, webhooks, exports."""
