"""The demo's figures: one Mode for each way of steering, every number from a kernel's counter, a
program's MPTCP_INFO or a capture; none is computed from what should have happened."""

from dataclasses import dataclass, field

from capture import endpoint
from traffic import established


@dataclass
class BackendFigures:
    """What one backend saw."""
    backend_id: int
    connections: int = 0  # by its name in the greeting
    joins_received: int = 0  # MPTcpExtMPJoinSynRx
    joined: int = 0  # MPTcpExtMPJoinAckRx
    refused: int = 0  # MPTcpExtMPJoinNoTokenFound


@dataclass
class Mode:
    """What happened under one way of steering."""
    steering: str
    connections: int = 0  # those that stay through the changes, and new ones after them
    broken: int = 0
    attempted: int = 0  # the client's MPTcpExtMPJoinSynTx
    joined: int = 0  # the client's MPTcpExtMPJoinSynAckRx: with a valid HMAC
    subflows: int = 0  # established at the end, by the client's MPTCP_TCPINFO
    lost: int = 0  # subflows that were established before the changes, and not at the end
    late: int = 0  # joins of the third path, by MPTcpExtMPJoinSynTx
    late_joined: int = 0  # of them, by MPTcpExtMPJoinSynAckRx
    new_on_drained: int = 0  # new connections that came to the draining backend
    tokens_right: int = 0  # the server's token carries the ID of the backend that issued it
    generations: dict = field(default_factory=dict)  # serial -> tokens of it
    seconds: float = 0
    backends: dict = field(default_factory=dict)  # name -> BackendFigures
    rules: dict = field(default_factory=dict)  # the balancer's packets by rule
    examples: list = field(default_factory=list)  # Example

    @property
    def refused(self):
        """Joins that a backend did not know."""
        return sum(backend.refused for backend in self.backends.values())

    @property
    def unexplained(self):
        """Joins that neither completed nor were refused by a backend; 0 unless packets got lost."""
        return self.attempted - self.joined - self.refused

    def as_dict(self):
        """For --json."""
        return {"steering": self.steering, "connections": self.connections, "broken": self.broken,
                "subflows": self.subflows, "subflows_lost": self.lost,
                "joins": {"attempted": self.attempted, "joined": self.joined,
                          "refused": self.refused, "unexplained": self.unexplained},
                "late_joins": {"attempted": self.late, "joined": self.late_joined},
                "new_connections_on_drained": self.new_on_drained,
                "tokens_carrying_their_backend": self.tokens_right,
                "tokens_by_generation": self.generations,
                "seconds": round(self.seconds, 1),
                "backends": {name: vars(backend) for name, backend in self.backends.items()},
                "balancer_packets_by_rule": self.rules}


@dataclass(frozen=True)
class Sent:
    """One subflow of an example."""
    client: str  # address:port
    backend: str  # where the balancer sent its SYN, by the capture
    joined: bool
    late: bool  # over the third path, after the changes


@dataclass(frozen=True)
class Example:
    """One connection and where each of its subflows went."""
    vip: str
    token: str  # the server's, in hexadecimal digits
    said: dict  # what it says, by control
    backend: str  # that answers
    subflows: tuple  # of Sent


def count_outcomes(mode, held, fresh, drained):
    """What the client's kernel says of the connections: `held` through the changes, `fresh` ones
    after them."""
    lines = held.connections + fresh.connections
    mode.connections = len(lines)
    mode.broken = len(held.broken) + len(fresh.broken)
    mode.lost = len(held.lost)
    mode.subflows = sum(len(established(line)) for line in lines)
    mode.new_on_drained = fresh.count(backend=drained)


def count_backends(mode, ids, lines, grown):
    """What each backend's kernel counted: {name: ID}, the client's lines and {name: counters}."""
    for name, backend_id in ids.items():
        counters = grown[name]
        mode.backends[name] = BackendFigures(
            backend_id, connections=sum(line["backend"] == name for line in lines),
            joins_received=counters["MPTcpExtMPJoinSynRx"],
            joined=counters["MPTcpExtMPJoinAckRx"],
            refused=counters["MPTcpExtMPJoinNoTokenFound"])


def count_tokens(mode, lines, decode):
    """What control says of each token: decode(token)."""
    for line in lines:
        said = decode(line["server_token"])
        mode.tokens_right += said.get("backend") == line["backend"]
        serial = said.get("serial", 0)
        mode.generations[serial] = mode.generations.get(serial, 0) + 1


def find_examples(held, segments, names, third_addresses, decode):
    """Two connections over IPv4 and one over IPv6, the first of each: where the balancer sent their
    SYNs. `names` are the backends' by MAC address."""
    syns = [segment for segment in segments
            if segment.is_syn and segment.destination_mac in names]
    lines = held.connections
    chosen = ([line for line in lines if line["family"] == 4][:2]
              + [line for line in lines if line["family"] == 6][:1])
    examples = []
    for line in chosen:
        sent = {}  # a repeated SYN is still one subflow
        for syn in syns:
            client = endpoint(*syn.source)
            if syn.join_token == int(line["server_token"], 16) or client == line["local"]:
                sent[client] = Sent(client, names[syn.destination_mac],
                                    client in established(line), syn.source[0] in third_addresses)
        examples.append(Example(line["remote"], line["server_token"],
                                decode(line["server_token"]), line["backend"],
                                tuple(sent.values())))
    return examples
