"""Films that are still being written are left alone until they are whole."""

from pathlib import Path

from patrol.sources.arriving import SETTLED_S, Arriving


class Clock:
    """Seconds as the test says."""

    now_s = 100.0

    def __call__(self) -> float:
        """The seconds."""
        return self.now_s


def test_a_film_is_whole_when_nobody_writes_to_it_any_more(tmp_path: Path) -> None:
    """However slowly it comes; and it stays so, whatever is done to it later."""
    clock, film = Clock(), tmp_path / "one.mp4"
    arriving = Arriving(clock)
    assert not arriving.is_whole(film)
    for size in (0, 10, 20, 30):
        film.write_bytes(bytes(size))
        assert not arriving.is_whole(film)
        clock.now_s += SETTLED_S - 1.0
        assert not arriving.is_whole(film)
    clock.now_s += 1.0
    assert arriving.is_whole(film)
    film.write_bytes(bytes(99))
    assert arriving.is_whole(film)


def test_a_film_without_a_byte_is_yet_to_come(tmp_path: Path) -> None:
    """Copying begins with an empty file, and may wait long for its network."""
    clock, film = Clock(), tmp_path / "one.mp4"
    arriving = Arriving(clock)
    film.touch()
    for _ in range(3):
        assert not arriving.is_whole(film)
        clock.now_s += 2 * SETTLED_S


def test_a_film_that_went_and_comes_by_the_same_name_is_another(tmp_path: Path) -> None:
    """Recorders use their names again, and write the next film as slowly as the first."""
    clock, film = Clock(), tmp_path / "one.mp4"
    arriving = Arriving(clock)
    film.write_bytes(b"the first")
    for _ in range(2):
        arriving.look_again()
        is_whole = arriving.is_whole(film)
        clock.now_s += SETTLED_S
    assert is_whole
    film.unlink()
    arriving.look_again()  # and nobody asks for it
    film.write_bytes(b"the")
    arriving.look_again()
    assert not arriving.is_whole(film)
