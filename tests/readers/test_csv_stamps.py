"""Stamps read by shape are the stamps read one by one, and those that datetime reads."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from dronecheck.readers.csvlog.time_stamps import STAMP, UNSET, Stamps, stamp_ns

WHEN = st.datetimes(datetime(2005, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
FORMATS = st.sampled_from(
    (
        "%Y-%m-%dT%H:%M:%S.%fZ",
        "%Y/%m/%d %H:%M:%S",
        "%m/%d/%Y %I:%M:%S.%f %p",
        "%Y-%m-%d %H:%M:%S+00:00",
        "%Y%m%d %H%M%S",
    )
)
ODD = st.text(alphabet="0123456789-/.: TZapmPM+é\0", max_size=45)


@given(st.lists(st.tuples(WHEN, FORMATS), max_size=12))
def test_each_stamp_is_what_datetime_makes_of_it(pairs):
    texts = [when.strftime(form).replace("/0", "/") for when, form in pairs]
    time_ns, _ = Stamps(texts).read(day_first=False)
    for (when, form), ns in zip(pairs, time_ns.tolist(), strict=True):
        micro = when.microsecond if "%f" in form else 0
        assert ns == int(when.timestamp()) * 10**9 + micro * 1000


@given(st.lists(ODD | st.tuples(WHEN, FORMATS).map(lambda p: p[0].strftime(p[1])), max_size=12), st.booleans())
def test_together_and_one_by_one_agree(texts, day_first):
    alone = [Stamps([text]).read(day_first) for text in texts]
    time_ns, zoned = Stamps(texts).read(day_first)
    assert time_ns.tolist() == [int(ns[0]) for ns, _ in alone]
    timed = [zone for ns, zone in alone if ns[0] != UNSET]
    assert zoned == all(timed) or not timed
    for text, ns in zip(texts, time_ns.tolist(), strict=True):
        match = STAMP.fullmatch(text)
        if match:
            assert stamp_ns(match, day_first)[0] == ns
