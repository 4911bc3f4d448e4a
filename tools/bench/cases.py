"""The cases of the pure middle: what is measured, and the goal where there is one."""

import dataclasses

FARM = 500  # backends: one pool, so that a burst's tokens are decoded under one key
SHORT = ("data-ipv4-32", "syn-ipv4-32", "join-ipv4-32", "mix-ipv4-4096", "data-ipv4-4096",
         "data-ipv6-32", "data-ipv4-32-ipip", "data-ipv4-32-gue", "data-ipv4-32-scalar",
         "cookie-ipv4-32-1000-backends", "cookie-ipv6-32-1000-backends")


@dataclasses.dataclass(frozen=True)
class Case:
    kind: str
    family: int = 4
    packets: int = 4096
    backends: int = FARM
    goal_ns: float | None = None
    encap: str = "l2"
    engine: str = "best"

    @property
    def name(self) -> str:
        tail = "" if self.backends == FARM else f"-{self.backends}-backends"
        tail += "" if self.encap == "l2" else f"-{self.encap}"
        tail += "" if self.engine == "best" else f"-{self.engine}"
        return f"{self.kind}-ipv{self.family}-{self.packets}{tail}"


# 32 packets: one burst that stays in the first-level cache. 4,096: more than the branch predictor
# learns, about what the second-level cache holds. 1,000,000: every packet comes from memory.
CASES = [
    Case("data", packets=32, goal_ns=20),
    Case("syn", packets=32, goal_ns=20),
    Case("join", packets=32, goal_ns=32),
    Case("mix", packets=32),
    Case("data"), Case("syn"), Case("join"), Case("mix", goal_ns=20),
    Case("data", packets=65_536), Case("syn", packets=65_536),
    Case("data", packets=1_000_000, goal_ns=55), Case("syn", packets=1_000_000),
    Case("mix", packets=1_000_000),
    *[Case("data", family, packets, encap=encap) for encap in ("ipip", "gue")
      for family, packets in ((4, 32), (6, 32), (4, 1_000_000))],
    *[Case(kind, packets=32, engine="scalar") for kind in ("data", "syn", "join", "mix")],
    Case("data", 6, 32), Case("syn", 6, 32), Case("join", 6, 32),
    Case("data", 6), Case("syn", 6), Case("join", 6), Case("mix", 6),
    Case("data", 6, 1_000_000),
    *[Case("data", backends=n) for n in (10, 1_000, 10_000)],
    *[Case("data", packets=32, backends=n) for n in (10, 1_000, 10_000)],
    *[Case("join", backends=n) for n in (10, 1_000, 10_000)],
    *[Case("mix", backends=n) for n in (10, 1_000, 10_000)],
    Case("cookie", 4, 32, backends=1_000, goal_ns=12),
    Case("cookie", 6, 32, backends=1_000, goal_ns=14),
    Case("cookie", packets=32, backends=1_000, engine="scalar"),
    *[Case("cookie", backends=n) for n in (10, 1_000, 10_000)],
    *[Case("cookie", packets=32, backends=n) for n in (10, 10_000)],
    Case("cookie", packets=1_000_000, backends=1_000),
]


def chosen(short: bool, only: list[str]) -> list[Case]:
    if only:
        return [case for case in CASES if any(word in case.name for word in only)]
    return [case for case in CASES if not short or case.name in SHORT]
