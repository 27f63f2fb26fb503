"""Plan files of other ground stations and our own."""
