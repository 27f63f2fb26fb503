"""Engines that run a detector model."""
