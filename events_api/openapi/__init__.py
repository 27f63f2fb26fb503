"""The API's description of itself, completed from what every route has in common."""
