"""Backups of everything that the event API keeps: one file each, made while it runs."""
