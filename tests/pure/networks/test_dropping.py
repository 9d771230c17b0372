"""Chains of others that drop what is forwarded: which do, who is let pass, and what would mend it."""

import pytest

from netwright.model.nft import Chain, Table
from netwright.networks.dropping import cause, drops, spares


@pytest.mark.parametrize(
    ("table", "count"),
    [
        (Table("ip", "filter", chains={"FORWARD": Chain((), "filter", "forward", "filter", "drop")}), 1),
        (Table("inet", "fw", chains={"f": Chain((), "filter", "forward", "filter", "drop")}), 1),
        (Table("ip", "filter", chains={"FORWARD": Chain((), "filter", "forward", "filter")}), 0),
        (Table("ip", "filter", chains={"FORWARD": Chain(("counter reject with icmp type host-prohibited",), "filter", "forward", "filter")}), 1),
        (Table("ip", "filter", chains={"FORWARD": Chain(('counter xt target "REJECT"',), "filter", "forward", "filter")}), 1),
        (Table("inet", "fw", chains={"f": Chain(("ct state established accept", 'counter drop comment "x"'), "filter", "forward", "filter")}), 1),
        (Table("inet", "fw", chains={"f": Chain(("ip saddr 10.0.0.1 drop",), "filter", "forward", "filter")}), 0),
        (Table("inet", "fw", chains={"f": Chain(("drop", "accept"), "filter", "forward", "filter")}), 0),
        (Table("inet", "fw", chains={"f": Chain(("counter accept",), "filter", "forward", "filter", "drop")}), 0),
        (Table("ip", "filter", chains={"INPUT": Chain((), "filter", "input", "filter", "drop")}), 0),
        (Table("bridge", "b", chains={"f": Chain((), "filter", "forward", "filter", "drop")}), 0),
    ],
)
def test_somebody_elses_chain_that_drops(table, count):
    found = {words for _, _, words in drops([table], "")}
    assert len(found) == count
    assert all("BRIDGE" in said and "accept" in said.lower() for said in found)


ACCEPT = ('iifname "nw-web" counter accept', 'oifname "nw-web" counter accept comment "ours"')


@pytest.mark.parametrize(
    ("rules", "below", "families"),
    [
        (ACCEPT, (), []),
        (("counter jump DOCKER-USER",), ACCEPT, []),
        ((), ACCEPT, [4]),
        (ACCEPT[:1], (), [4]),
        (('iifname "nw-web" tcp dport 80 accept', ACCEPT[1]), (), [4]),
        (('iifname "nw-other" accept', 'oifname "nw-other" accept'), (), [4]),
    ],
)
def test_who_did_what_was_advised_is_told_no_more(rules, below, families):
    table = Table("ip", "filter", chains={"FORWARD": Chain(rules, "filter", "forward", "filter", "drop"), "DOCKER-USER": Chain(below)})
    found = list(drops([table], "nw-web"))
    assert [family for _, family, _ in found] == families
    assert all("-i nw-web" in words for _, _, words in found)
    assert bool(list(drops([table], ""))) == (families == [4] and "nw-other" not in str(rules)), "somebody did, for some bridge"


def _of(family: str, name: str, chain: str, *rules: str, policy: str = "drop", **others: "tuple[str, ...]") -> Table:
    more = {other.replace("_", "-"): Chain(its) for other, its in others.items()}
    return Table(family, name, chains={chain: Chain(rules, "filter", "forward", "filter", policy), **more})


UFW = {"ufw_before_forward": ("ct state related,established counter accept", "counter jump ufw-user-forward")}
FIREWALLD = ("ct state established,related accept", "ct status dnat accept", "jump filter_FORWARD_POLICIES", "reject with icmpx admin-prohibited")


@pytest.mark.parametrize(
    ("table", "command"),
    [
        (_of("ip", "filter", "FORWARD"), "iptables -I FORWARD -i nw-web -j ACCEPT; iptables -I FORWARD -o nw-web -j ACCEPT"),
        (_of("ip6", "filter", "FORWARD"), "ip6tables -I FORWARD -i nw-web -j ACCEPT; ip6tables -I FORWARD -o nw-web -j ACCEPT"),
        (_of("ip", "filter", "FORWARD", "counter jump DOCKER-USER", **{"DOCKER-USER": ()}), "iptables -I DOCKER-USER -i nw-web -j ACCEPT; iptables -I DOCKER-USER -o nw-web -j ACCEPT"),
        (_of("ip", "filter", "FORWARD", "counter jump ufw-before-forward", ufw_user_forward=(), **UFW), "ufw route allow in on nw-web; ufw route allow out on nw-web"),
        (_of("inet", "firewalld", "filter_FORWARD", *FIREWALLD, policy="accept"), "firewall-cmd --permanent --zone=trusted --add-interface=nw-web; firewall-cmd --reload"),
        (_of("inet", "filter", "FORWARD"), "nft insert rule inet filter FORWARD iifname nw-web accept; nft insert rule inet filter FORWARD oifname nw-web accept"),
        (_of("inet", "mine", "fwd"), "nft insert rule inet mine fwd iifname nw-web accept; nft insert rule inet mine fwd oifname nw-web accept"),
    ],
)
def test_the_command_is_of_whoever_has_the_table(table: Table, command: str):
    ((_, _, words),) = {(0, 0, words) for *_, words in drops([table], "nw-web")}
    assert words.endswith(f": accept it there, e.g. {command}")
    assert cause(words).split(" of the table ")[1] in (f"{table.family} {table.name} {verb} what it does not know" for verb in ("drops", "rejects"))


def test_names_that_a_shell_or_nft_reads_otherwise_are_quoted():
    (one,) = {words for *_, words in drops([_of("inet", "mine", "fwd")], "1$(x)")}
    assert """iifname '"1$(x)"' accept""" in one
    (one,) = {words for *_, words in drops([_of("ip", "filter", "FORWARD")], "1$(x)")}
    assert "-i '1$(x)' -j" in one


def test_ufw_and_firewalld_that_were_told_are_content():
    allowed = ('iifname "nw-web" counter accept', 'oifname "nw-web" counter accept')
    told = _of("ip", "filter", "FORWARD", "counter jump ufw-before-forward", ufw_user_forward=allowed, **UFW)
    assert not list(drops([told], "nw-web"))
    assert list(drops([told], "nw-other"))
    zone = {"filter_FORWARD_POLICIES": Chain(('iifname "nw-web" jump filter_FWD_trusted',)), "filter_FWD_trusted": Chain(("accept",))}
    plain = _of("inet", "firewalld", "filter_FORWARD", *FIREWALLD, policy="accept")
    assert not list(drops([Table("inet", "firewalld", chains={**plain.chains, **zone})], "nw-web"))
    assert len(set(drops([plain], "nw-web"))) == 2
    assert list(spares([plain], "nw-web")) == [next(drops([plain], "nw-web"))[2]], "what is published passes there"
    assert not list(spares([_of("ip", "filter", "FORWARD")], "nw-web"))


def test_chains_that_jump_in_a_circle_end():
    table = _of("inet", "mine", "fwd", "jump a", a=("jump a", "jump b"), b=("goto a",))
    assert list(drops([table], "nw-web"))
