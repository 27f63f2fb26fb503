"""Other people's formats: pure mappings from and to what the API holds."""
