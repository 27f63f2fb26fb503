"""The event API: reports in, events handled."""
