"""Whatever stands in a configuration, it is read or refused: nothing else is ever raised, and no text gets into a rule unquoted."""

import json

from calls import call
from hypothesis import example, given
from hypothesis import strategies as st

from netwright.cni.plugins import bridged, firewall, portmap, ptp
from netwright.cni.protocol.errors import CniError
from netwright.networks import firewall as table
from netwright.networks.values import Leg

NOTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANYTHING = st.recursive(NOTHING, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=6)
KEYS = [
    "bridge", "isGateway", "isDefaultGateway", "forceAddress", "ipMasq", "ipMasqBackend", "mtu", "hairpinMode", "promiscMode", "vlan", "vlanTrunk",
    "macspoofchk", "enabledad", "ipam", "disableContainerInterface", "portIsolation", "runtimeConfig", "args", "dns", "backend", "snat",
    "conditionsV4", "markMasqBit", "ingressPolicy", "prevResult",
]  # fmt: skip
PORT = st.fixed_dictionaries({}, optional={name: ANYTHING | st.sampled_from([80, "tcp", "127.0.0.1"]) for name in ("hostPort", "ContainerPort", "protocol", "hostIP")})


@given(st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=6))
def test_any_configuration(keys: dict):
    said = call(**keys)
    for read in (bridged.settings, ptp._read, portmap._refused, portmap.mapped, firewall._read):
        try:
            read(said)
        except CniError as error:
            json.dumps([error.code, error.message, error.details])


@given(st.lists(PORT, max_size=4))
@example([{"hostPort": 80, "protocol": "\x1b"}])
@example([{"hostPort": 80, "protocol": "tcp . 1 : 10.0.0.1 . 1, udp"}])
def test_any_ports(ports: list):
    for port in portmap.mapped(call(runtimeConfig={"portMappings": ports})):
        for name, element in table.published(port, Leg("10.1.0.2/24"), 'o"; flush ruleset; #'):
            words = element.replace(" comment ", " ").replace(" . ", " ").replace(" : ", " ").split()
            assert name in ("publish4", "published4")
            assert all(c.isalnum() or c in '.:"?;#_-' for word in words for c in word), element
            assert element.count('"') == 2
