"""Who gets in: hosts, origins, tokens that are good once, cookies; and who is refused, with which words."""

import pytest

from netwright.model.value import replace
from netwright.web.gate import HEADERS, Gate, Visitor, cookies, is_loopback

DOOR = Visitor("GET", "127.0.0.1:8000", "/place/", "token")
FRIEND = Visitor("GET", "127.0.0.1:8000", "/place/map", cookie="secret", site="same-origin")


@pytest.fixture
def gate() -> Gate:
    gate = Gate("place", "secret")
    gate.add("token")
    return gate


def test_a_token_opens_the_page_once_and_gives_a_cookie(gate: Gate):
    first, second = gate.verdict(DOOR), gate.verdict(DOOR)
    assert (first.status, first.cookie, second.status) == (200, True, 401)
    assert gate.cookie() == "nw=secret; Path=/place/; HttpOnly; SameSite=Strict"


@pytest.mark.parametrize("token", ["", "toke", "token ", "tokem", "TOKEN", "\udcff", "x" * 100_000])
def test_guessing_uses_nothing_up(gate: Gate, token: str):
    assert gate.verdict(replace(DOOR, token=token)).status == 401
    assert gate.verdict(DOOR).status == 200


def test_a_token_is_good_at_the_door_only(gate: Gate):
    assert gate.verdict(replace(DOOR, path="/place/map")).status == 401
    assert gate.verdict(DOOR).status == 200


def test_only_the_last_tokens_are_kept(gate: Gate):
    for number in range(Gate.MOST):
        gate.add(f"t{number}")
    assert gate.verdict(DOOR).status == 401
    assert gate.verdict(replace(DOOR, token="t0")).status == 200


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"method": "HEAD"}, 200),
        ({"method": "POST"}, 405),
        ({"method": "OPTIONS"}, 405),
        ({"cookie": "Secret"}, 401),
        ({"cookie": ""}, 401),
        ({"path": "/other/map"}, 404),
        ({"path": "/"}, 404),
        ({"path": "*"}, 404),
        ({"path": "/place"}, 200),
        ({"host": "localhost:8000"}, 200),
        ({"host": "[::1]:1"}, 200),
        ({"host": "evil.example:8000"}, 403),
        ({"host": "127.0.0.1.evil.example"}, 403),
        ({"host": "localhost.evil.example:8000"}, 403),
        ({"host": "127.0.0.1:8000@evil.example"}, 403),
        ({"host": "0.0.0.0:8000"}, 403),
        ({"host": ""}, 403),
        ({"origin": "http://127.0.0.1:8000"}, 200),
        ({"origin": "http://127.0.0.1:8001"}, 403),
        ({"origin": "https://127.0.0.1:8000"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"site": "none"}, 200),
        ({"site": "cross-site"}, 403),
        ({"site": "same-site"}, 403),
        ({"site": "cross-site", "mode": "navigate"}, 403),
    ],
)
def test_visitors_with_a_cookie(gate: Gate, change: dict[str, str], status: int):
    verdict = gate.verdict(replace(FRIEND, **change))
    assert verdict.status == status
    assert (verdict.why == "") is (status == 200)


ORDER = Visitor("POST", "127.0.0.1:8000", "/place/control", cookie="secret", origin="http://127.0.0.1:8000", site="same-origin", kind="application/json")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"kind": "Application/JSON; charset=utf-8"}, 200),
        ({"host": "localhost:1", "origin": "http://localhost:1"}, 200),
        ({"kind": ""}, 415),
        ({"kind": "text/plain"}, 415),
        ({"kind": "text/plain; application/json"}, 415),
        ({"kind": "application/x-www-form-urlencoded"}, 415),
        ({"origin": ""}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:8001"}, 403),
        ({"host": "evil.example", "origin": "http://evil.example"}, 403),
        ({"site": "cross-site"}, 403),
        ({"site": "cross-site", "mode": "navigate"}, 403),
        ({"cookie": ""}, 401),
        ({"cookie": "", "token": "token"}, 401),
        ({"path": "/other/control"}, 404),
        ({"path": "/place/map"}, 405),
        ({"path": "/place/control/"}, 405),
        ({"path": "/control"}, 405),
        ({"method": "PUT"}, 405),
        ({"method": "DELETE"}, 405),
    ],
)
def test_who_may_change_something(change: dict[str, str], status: int):
    gate = Gate("place", "secret", control=True)
    gate.add("token")
    assert gate.verdict(replace(ORDER, **change)).status == status


@pytest.mark.parametrize("change", [{}, {"cookie": ""}, {"kind": ""}])
def test_nobody_may_where_it_was_not_asked_for(gate: Gate, change: dict[str, str]):
    assert gate.verdict(replace(ORDER, **change)).status == 404


def test_a_link_to_the_door_may_be_clicked_anywhere_but_not_be_fetched(gate: Gate):
    assert gate.verdict(replace(DOOR, site="cross-site", mode="cors")).status == 403
    assert gate.verdict(replace(DOOR, site="cross-site", mode="navigate")).status == 200


@pytest.mark.parametrize("host", ["LOCALHOST", "127.0.0.1", "[::1]", "localhost:65535"])
def test_names_of_this_machine(host: str):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["::1", "127.0.0.1:", "127.0.0.1:x", "127.1:80", "[::1]evil", "[::1", "localhost:٣", "127.0.0.1 :80"])
def test_what_only_looks_like_it(host: str):
    assert not is_loopback(host)


def test_cookies_the_first_of_a_name_counts():
    assert cookies("a=1; nw=x=y; nw=z; b") == {"a": "1", "nw": "x=y"}
    assert cookies("") == {}


def test_the_policy_allows_nothing_from_elsewhere():
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert {word for words in policy.values() for word in words.split()} == {"'none'", "'self'", "data:"}
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
