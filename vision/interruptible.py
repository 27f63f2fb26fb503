"""Work that waits where no Ctrl-C is heard, done so that one is."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar

Done = TypeVar("Done")


def interruptible(work: Callable[[], Done], name: str) -> Done:
    """Let a thread do what waits inside a library, while this one waits for it and hears signals.

    Who is interrupted leaves the thread behind: its work must end by itself.

    Args:
        work: what is to be done.
        name: of the thread.

    Raises:
        KeyboardInterrupt: by Ctrl-C, at once.
        BaseException: whatever the work raised.
    """
    failures: list[BaseException] = []
    done: list[Done] = []
    ended: SimpleQueue[None] = SimpleQueue()

    def run() -> None:
        try:
            done.append(work())
        except BaseException as failure:  # noqa: BLE001 - thread edge: it is raised to who waits
            failures.append(failure)
        finally:
            ended.put(None)

    threading.Thread(target=run, name=name, daemon=True).start()
    ended.get()
    if failures:
        raise failures[0]
    return done[0]
