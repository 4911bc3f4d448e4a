"""How Debian's Linux 6.1.192 reads the options of a segment, written from net/mptcp/options.c
(mptcp_get_options, mptcp_parse_option) and net/ipv4/tcp_input.c (tcp_parse_options): the slow twin
of wire/tcp_options.cc. The forms that Linux does not read follow docs/protocol.md section 1."""

import struct

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

# Which options may have been accepted before; any other keeps this one out.
COMPANIONS = {
    "mpc_syn": set(),
    "mpc_synack": set(),
    "mpc_ack": {"rm_addr"},
    "mpj": {"rm_addr", "prio"},
    "dss": {"add_addr", "rm_addr", "prio", "fastclose", "fail"},
    "add_addr": {"dss", "rm_addr", "prio"},
    "rm_addr": {"mpc_ack", "mpj", "dss", "add_addr", "prio"},
    "prio": {"mpj", "dss", "add_addr", "rm_addr"},
    "fastclose": {"dss", "rst"},
    "rst": {"fail", "fastclose"},
    "fail": {"dss", "rst"},
}


def walk(options):
    """Yields (kind, body) as the kernel's loops do; the last item is ("malformed", bool)."""
    at = 0
    while at < len(options):
        kind = options[at]
        if kind == 0:
            break
        if kind == 1:
            at += 1
            continue
        if len(options) - at < 2 or options[at + 1] < 2 or options[at + 1] > len(options) - at:
            yield "malformed", True
            return
        size = options[at + 1]
        yield kind, options[at:at + size]
        at += size
    yield "malformed", False


def capable_form(option, flags, payload):
    """(values, explicit, version) of a well-formed MP_CAPABLE, else None."""
    if len(option) < 4:
        return None
    version, bits = option[2] & 15, option[3]
    syn, ack = flags & SYN, flags & ACK
    if bits & 0x40 or bits & 0x1f not in (0x01, 0x03, 0x09):
        return None
    explicit = bits & 0x1f != 0x01
    if explicit and version == 0:
        return None
    if version > 1 and (not syn or ack):
        return None
    if syn and not ack:
        lengths, values = ({12}, 1) if version == 0 else ({4}, 0)
    elif syn:
        lengths, values = ({8} if explicit else {12}), 1
    else:
        base, values = (12 if explicit else 20), 2
        lengths = {base + 2, base + 4} if payload and version else {base}
    return (values, explicit, version) if len(option) in lengths else None


def mptcp_form(option, flags):
    """The name in COMPANIONS of a well-formed option other than MP_CAPABLE, else None."""
    size, subtype = len(option), option[2] >> 4
    if subtype == 1:
        return "mpj" if size in (12, 16, 24) else None
    if subtype == 2 and size >= 4:
        want = 4
        if option[3] & 1:
            want += 8 if option[3] & 2 else 4
        if option[3] & 4:
            want += 14 if option[3] & 8 else 10
        return "dss" if size in (want, want + 2) else None
    if subtype == 3:
        lengths = (8, 10, 20, 22) if option[2] & 1 else (16, 18, 28, 30)
        return "add_addr" if size in lengths else None
    if subtype == 4:
        return "rm_addr" if 4 <= size <= 11 else None
    if subtype == 8:
        return "rst" if size == 4 and flags & RST else None
    return {(5, 3): "prio", (6, 12): "fail", (7, 12): "fastclose"}.get((subtype, size))


def read(options, flags, payload):
    """What the balancer steers by: a dict with the columns that option_columns prints."""
    out = {"scan.capable": "none", "scan.malformed": "0"}
    seen, foreign = set(), False
    for kind, body in walk(options):
        if kind == "malformed":
            out["scan.malformed"] = "1" if body else "0"
        elif kind == 8 and len(body) == 10:
            out["scan.tsval"], out["scan.tsecr"] = map(str, struct.unpack(">II", body[2:]))
        elif kind == 30 and len(body) >= 3:
            if body[2] >> 4 == 0:
                foreign = read_capable(body, flags, payload, seen, foreign, out)
            else:
                read_other(body, flags, seen, out)
    return out


def read_capable(option, flags, payload, seen, foreign, out):
    form = capable_form(option, flags, payload)
    if form is None:
        return foreign
    values, explicit, version = form
    if version == 0 or explicit:
        # Linux passes over it; it counts for us when nothing that Linux reads has come before.
        if out["scan.capable"] == "none":
            set_capable(option, flags, form, out)
        return True
    name = "mpc_syn" if flags & SYN and not flags & ACK else \
        "mpc_synack" if flags & SYN else "mpc_ack"
    if seen - COMPANIONS[name]:
        return foreign
    seen.add(name)
    set_capable(option, flags, form, out)
    return foreign


def set_capable(option, flags, form, out):
    values, explicit, version = form
    if flags & SYN and flags & ACK:
        return
    for name in ("scan.key", "scan.token"):
        out.pop(name, None)
    out["scan.version"] = "0" if version == 0 else "1"
    if flags & SYN:
        out["scan.capable"] = "opening"
    elif explicit:
        out["scan.capable"] = "token"
        out["scan.token"] = str(struct.unpack(">I", option[8:12])[0])
    else:
        out["scan.capable"] = "keys"
        out["scan.key"] = str(struct.unpack(">Q", option[12:20])[0])


def read_other(option, flags, seen, out):
    name = mptcp_form(option, flags)
    if name is None or seen - COMPANIONS[name]:
        return
    seen.add(name)
    if name == "mpj" and len(option) == 12 and flags & SYN and not flags & ACK:
        out["scan.join"] = str(struct.unpack(">I", option[4:8])[0])
    elif name == "fastclose":
        out["scan.fastclose"] = str(struct.unpack(">Q", option[4:12])[0])
