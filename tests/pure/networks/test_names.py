"""What is accepted as a name, and what becomes of what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.model.names import is_device_name
from netwright.networks import names

GOOD = ("a", "web", "Web_1", "a.b-c", "0", "x" * 63, "bridge", "default")
BAD = ("", "x" * 64, "a b", "a/b", "../etc", ".hidden", "-v", "_x", "a:b", 'a"b', "a;b", "a\nb", "a\0b", "ä", "а", "\udcff", "$(id)", "{ }", "%n")


@pytest.mark.parametrize("text", GOOD)
def test_good_names(text: str):
    assert names.why_not_network(text) == ""
    assert names.why_not_container(text) == ""


@pytest.mark.parametrize("text", BAD)
def test_bad_names_have_a_reason_that_can_be_printed(text: str):
    for why in (names.why_not_network(text), names.why_not_container(text), names.why_not_interface(f"{text}/"), names.why_not_hostname(text + "/")):
        assert why
        assert why.isprintable()
        assert len(why) < 250


def test_modes_are_no_networks():
    for mode in ("host", "none", "container"):
        assert "mode" in names.why_not_network(mode)
        assert names.why_not_container(mode) == ""


@pytest.mark.parametrize("text", ["a", "a-b", "A1", "web_1", "example.com", "example.com.", "x" * 63 + ".y"])
def test_good_domains(text: str):
    assert names.why_not_domain(text) == ""


@pytest.mark.parametrize("text", ["", ".", "a..b", "-a", "a-", "a b", ".a", "x" * 64, ("x" * 63 + ".") * 4 + "x", "a/b", "ü.de"])
def test_bad_domains(text: str):
    assert names.why_not_domain(text)


def test_a_host_is_called_at_most_64_characters():
    assert names.why_not_hostname("a" * 32 + "." + "b" * 31) == ""
    assert "64" in names.why_not_hostname("a" * 32 + "." + "b" * 32)


@pytest.mark.parametrize(("text", "why"), [("lo", "every namespace"), ("all", "file of that name"), ("x" * 16, "15 bytes"), ("a b", "white space"), ("a\0b", "zero byte"), ('a"b', "letters")])
def test_bad_interfaces(text: str, why: str):
    assert why in names.why_not_interface(text)


@given(st.text())
def test_a_file_name_for_anything(text):
    found = names.file_name(text)
    assert found.isalnum()
    assert len(found) == 40
    assert found == names.file_name(text) != names.file_name(text + "x")


@given(st.text(alphabet="abcXYZ019_.-", min_size=1, max_size=63))
def test_every_network_has_a_device(text):
    if names.why_not_network(text):
        return
    taken: set[str] = set()
    for _ in range(5):
        found = names.device_for(text, taken)
        assert is_device_name(found)
        assert found not in taken
        taken.add(found)


def test_short_names_are_kept():
    assert names.device_for("web") == "nw-web"
    assert names.device_for("web", {"nw-web"}).startswith("nw-web-")
    assert names.device_for("frontend-of-shop") != names.device_for("frontend-of-shops")
