from __future__ import annotations

import random
import time

import pytest

from agents.payloads.diff import diff, html


def test_words() -> None:
    assert diff("Dear Ann, hello", "Dear Bob, hello") == [
        ("equal", "Dear "),
        ("delete", "Ann"),
        ("insert", "Bob"),
        ("equal", ", hello"),
    ]
    assert diff("", "") == []
    assert diff("same", "same") == [("equal", "same")]
    assert diff("", "new") == [("insert", "new")]


@pytest.mark.parametrize("seed", range(20))
def test_the_tokens_join_to_both_texts(seed: int) -> None:
    chance = random.Random(seed)
    before, after = (
        "".join(chance.choice(["one", "two ", "\n", ", ", "ü", "<b>", "  "]) for _ in range(200)) for _ in range(2)
    )
    tokens = diff(before, after)
    assert "".join(text for tag, text in tokens if tag != "insert") == before
    assert "".join(text for tag, text in tokens if tag != "delete") == after


def test_long_texts_are_compared_by_line() -> None:
    lines = [f"line {number} with some words in it\n" for number in range(2000)]
    changed = [*lines[:1000], "another line\n", *lines[1001:]]
    started = time.process_time()
    tokens = diff("".join(lines), "".join(changed))
    assert tokens[1:3] == [("delete", lines[1000]), ("insert", "another line\n")]
    assert time.process_time() - started < 5


def test_a_number_and_its_unit_are_one_token() -> None:
    assert diff("older than 30 days", "older than 2 weeks") == [
        ("equal", "older than "),
        ("delete", "30 days"),
        ("insert", "2 weeks"),
    ]
    tokens = diff("2.1 MB at 5%", "2.4 MB at 15%")
    assert tokens == [
        ("delete", "2.1 MB"),
        ("insert", "2.4 MB"),
        ("equal", " at "),
        ("delete", "5%"),
        ("insert", "15%"),
    ]


def test_every_token_is_escaped() -> None:
    shown = html(diff("<script>alert(1)</script>", '<script>alert("2")</script> & more'))
    assert "<script" not in shown
    assert shown.startswith("&lt;script&gt;alert(<del>1</del><ins>&quot;2&quot;</ins>)")
    assert shown.count("<ins>") == shown.count("</ins>") == 2
