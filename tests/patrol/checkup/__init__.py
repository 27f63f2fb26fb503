"""Tests of what `patrol doctor` looks at."""
