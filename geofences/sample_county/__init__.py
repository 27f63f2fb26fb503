"""Sample County 示例县: an invented county of 4,747 cells for demonstrations and tests.

No place, name or code in it is real; it only lies where such a county could lie.
"""
