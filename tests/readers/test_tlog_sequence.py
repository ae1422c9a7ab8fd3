"""Messages that are not there by their sequence numbers, counted against a file from which they were taken."""

from __future__ import annotations

import pytest

from dronecheck.issues import Code, Severity
from tests.fuzz.formats import borders, read, sample


def without(numbers):
    data, ends = sample("tlog"), borders("tlog")
    begins = (0, *ends)
    return b"".join(data[begins[i] : ends[i]] for i in range(len(ends)) if i not in numbers)


def missing(data):
    return [issue for issue in read("tlog", data).issues if issue.code is Code.MISSING_RECORDS]


@pytest.mark.parametrize("numbers", [{1000}, {1000, 1001, 2500}, set(range(3000, 3100)), set(range(500, 2500, 100))])
def test_what_was_taken_out_is_counted(numbers):
    (issue,) = missing(without(numbers))
    assert issue.count == len(numbers)
    assert issue.severity is Severity.INFO
    # the first place is the record after the first that is not there
    assert issue.offset == borders("tlog")[min(numbers) - 1]


def test_a_whole_file_misses_nothing():
    assert not missing(sample("tlog"))


def test_half_a_round_is_no_count():
    """Of 200 messages gone in a row the numbers tell nothing: the sender may as well have begun again."""
    assert not missing(without(set(range(3000, 3200))))
