"""The whole of Joinery in a testbed: control, balancers that follow it, and guests with agents."""

from agent import Agent
from backend import side_by_side
from control import POOL, SETTLE_S, Control, Settings
from host import wait_until


class Managed:
    """`backends` are guests that were booted with agent.guest_files(); those in `spare` are not in
    control's file yet, and their agents wait for it."""

    def __init__(self, bed, backends, *, spare=(), balancers=(2,), settings=Settings()):
        self.bed, self.backends = bed, {b.plan.name: b for b in (*backends, *spare)}
        self.control = Control(
            bed.topology, bed.directory, [b.plan for b in backends],
            known=[b.plan for b in spare],
            balancers={f"lb{number - 1}": number for number in balancers}, settings=settings)
        self.balancers = [bed.follower(self.control, number=number) for number in balancers]
        self.agents = {name: Agent(b, self.control, POOL) for name, b in self.backends.items()}

    def start(self):
        """Everything, until connections may come."""
        self.control.start()
        for balancer in self.balancers:
            balancer.launch()
        side_by_side(self.agents.values(), Agent.start)
        for balancer in self.balancers:
            balancer.wait_forwarding()
        self.wait_ready([plan.name for plan in self.control.backends])

    def wait_ready(self, names):
        """Until these backends are up, encode under the active generation and have keys."""
        for name in names:
            self.control.wait_state(name, "up")
        self.control.wait_encoding(names)
        side_by_side([self.agents[name] for name in names], Agent.wait_for_keys)

    def states(self, name):
        """Of this backend, as each balancer has it."""
        return [b.steer()["pools"][POOL]["backends"].get(name, {}).get("state")
                for b in self.balancers]

    def wait_balancers(self, name, state):
        """Until all balancers have this backend in this state."""
        wait_until(lambda: set(self.states(name)) == {state}, SETTLE_S,
                   f"{name} is {state} on all balancers")

    def stop(self):
        """Agents, balancers and control end, cleanly."""
        side_by_side(self.agents.values(), lambda agent: agent.kill("TERM"))
        for balancer in self.balancers:
            balancer.stop()
        self.control.stop()

    def forget(self):
        """After stop(): nobody remembers anything, as on the first day."""
        side_by_side(self.agents.values(), Agent.forget)
        for balancer in self.balancers:
            balancer.forget()
        self.control.forget()
