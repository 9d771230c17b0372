"""Addresses by DHCP (RFC 2131): the client, the daemon that keeps leases, and the protocol between it and the IPAM plugin `dhcp`.

packet, datagram, options     bytes and values
client, lease                 what a client does, without sockets and clocks
gob, rpc                      Go's net/rpc, which the daemon speaks so that it and the plugin of CNI's own can be mixed with ours
keeper, daemon, service       what really happens, in one loop
ask                           the plugin's side
"""
