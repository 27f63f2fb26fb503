"""What can go wrong with a simulation itself.

FlightError
└── SimulatorError
"""

from flight.errors import FlightError


class SimulatorError(FlightError):
    """A simulation cannot be set up or run as asked."""
