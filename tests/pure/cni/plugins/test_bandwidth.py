"""The plugin bandwidth: its keys, whose go first, what of them is refused."""

import pytest

from netwright.cni.plugins import bandwidth
from netwright.cni.protocol.call import Call
from netwright.cni.protocol.config import Config
from netwright.cni.protocol.errors import CniError
from netwright.networks.bandwidth import Limit

GO = {"IngressRate": 10_000_000, "IngressBurst": 4_294_967_295, "EgressRate": 20_000_000, "EgressBurst": 4_294_967_295}


def call(**more: object) -> Call:
    config = Config({"name": "n", "cniVersion": "1.0.0", "type": "bandwidth", **more})
    return Call("ADD", "c1", "/run/netns/c1", "eth0", {}, (), config)


def test_the_runtimes_words_and_the_configurations_own_before_them():
    found = bandwidth.settings(call(runtimeConfig={"bandwidth": GO}))
    assert (found.to, found.back) == (Limit(10_000_000, 4_294_967_295), Limit(20_000_000, 4_294_967_295))
    assert found.device.startswith("bwp")
    assert len(found.device) == 15
    own = bandwidth.settings(call(runtimeConfig={"bandwidth": GO}, ingressRate=8, ingressBurst=80))
    assert (own.to, own.back, own.device) == (Limit(8, 80), Limit(), "")


def test_each_attachment_has_its_own_device():
    names = set()
    for interface in ("eth0", "eth1"):
        for container in ("c1", "c2"):
            document = {"name": "n", "cniVersion": "1.0.0", "type": "bandwidth", "runtimeConfig": {"bandwidth": GO}}
            names.add(bandwidth.settings(Call("ADD", container, "/x", interface, {}, (), Config(document))).device)
    assert len(names) == 4


def test_networks_are_networks():
    found = bandwidth.settings(call(ingressRate=8000, ingressBurst=8000, unshapedSubnets=["10.1.2.3/8", "10.0.0.0/8", "fd00::1/64"]))
    assert found.free == ("10.0.0.0/8", "fd00::/64")
    assert found.only == ()


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"ingressRate": 5}, "burst must also be set"),
        ({"egressBurst": 5}, "rate must also be set"),
        ({"egressBurst": 8 * 0xFFFFFFFF, "egressRate": 8}, "more than 4GB"),
        ({"ingressRate": -1, "ingressBurst": 1}, "not from 0"),
        ({"ingressRate": 1.5, "ingressBurst": 1}, "whole number"),
        ({"shapedSubnets": ["10.0.0.0/8"], "unshapedSubnets": ["10.0.0.0/8"]}, "cannot be both specified"),
        ({"shapedSubnets": ["hello"]}, "shapedSubnets"),
        ({"runtimeConfig": {"bandwidth": {"ingressRate": "8"}}}, "whole number"),
        ({"runtimeConfig": {"bandwidth": 8}}, "an object belongs here"),
    ],
)
def test_what_is_refused(more: dict, word: str):
    with pytest.raises(CniError) as refused:
        bandwidth.settings(call(**more))
    assert refused.value.code == 7
    assert word in refused.value.message + refused.value.details
