"""One MAVLink message as a value, so that protocols need no codec and no socket."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """A MAVLink message, received or about to be sent.

    Attributes:
        name: Message name as in the MAVLink definitions, such as ``MISSION_COUNT``.
        fields: Field values by name, in wire units.
        system: Sender's system id; 0 on a message not yet sent.
        component: Sender's component id; 0 on a message not yet sent.
        frame: The packet's bytes as seen on the wire; empty on a message not yet sent.
    """

    name: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    system: int = 0
    component: int = 0
    frame: bytes = b""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  (wire fields are ints, floats, lists, text)
        """Return one field.

        Raises:
            KeyError: The message has no such field.
        """
        return self.fields[name]


@dataclass(frozen=True, slots=True)
class Peer:
    """Whom we talk to: a vehicle's system and component id."""

    system: int
    component: int = 1

    def addressed(self, name: str, **fields: Any) -> Message:  # noqa: ANN401  (wire fields)
        """Return a message with this peer as its target."""
        target = {"target_system": self.system, "target_component": self.component}
        return Message(name, target | fields)

    def sent(self, message: Message) -> bool:
        """Tell whether the message comes from this peer."""
        return message.system == self.system and message.component == self.component


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are on the network; ground stations commonly claim 255, so we do not."""

    system: int = 245
    component: int = 190

    def is_addressed_by(self, message: Message) -> bool:
        """Tell whether the message is for us or for everybody."""
        system = message.fields.get("target_system", 0)
        component = message.fields.get("target_component", 0)
        return system in (0, self.system) and component in (0, self.component)
