"""Events handed on to other people's Open311 servers, and followed there until they are closed."""
