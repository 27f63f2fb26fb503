"""Signed webhooks: other systems are told of events, and told again until they have heard."""
