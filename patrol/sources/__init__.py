"""Many sources at once: their file, their processes, and what is told of them."""
