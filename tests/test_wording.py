from agents.domain import DecisionType
from agents.wording import count, did, size, some


def test_counts() -> None:
    assert [count(n, "file") for n in (0, 1, 2, 12345)] == ["0 files", "1 file", "2 files", "12,345 files"]


def test_sizes() -> None:
    numbers = [0, 1, 999, 1000, 2_100_000, 999_949_999, 999_990_000, 5 * 10**12]
    assert [size(n) for n in numbers] == [
        "0 bytes",
        "1 byte",
        "999 bytes",
        "1.0 kB",
        "2.1 MB",
        "999.9 MB",
        "1.0 GB",
        "5.0 TB",
    ]


def test_lists_cut_short() -> None:
    assert some(["a", "b", "c"]) == "a, b, c"
    assert some(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"


def test_what_was_done_is_told_as_what_it_was() -> None:
    assert did("tool", DecisionType.EDIT) == "changed what runs", "some calls may have been left out"
    assert did("generic", DecisionType.APPROVE) == "let the run go on", "nothing but a breakpoint is approved like this"
