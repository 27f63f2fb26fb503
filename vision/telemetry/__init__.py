"""Where a film's camera was and looked, as told inside the film or beside it."""
