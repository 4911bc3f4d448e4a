"""Control: its watchers' memory, how soon all confirm a change, what that takes in a balancer.

Of the watchers both sides run on this machine, the server in one process and its watchers in
another; they share its cores. The goals are issue 5's.
"""

import json
import pathlib

import live
import programs

PROGRAMS = [programs.WATCHERS, programs.CHANGE, programs.BALANCER, programs.CONTROL,
            programs.JOINCTL]
MIB = 1 << 20
KIB = 1 << 10
LIMIT_S = 230
# Of 10,000 idle watchers, and what each may take beyond its TLS stream.
GOAL_MIB = {"tls": 900, "unix": 150}
GOAL_BEYOND_KIB = 6
GOAL_CONFIRMED_MS = 2_000  # p99 with 1,000 watchers
GOAL_LIVE_MS = 100  # a change of 1,000 VIPs in a balancer, the slowest
GOAL_GAP = 1.10  # burst gap, 99.99th percentile: while the keys of 64 pools rotate over a calm time


def _run(program: pathlib.Path, *args: str) -> dict:
    return json.loads(programs.run([str(program), *args], LIMIT_S))


def _memory(program: pathlib.Path, watchers: int) -> list[dict]:
    print(f"{'memory of idle watchers':<30} {'MiB':>7} {'KiB each':>9} {'goal':>9}", flush=True)
    rows = []
    for name, args in {"unix": ["--transport", "unix"], "tls": ["--transport", "tls"],
                       "bare tls streams": ["--transport", "tls", "--bare"]}.items():
        row = _run(program, "--watchers", str(watchers), *args) | {"case": name}
        rows.append(row)
        goal = f"{GOAL_MIB[name]} MiB" if name in GOAL_MIB else ""
        print(f"{f'{watchers}, {name}':<30} {row['after_bytes'] / MIB:>7.0f} "
              f"{row['bytes_each'] / KIB:>9.1f} {goal:>9}", flush=True)
    beyond = (rows[1]["bytes_each"] - rows[2]["bytes_each"]) / KIB
    print(f"{'beyond the TLS stream':<30} {'':>7} {beyond:>9.1f} {f'{GOAL_BEYOND_KIB} KiB':>9}")
    return rows


def _confirmed(program: pathlib.Path, rounds: int) -> list[dict]:
    print(f"{'a change, confirmed':<30} {'p50 ms':>7} {'p99 ms':>9} {'last ms':>9} {'goal':>9}",
          flush=True)
    rows = []
    for transport in ("unix", "tls"):
        row = _run(program, "--watchers", "1000", "--rounds", str(rounds), "--transport", transport)
        rows.append(row)
        took = row["confirmed_ms"]
        print(f"{f'1000, {transport}':<30} {took['p50']:>7.0f} {took['p99']:>9.0f} "
              f"{row['last_ms']['max']:>9.0f} {GOAL_CONFIRMED_MS:>9}", flush=True)
    return rows


def _change(program: pathlib.Path, rounds: int) -> list[dict]:
    print(f"{'a change in a balancer':<30} {'ms':>7} {'slowest':>9} {'goal':>9}", flush=True)
    rows = []
    for what, name in {"addresses": "1,024 VIPs of 64 pools", "keys": "keys of 64 pools"}.items():
        row = _run(program, "--what", what, "--rounds", str(rounds))
        rows.append(row)
        took = row["all_ms"]
        print(f"{name:<30} {took['median']:>7.1f} {took['max']:>9.1f} {GOAL_LIVE_MS:>9}")
    print(f"{'burst gaps, ns':<30} {'calm':>7} {'change':>9} {'ratio':>9} {'goal':>9}")
    for row in rows:
        calm, change = (row[phase]["p99_99_ns"] for phase in ("calm", "change"))
        goal = GOAL_GAP if row["what"] == "keys" else ""
        print(f"{row['what'] + ', 99.99 %':<30} {calm:>7.0f} {change:>9.0f} "
              f"{change / calm:>9.2f} {goal:>9}")
    return rows


def _live(paths: dict[str, pathlib.Path], rounds: int) -> dict:
    row = live.measure(paths, rounds)
    print(f"{'a changed file, live':<30} {'ms':>7} {'slowest':>9} {'goal':>9}")
    print(f"{'1,024 VIPs of 64 pools':<30} {row['median_ms']:>7.1f} {row['max_ms']:>9.1f} "
          f"{GOAL_LIVE_MS:>9}", flush=True)
    return row


def measure(paths: dict[str, pathlib.Path], short: bool) -> dict:
    print("\ncontrol")
    watchers = paths[programs.WATCHERS]
    return {"memory": _memory(watchers, 1_000 if short else 10_000),
            "confirmed": _confirmed(watchers, 3 if short else 20),
            "change": _change(paths[programs.CHANGE], 3 if short else 20),
            "live": _live(paths, 3 if short else 20)}
