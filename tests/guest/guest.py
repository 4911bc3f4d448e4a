"""A guest: Debian's stock kernel in QEMU with a small initramfs, and a channel for commands.

    with Guest("backend1", tap="tap1", netns="demo-net", mac="02:00:00:00:00:11") as guest:
        status, output = guest.run("ip address show")

QEMU interprets the processor (-accel tcg), so a guest needs no virtualisation of the machine. It
does so in one thread for all of a guest's processors: with one for each, QEMU 7.2 gets wrong what a
processor runs while another patches the kernel's code. Switching a probe on and off under load
(kprobe_events alone, on the stock kernel) then ends in a call to address 0 after some ten rounds.
The channel is a virtio-serial port with a shell agent behind it: one line of request, one line of
answer, both base64. The kernel's console goes to a log file.
"""

import base64
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from initramfs import BASE_MODULES, BUSYBOX, SHELL, Initramfs, NeedError, find_kernel, module_files

QEMU = "qemu-system-x86_64"
BOOT_DEADLINE_S = 90
RUN_DEADLINE_S = 60
STOP_DEADLINE_S = 10
# A deadline inside the guest ends the command; the host waits this much longer for the answer.
ANSWER_GRACE_S = 15
MAX_ANSWER_BYTES = 64 << 20
READY = b"ready"
# Always there, with busybox's applets behind them in the path.
DEFAULT_PROGRAMS = ("/usr/sbin/ip", "/usr/bin/ss", "/usr/bin/nstat")
DEFAULT_MODULES = ("tcp_diag", "mptcp_diag")

# The shell is dash, since what busybox starts (by its own shell, timeout, xargs) is an applet
# before it is a program in the path. A shell's `read` takes byte by byte, so requests are short
# lines; file contents follow their line and are taken by dd, which reads as much as it is told to.
INIT = """#!/bin/sh
/bin/busybox mkdir -p /bin /sbin /usr/bin /usr/sbin
/bin/busybox --install -s
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts pts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t debugfs debug /sys/kernel/debug
while read -r module; do insmod "$module"; done < /etc/modules.order
hostname -F /etc/hostname
ip link set lo up
sh /etc/setup.sh
exec 3<>/dev/vport0p1
echo ready >&3
while read -r verb number argument body <&3; do
  case $verb in
    run)
      echo "$body" | base64 -d > /run/command
      timeout -s KILL "$argument" /bin/sh /run/command > /run/output 2>&1 < /dev/null
      status=$?
      ;;
    put)
      dd of="$body" bs="$argument" count=1 iflag=fullblock <&3 > /run/output 2>&1
      status=$?
      ;;
    get)
      cat "$body" > /run/output 2> /run/error
      status=$?
      [ $status = 0 ] || mv /run/error /run/output
      ;;
  esac
  # One write, so that an answer's head and body stay together.
  echo "$number $status $(base64 -w 0 < /run/output)" >&3
done
"""


class GuestError(Exception):
    """The guest did not do what was asked; the text has the end of its console."""


class Guest:
    """One guest. Use it as a context manager, or start(), wait_ready() and stop()."""

    # pylint: disable=too-many-instance-attributes
    def __init__(self, name, *, tap=None, mac="02:00:00:00:00:01", netns=None, memory_mib=192,
                 cpus=1, programs=(), files=None, modules=(), sysctls=None, setup="", log=None,
                 kernel=None):
        """
        tap       a tap device that exists and is up; None: no network card
        netns     name of the network namespace (in /run/netns) in which QEMU runs
        programs  paths of programs to copy to the same path, with their shared libraries
        files     {path in the guest: path here}; programs among them get their libraries too
        modules   kernel modules to load at boot, what they need is added
        sysctls   {"net.mptcp.enabled": 1, ...}, set after the modules are in
        setup     shell text, run at the end of the boot
        log       path of the console log; None: a temporary one
        kernel    release of the kernel; None: the newest stock one
        """
        self.name = name
        self.kernel = kernel or find_kernel()
        self._directory = tempfile.mkdtemp(prefix=f"joinery-guest-{name}-")
        self.log = log or f"{self._directory}/console.log"
        self._tap, self._mac, self._netns = tap, mac, netns
        self._memory_mib, self._cpus = memory_mib, cpus
        self._process = None
        self._channel = None
        self._received = b""
        self._number = 0
        self._build(programs, files or {}, modules, sysctls or {}, setup)

    def __enter__(self):
        try:
            return self.boot()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        """QEMU's process ID."""
        return self._process.pid

    def boot(self, deadline_s=BOOT_DEADLINE_S):
        """Starts the guest and waits until it answers."""
        self.start()
        return self.wait_ready(deadline_s)

    def start(self):
        """Starts QEMU and returns at once, so that several guests boot side by side."""
        host_end, guest_end = socket.socketpair()
        with guest_end, open(f"{self._directory}/qemu.log", "wb") as errors:
            self._process = subprocess.Popen(
                self._command(guest_end.fileno()), pass_fds=[guest_end.fileno()],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
                start_new_session=True)
        self._channel = host_end

    def wait_ready(self, deadline_s=BOOT_DEADLINE_S):
        """Waits until the guest takes commands."""
        line = self._read_line(time.monotonic() + deadline_s, "boot")
        if line != READY:
            raise GuestError(f"guest {self.name}: unexpected first line {line!r}")
        return self

    def run(self, command, deadline_s=RUN_DEADLINE_S):
        """Runs a shell command; returns (exit status, output and errors as text).

        After the deadline the command is killed and its status is 137."""
        body = base64.b64encode(command.encode())
        status, output = self._ask(b"run %d %d %s" % (self._next(), deadline_s, body),
                                   deadline_s + ANSWER_GRACE_S)
        return status, output.decode(errors="replace")

    def check(self, command, deadline_s=RUN_DEADLINE_S):
        """Like run, but returns the output and raises GuestError when the command fails."""
        status, output = self.run(command, deadline_s)
        if status != 0:
            raise GuestError(f"guest {self.name}: status {status} from: {command}\n{output}")
        return output

    def put(self, content, path, mode=0o644):
        """Writes bytes to a file of the guest."""
        if not content:
            self.check(f": > '{path}'")
        else:
            self._expect(b"put %d %d %s" % (self._next(), len(content), path.encode()), content)
        self.check(f"chmod {mode:o} '{path}'")

    def get(self, path):
        """The bytes of a file of the guest."""
        return self._expect(b"get %d 0 %s" % (self._next(), path.encode()))

    def stop(self):
        """Ends QEMU and removes the guest's temporary files."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_DEADLINE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        shutil.rmtree(self._directory, ignore_errors=True)

    def console(self, lines=40):
        """The end of the console, for messages."""
        try:
            with open(self.log, encoding="utf-8", errors="replace") as file:
                return "".join(file.readlines()[-lines:])
        except FileNotFoundError:
            return "(no console log)\n"

    def _build(self, programs, files, modules, sysctls, setup):
        if shutil.which(QEMU) is None:
            raise NeedError(f"{QEMU} is not here; apt-get install qemu-system-x86")
        if not os.path.exists(BUSYBOX):
            raise NeedError(f"{BUSYBOX} is not here; apt-get install busybox-static")
        image = Initramfs()
        image.add_file("/bin/busybox", BUSYBOX)
        image.add_program("/bin/sh", SHELL)
        image.add_text("/init", INIT, 0o755)
        image.add_text("/etc/hostname", self.name + "\n")
        image.add_text("/etc/passwd", "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n"
                                      "nobody:x:65534:65534::/:/bin/sh\n")
        image.add_text("/etc/group", "root:x:0:\nwww-data:x:33:\nnogroup:x:65534:\n")
        image.add_text("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n")
        paths = module_files(self.kernel, (*BASE_MODULES, *DEFAULT_MODULES, *modules))
        for path in paths:
            image.add_file(path, path)
        image.add_text("/etc/modules.order", "".join(f"{path}\n" for path in paths))
        for program in (*DEFAULT_PROGRAMS, *programs):
            image.add_program(program, program)
        for path, source in files.items():
            (image.add_file if os.path.isdir(source) else image.add_program)(path, source)
        settings = "".join(f"sysctl -q -w {key}={value}\n" for key, value in sysctls.items())
        image.add_text("/etc/setup.sh", settings + setup + "\n")
        image.write(f"{self._directory}/initramfs")

    def _command(self, channel_fd):
        enter = ["nsenter", f"--net=/run/netns/{self._netns}"] if self._netns else []
        network = ["-nic", "none"] if self._tap is None else [
            "-netdev", f"tap,id=net0,ifname={self._tap},script=no,downscript=no",
            "-device", f"virtio-net-pci,netdev=net0,mac={self._mac},romfile="]
        return enter + [
            QEMU, "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
            "-machine", "q35", "-accel", "tcg,thread=single", "-cpu", "max",
            "-smp", str(self._cpus), "-m", f"{self._memory_mib}M",
            "-kernel", f"/boot/vmlinuz-{self.kernel}", "-initrd", f"{self._directory}/initramfs",
            "-append", "console=ttyS0 panic=-1 oops=panic mitigations=off random.trust_cpu=on",
            "-serial", f"file:{self.log}",
            "-chardev", f"socket,id=channel,fd={channel_fd}",
            "-device", "virtio-serial-pci", "-device", "virtserialport,chardev=channel",
            *network]

    def _next(self):
        self._number += 1
        return self._number

    def _expect(self, request, content=b""):
        status, output = self._ask(request, RUN_DEADLINE_S, content)
        if status != 0:
            raise GuestError(f"guest {self.name}: {request.decode()}: {output.decode()}")
        return output

    def _ask(self, request, deadline_s, content=b""):
        deadline = time.monotonic() + deadline_s
        self._channel.settimeout(deadline_s)
        self._channel.sendall(request + b"\n" + content)
        number, status, *output = self._read_line(deadline, request.decode()).split(b" ")
        if int(number) != self._number:
            raise GuestError(f"guest {self.name}: answer {number!r} to request {self._number}")
        return int(status), base64.b64decode(output[0] if output else b"")

    def _read_line(self, deadline, what):
        while b"\n" not in self._received:
            left = deadline - time.monotonic()
            if left <= 0:
                raise self._failure(f"no answer in time to: {what}")
            if len(self._received) > MAX_ANSWER_BYTES:
                raise self._failure(f"answer over {MAX_ANSWER_BYTES} bytes to: {what}")
            self._channel.settimeout(left)
            try:
                data = self._channel.recv(1 << 16)
            except TimeoutError:
                continue
            if not data:
                raise self._failure(f"QEMU ended during: {what}")
            self._received += data
        line, _, self._received = self._received.partition(b"\n")
        return line

    def _failure(self, what):
        with open(f"{self._directory}/qemu.log", encoding="utf-8", errors="replace") as file:
            said = file.read()
        return GuestError(f"guest {self.name}: {what}\n{said}--- end of its console:\n"
                          f"{self.console()}")


def boot_all(guests, deadline_s=BOOT_DEADLINE_S):
    """Boots guests side by side; on failure all are stopped."""
    try:
        for guest in guests:
            guest.start()
        for guest in guests:
            guest.wait_ready(deadline_s)
    except BaseException:
        for guest in guests:
            guest.stop()
        raise
