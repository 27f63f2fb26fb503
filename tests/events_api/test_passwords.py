"""Passwords: what is kept of them, and what is refused."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from events_api.errors import UnprocessableError
from events_api.passwords import Passwords, check_password, made_password

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
WORDS = "correct horse battery"


def test_a_password_fits_its_hash_alone() -> None:
    """And equal passwords have unequal hashes."""
    passwords = Passwords(CHEAP)
    first, second = passwords.hash(WORDS), passwords.hash(WORDS)
    assert first != second
    assert first.startswith("$argon2id$")
    assert passwords.fits(WORDS, first)
    assert not passwords.fits(WORDS + " ", first)


@pytest.mark.parametrize("known", [None, "", "not a hash"])
def test_nobody_is_let_in_without_a_hash(known: str | None) -> None:
    """Whatever is typed for somebody unknown, and whatever a database was spoilt with."""
    assert not Passwords(CHEAP).fits(WORDS, known)


def test_somebody_unknown_costs_a_whole_hash_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the time of an answer does not tell who is known."""
    passwords, compared = Passwords(CHEAP), []
    verify = PasswordHasher.verify

    def counted(hasher: PasswordHasher, known: str, password: str) -> bool:
        compared.append(known.split("$")[3])
        return verify(hasher, known, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    passwords.fits(WORDS, passwords.hash(WORDS))
    passwords.fits(WORDS, None)
    assert compared == ["m=8,t=1,p=1"] * 2


def test_one_spelling_is_as_good_as_another() -> None:
    """Keyboards write an accent or a full-width digit in several ways."""
    passwords = Passwords(CHEAP)
    assert passwords.fits("cafe\u0301 1234567", passwords.hash("caf\u00e9 １234567"))


def test_a_hash_made_cheaper_than_today_is_outdated() -> None:
    """It is made anew when its user signs in next."""
    cheap = Passwords(CHEAP).hash(WORDS)
    assert not Passwords(CHEAP).is_outdated(cheap)
    assert Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)).is_outdated(cheap)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("nine char", "10 to 200 characters, and this one 9"),
        ("x" * 201, "and this one 201"),
        ("my LIN-desk-4 password", "holds the user's name"),
        ("aaaaaabbbbbb", "repeats few characters"),
    ],
)
def test_what_is_easily_guessed_is_refused(password: str, reason: str) -> None:
    """With what to do instead."""
    with pytest.raises(UnprocessableError, match=reason):
        check_password(password, "lin-desk-4")


@pytest.mark.parametrize("password", ["0123456789", "三个词就很好记住了吧"])
def test_what_is_long_enough_is_taken(password: str) -> None:
    """In any script, and without rules about digits."""
    check_password(password, "lin-desk-4")


def test_what_we_make_is_taken() -> None:
    """A made password is no worse than what people may choose."""
    check_password(made_password(), "lin-desk-4")
