"""bond: all its options, in ip's order."""

from ....kernel.codec import Attributes
from ....model.kinds.bond import CHOICES
from .rows import Row, chosen, device, number, show_rows, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...context import Context


def _targets(field: str) -> Row:
    """Addresses with commas; a list in JSON."""

    def row(context: "Context", data: Attributes) -> None:
        addresses = data.get(field)
        if addresses:
            context.out.put(field, f"{field} {','.join(addresses)} ", addresses)

    return row


def _choice(field: str, word: str = "") -> Row:
    return chosen(field, CHOICES[field], word=word)


def _arp_validate(context: "Context", data: Attributes) -> None:
    # JSON has null where the text has "none".
    value = data.get("arp_validate")
    if value == 0:
        context.out.put("arp_validate", "arp_validate none ", None)
    else:
        _choice("arp_validate")(context, data)


_AD_INFO: tuple[Row, ...] = (
    number("aggregator", word="ad_aggregator"),
    number("num_ports", word="ad_num_ports"),
    number("actor_key", word="ad_actor_key"),
    number("partner_key", word="ad_partner_key"),
    text("partner_mac", lambda _, value: str(value), word="ad_partner_mac"),
)


def _ad_info(context: "Context", data: Attributes) -> None:
    info = data.get("ad_info")
    if info is not None:
        context.out.open_object("ad_info")
        show_rows(context, info, _AD_INFO)
        context.out.close_object()


ROWS: tuple[Row, ...] = (
    _choice("mode"),
    device("active_slave"),
    number("miimon"),
    number("updelay"),
    number("downdelay"),
    number("peer_notif_delay", "peer_notify_delay"),
    number("use_carrier"),
    number("arp_interval"),
    number("missed_max", "arp_missed_max"),
    _targets("arp_ip_target"),
    _targets("ns_ip6_target"),
    _arp_validate,
    _choice("arp_all_targets"),
    device("primary"),
    _choice("primary_reselect"),
    _choice("fail_over_mac"),
    _choice("xmit_hash_policy"),
    number("resend_igmp"),
    number("num_peer_notif", word="num_grat_arp"),
    number("all_slaves_active"),
    number("min_links"),
    number("lp_interval"),
    number("packets_per_slave"),
    _choice("ad_lacp_active", "lacp_active"),
    _choice("ad_lacp_rate", "lacp_rate"),
    _choice("ad_select"),
    _ad_info,
    number("ad_actor_sys_prio"),
    number("ad_user_port_key"),
    text("ad_actor_system", lambda _, value: str(value)),
    number("tlb_dynamic_lb"),
)


def show(context: "Context", data: Attributes) -> None:
    """Print the options of a bond."""
    show_rows(context, data, ROWS)
