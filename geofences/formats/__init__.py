"""Files of cells and zones that surveyors and planners use."""
