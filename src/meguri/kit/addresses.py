"""Which network addresses a server may be sent to by strangers: those of the open internet only."""

import ipaddress

# Addresses inside which another address hides: NAT64, 6to4, Teredo.
_TUNNELS = tuple(ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet, also when written inside another one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    if mapped is not None:
        return is_public(str(mapped))
    if any(ip in net for net in _TUNNELS if net.version == ip.version):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
