"""Where the demo keeps what it makes."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from patrol.errors import DemoError

MARKER = ".gridpatrol-demo"


@dataclass(frozen=True)
class DemoFolder:
    """One run's files.

    Attributes:
        root: the folder; what an earlier demo left in it is removed.
    """

    root: Path

    def prepare(self) -> None:
        """Make the folder anew.

        Raises:
            DemoError: it holds something that no demo made.
        """
        if self.root.exists():
            if any(self.root.iterdir()) and not (self.root / MARKER).exists():
                raise DemoError(
                    f"{self.root} holds files that no demo made: name another folder with --out."
                )
            shutil.rmtree(self.root)
        for folder in (self.home, self.truth, self.flights, self.logs):
            folder.mkdir(parents=True)
        (self.root / MARKER).touch()

    @property
    def home(self) -> Path:
        """GRIDPATROL_HOME of all parts."""
        return self.root / "home"

    @property
    def truth(self) -> Path:
        """The simulator's true poses."""
        return self.root / "truth"

    @property
    def flights(self) -> Path:
        """Recorded flights."""
        return self.root / "flights"

    @property
    def logs(self) -> Path:
        """What the parts remark."""
        return self.root / "logs"

    @property
    def plan_file(self) -> Path:
        """The plan that is flown."""
        return self.root / "plan.json"

    @property
    def plan_picture(self) -> Path:
        """The plan, drawn."""
        return self.root / "plan.png"
