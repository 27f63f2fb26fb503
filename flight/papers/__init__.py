"""Papers that authorities ask for."""
