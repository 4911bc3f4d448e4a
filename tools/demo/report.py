"""What the demo says: its figures as tables, its examples, its one sentence."""

import platform

from need import our_program
from screen import DIAGRAM
from traffic import vip_targets

SOURCES = (
    "Sources. connections: the name in the server's greeting; subflows: established at the end, "
    "client's MPTCP_TCPINFO; lost: there before the changes and not at the end; "
    "joins tried and joined: client's MPTcpExtMPJoinSynTx and "
    "MPTcpExtMPJoinSynAckRx (counted only when the server's HMAC proves that it has the keys); "
    "refused: servers' MPTcpExtMPJoinNoTokenFound; at a backend: its MPTcpExtMPJoinSynRx and "
    "MPTcpExtMPJoinAckRx.")


def describe_start(screen, connections):
    """The topology and what will happen."""
    screen.title("Joinery: MPTCP subflows through a stateless load balancer")
    screen.line()
    screen.line(DIAGRAM.format(client=platform.release().split("-")[0],
                               guests="Debian 12 guests with joinery_token"))
    screen.line()
    screen.paragraph(f"{connections} connections, half of them IPv6, stay in use while the keys "
                     "are rotated, web2 is drained and a third path comes up (steering: joinery). "
                     "Then the same, but nothing is rotated or drained, by the hash of addresses "
                     "and ports (steering: five_tuple).")
    screen.line()


def describe_examples(screen, mode):
    """Where each subflow of the first connections went."""
    screen.line()
    screen.line(screen.faint("  where the first subflows went, by a capture on the balancer's "
                             "cable"))
    for example in mode.examples:
        screen.line(f"  {example.vip}  answered by {example.backend}; its token {example.token} "
                    f"= generation {example.said.get('serial', 'none')} "
                    f"+ ff1(ID {example.said.get('id', 'none')}, nonce)")
        for number, sent in enumerate(example.subflows):
            how = "MP_CAPABLE" if number == 0 else "MP_JOIN"
            how += ", late" if sent.late else ""
            end = screen.good("established") if sent.joined else screen.bad(
                f"refused: {sent.backend} does not know the token")
            screen.line(f"      {how:<13} {sent.client:<24} -> {sent.backend}   {end}")


def describe_world(screen, world):
    """How to look around while it is all up."""
    bed, balancer, control = world.bed, world.balancers[0], world.control
    client = f"nsenter --net=/run/netns/{bed.topology.client.netns}"
    screen.title("It is all up; from another terminal, as root")
    screen.line()
    for what, command in (
            ("fetch over MPTCP", f"{client} {our_program('mptcp-client')} "
                                 f"{vip_targets(80)[0]} --bytes 100000"),
            ("the client's subflows", f"{client} ss -Mtni"),
            ("the client's counters", f"{client} nstat -az 'MPTcpExt*'"),
            ("the balancer's counters", f"{our_program('joinery-lb')} --stats "
                                        f"{balancer.stats_socket}"),
            ("where a packet would go", f"{control.command} explain --lb {balancer.stats_socket} "
                                        "source=198.18.1.2:40000 destination=198.18.100.1:80"),
            ("what control says", f"{control.command} status"),
            ("rotate the keys", f"{control.command} rotate web --wait"),
            ("drain a backend", f"{control.command} backends drain web/web2"),
            ("its packets", f"nsenter --net=/run/netns/{bed.topology.lan.netns} "
                            "tshark -ni port2 'tcp[13] & 2 != 0'")):
        screen.line(f"  {what:<26} {screen.faint(command)}")
    screen.line()
    screen.line("  Return ends it and removes everything.")


def describe_modes(screen, modes):
    """The tables: all, then backend by backend."""
    screen.title("Result, from the kernels' counters")
    screen.line()
    rows = [[mode.steering, mode.connections, mode.subflows, mode.attempted, mode.joined,
             _bad_unless_0(screen, mode.refused), mode.unexplained,
             _bad_unless_0(screen, mode.lost), _bad_unless_0(screen, mode.broken)]
            for mode in modes]
    screen.table(["steering", "connections", "subflows", "joins tried", "joined", "refused",
                  "unexplained", "lost", "broken"], rows)
    screen.line()
    rows = []
    for mode in modes:
        for name, backend in mode.backends.items():
            rows.append([mode.steering, f"{name} (ID {backend.backend_id})", backend.connections,
                         backend.joins_received, backend.joined,
                         _bad_unless_0(screen, backend.refused)])
    screen.table(["steering", "backend", "connections", "joins received", "joined", "refused"],
                 rows)
    screen.line()
    for mode in modes:
        rules = ", ".join(f"{name} {count}" for name, count in mode.rules.items() if count)
        serials = ", ".join(f"{count} of generation {serial}"
                            for serial, count in sorted(mode.generations.items()))
        screen.paragraph(f"{mode.steering}: {mode.tokens_right} of {mode.connections} tokens carry "
                         f"their backend's ID, {serials}; third path: {mode.late_joined} of "
                         f"{mode.late} joined; packets by rule: {rules}")
    screen.paragraph(f"{modes[0].new_on_drained} new connections came to the drained backend.")
    screen.line()
    screen.paragraph(SOURCES, screen.faint)


def _bad_unless_0(screen, count):
    return screen.bad(str(count)) if count else screen.good("0")


def verdict(modes):
    """(whether Joinery kept every subflow, the sentence)."""
    joinery, five_tuple = modes
    # Each connection joined twice, the second time after the changes.
    holds = (joinery.joined == joinery.attempted == 2 * joinery.connections
             and joinery.refused == joinery.broken == joinery.lost == 0
             and joinery.new_on_drained == 0)
    share = 100 * five_tuple.refused / max(five_tuple.attempted, 1)
    return holds, (
        f"With Joinery {joinery.joined} of {joinery.attempted} joins reached the server that holds "
        f"their connection, {joinery.late_joined} of them with tokens from before the rotation and "
        f"the drain; {joinery.lost} subflows were lost. By the 5-tuple {five_tuple.refused} of "
        f"{five_tuple.attempted} ({share:.0f} %) came to a server that had never heard of it.")


def describe_verdict(screen, modes):
    """The sentence."""
    holds, sentence = verdict(modes)
    screen.title("Verdict")
    screen.line()
    screen.paragraph(sentence, screen.good if holds else screen.bad)
    screen.line()
