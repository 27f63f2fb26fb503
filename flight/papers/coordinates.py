"""Places as Chinese papers write them: degrees, minutes and seconds."""

from geofences.geodesy import LonLat

_PER_DEGREE = 360_000  # hundredths of a second


def longitude(lon_deg: float) -> str:
    """A longitude, to a hundredth of a second (0.3 m): `E115°37′12.34″`."""
    return _written(lon_deg, "E", "W", 3)


def latitude(lat_deg: float) -> str:
    """A latitude, likewise: `N33°09′36.00″`."""
    return _written(lat_deg, "N", "S", 2)


def place(position: LonLat) -> str:
    """A place, longitude first, as Chinese papers have it."""
    return f"{longitude(position.lon_deg)}，{latitude(position.lat_deg)}"


def _written(angle_deg: float, positive: str, negative: str, digits: int) -> str:
    # Rounded once and in whole hundredths, so that no minute ever has 60.00 seconds.
    hundredths = round(abs(angle_deg) * _PER_DEGREE)
    degrees, rest = divmod(hundredths, _PER_DEGREE)
    minutes, seconds = divmod(rest, 6000)
    letter = negative if angle_deg < 0.0 and hundredths else positive
    return f"{letter}{degrees:0{digits}d}°{minutes:02d}′{seconds / 100:05.2f}″"
