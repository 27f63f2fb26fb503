"""The heights of mean sea level above the WGS-84 ellipsoid, as shipped, and how they got here."""
