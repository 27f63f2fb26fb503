"""One command for each figure, each against a named peer or bound."""
