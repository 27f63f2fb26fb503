"""Shipped models, each with its card."""
