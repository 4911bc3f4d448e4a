"""The demo's figures: one Mode for each way of steering, every number from a kernel's counter, a
program's MPTCP_INFO or a capture; none is computed from what should have happened."""

from dataclasses import dataclass, field


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
    """One campaign under one way of steering."""
    steering: str
    connections: int = 0
    broken: int = 0
    attempted: int = 0  # the client's MPTcpExtMPJoinSynTx
    joined: int = 0  # the client's MPTcpExtMPJoinSynAckRx: with a valid HMAC
    subflows: int = 0  # established at the end, by the client's MPTCP_TCPINFO
    tokens_right: int = 0  # the server's token carries the ID of the backend that issued it
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
                "subflows": self.subflows,
                "joins": {"attempted": self.attempted, "joined": self.joined,
                          "refused": self.refused, "unexplained": self.unexplained},
                "tokens_carrying_their_backend": self.tokens_right,
                "seconds": round(self.seconds, 1),
                "backends": {name: vars(backend) for name, backend in self.backends.items()},
                "balancer_packets_by_rule": self.rules}


@dataclass(frozen=True)
class Sent:
    """One subflow of an example."""
    client: str  # address:port
    backend: str  # where the balancer sent its SYN, by the capture
    joined: bool


@dataclass(frozen=True)
class Example:
    """One connection and where each of its subflows went."""
    vip: str
    token: int  # the server's
    codepoint: int
    backend_id: int  # in the token
    backend: str  # that answers
    subflows: tuple  # of Sent


def measure(steering, outcome, grown, pool, segments, rules, seconds):
    """A Mode from the campaign's outcome, what each backend's counters grew by ({name: counters}),
    the SYNs captured on the balancer's cable and its packets by rule."""
    mode = Mode(steering, connections=outcome.total, broken=len(outcome.broken),
                attempted=outcome.attempted, joined=outcome.joined, seconds=seconds, rules=rules)
    mode.subflows = sum(subflow["established"] for line in outcome.connections
                        for subflow in line["subflows"])
    for plan in pool.backends:
        counters = grown[plan.name]
        mode.backends[plan.name] = BackendFigures(
            plan.backend_id, connections=outcome.count(backend=plan.name),
            joins_received=counters["MPTcpExtMPJoinSynRx"],
            joined=counters["MPTcpExtMPJoinAckRx"],
            refused=counters["MPTcpExtMPJoinNoTokenFound"])
    tokens = [int(line["server_token"], 16) for line in outcome.connections]
    mode.tokens_right = sum(
        name == line["backend"]
        for name, line in zip(pool.backends_of(tokens), outcome.connections))
    mode.examples = _examples(outcome.connections, pool, segments)
    return mode


def _examples(connections, pool, segments):
    """Two connections over IPv4 and one over IPv6, the first of each."""
    by_mac = {plan.mac: plan.name for plan in pool.backends}
    syns = [segment for segment in segments
            if segment.is_syn and segment.destination_mac in by_mac]
    chosen = ([line for line in connections if line["family"] == 4][:2]
              + [line for line in connections if line["family"] == 6][:1])
    return [_example(line, pool, by_mac, syns) for line in chosen]


def _example(line, pool, by_mac, syns):
    token = int(line["server_token"], 16)
    established = {subflow["local"] for subflow in line["subflows"] if subflow["established"]}
    sent = {}  # a repeated SYN is still one subflow
    for syn in syns:
        client = endpoint(*syn.source)
        if syn.join_token == token or client == line["local"]:
            sent[client] = Sent(client, by_mac[syn.destination_mac], client in established)
    return Example(line["remote"], token, pool.scheme.codepoint(token),
                   pool.scheme.backend_ids([token])[0], line["last_backend"],
                   tuple(sent.values()))


def endpoint(address, port):
    """As the programs write it."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
