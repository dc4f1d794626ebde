"""The benchmarks still run; what they measure is judged by people, on a quiet machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow
def test_the_benchmark_of_reruns_ends_with_its_line() -> None:
    command = [sys.executable, "benchmarks/reruns.py", "--threads", "60", "--reruns", "5", "--clicks", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found.keys() == {"rerun_cpu_ms", "rerun_cpu_ms_unfrozen", "click_p95_ms"}
    assert found["click_p95_ms"].keys() == {"1", "30"}
    assert 0 < found["rerun_cpu_ms"] < found["rerun_cpu_ms_unfrozen"]


@pytest.mark.slow
def test_the_benchmark_of_listing_ends_with_its_line() -> None:
    command = [sys.executable, "benchmarks/listing.py", "--threads", "200", "4000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found.keys() == {"page_ms", "count_ms", "list_ms", "plain_ms"}
    assert found["page_ms"].keys() == found["count_ms"].keys() == {"200", "4000"}
    assert 0 < 10 * found["page_ms"]["4000"] < found["list_ms"]


@pytest.mark.slow
def test_the_benchmark_of_batches_ends_with_its_line() -> None:
    small = ["--sizes", "100", "300", "--lesson", "100", "--timed", "40", "--tries", "1"]
    command = [sys.executable, "benchmarks/batch.py", *small]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found.keys() == {"calls_per_item", "lesson_calls_per_item", "bytes_per_item", "wall_over_model"}
    assert (found["calls_per_item"], found["lesson_calls_per_item"]) == (1.0, 6.5)
    assert found["bytes_per_item"].keys() == {"100", "300"}
    assert 0 < found["bytes_per_item"]["300"] <= 1.5 * found["bytes_per_item"]["100"]
    assert found["wall_over_model"] > 0.5
