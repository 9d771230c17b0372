"""Every cable is counted, at one end at least; rates from two samples."""

from hypothesis import given
from hypothesis import strategies as st

from netwright.hostmap.model import Cable
from netwright.web.rates import enough, rates

ENDS = st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 5).map(str))
CABLES = st.lists(st.builds(Cable, ENDS, ENDS), unique=True)


@given(CABLES)
def test_every_cable_has_an_end_in_what_is_asked(cables: list[Cable]):
    asked = enough(cables)
    assert all(cable.one[0] in asked or cable.other[0] in asked for cable in cables)
    assert len(asked) == len(set(asked))


def test_a_host_with_its_containers_is_asked_alone():
    cables = [Cable(("host", f"v{number}"), (f"c{number}", "eth0")) for number in range(20)]
    assert enough(cables) == ["host"]
    assert enough([]) == []


def test_rates():
    before = {("a", "x"): (1000, 0), ("a", "y"): (5, 5), ("a", "made anew"): (900, 900)}
    after = {("a", "x"): (3000, 500), ("a", "y"): (5, 5), ("a", "made anew"): (10, 10), ("a", "came"): (7, 7)}
    assert rates(before, after, 2.0) == {("a", "x"): (8000.0, 2000.0)}
    assert rates(before, after, 0.0) == {}
