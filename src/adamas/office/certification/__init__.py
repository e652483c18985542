"""The certification desk: certificates from issue to confirmed import, and the notices that go with them."""
