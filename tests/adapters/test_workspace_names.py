import os
import random

import pytest

from agents.adapters.workspace.names import folder_name, join, raw, shown, split
from agents.errors import OutsideWorkspace

ODD = [
    b"plain.log",
    b"caf\xe9.log",
    "café.log".encode(),
    b"a\\b",
    b"new\nline",
    "right\u202eto.txt".encode(),
    b"\xff\xfe",
]


@pytest.mark.parametrize("name", ODD)
def test_every_name_survives_as_printable_text(name: bytes) -> None:
    text = shown(os.fsdecode(name))
    assert text.isprintable()
    assert text.encode("utf-8")  # no lone surrogates
    assert os.fsencode(raw(text)) == name


def test_any_bytes_survive() -> None:
    chance = random.Random(7)
    for _ in range(2000):
        name = bytes(chance.choice(range(1, 256)) for _ in range(chance.randint(1, 40))).replace(b"/", b"\\")
        assert os.fsencode(raw(shown(os.fsdecode(name)))) == name


def test_ordinary_names_look_like_themselves() -> None:
    assert shown("Bericht für März (2).txt") == "Bericht für März (2).txt"
    assert shown(os.fsdecode(b"caf\xe9.log")) == "caf\\xe9.log"


def test_two_spellings_of_one_name_become_one() -> None:
    assert join(split("\\xc3\\xa9.log")) == "é.log" == join(split("./é.log"))


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../x", "a/../../x", "~/x", "~root/x", "C:\\x", "C:/x", "a\\b", "", ".", "a/\\x00", "a\\x2fb",
     "\\x2e\\x2e/x", ".trash/x", ".Trash/x", "./.trash/x", "\\x2etrash/x", "\ud800", "a/" + "n" * 256, "\\U99999999"],
)  # fmt: skip
def test_paths_that_leave_the_workspace_are_refused(path: str) -> None:
    with pytest.raises(OutsideWorkspace):
        split(path)


def test_a_thread_id_never_becomes_a_path() -> None:
    assert folder_name("7f3a-b_2") == "7f3a-b_2"
    odd = [folder_name(name) for name in ("../x", "a/b", ".", "", "lock me", "x" * 99, "é")]
    assert all(name.isalnum() for name in odd)
    assert len(set(odd)) == len(odd)
