"""From cells to checked missions."""
