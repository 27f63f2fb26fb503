"""The demo: the whole of a patrol on one machine, by the commands that people use."""
