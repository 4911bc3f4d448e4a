"""Builds the initramfs that a guest boots: a cpio archive in the "newc" format.

Reading list: Linux Documentation/driver-api/early-userspace/buffer-format.rst (the archive),
modules.dep(5) (the order in which modules must be loaded).

The archive is not compressed: unpacking costs more than reading under QEMU's interpreter.
"""

import os
import re
import stat
import subprocess

KERNEL_SUFFIX = "-amd64"
BUSYBOX = "/bin/busybox"
SHELL = "/bin/dash"
# What the guest itself needs: the network card and the control channel.
BASE_MODULES = ("virtio_pci", "virtio_net", "virtio_console")


class NeedError(Exception):
    """Something that the guest needs is not on this machine; the text says how to get it."""


def find_kernel():
    """The release of the newest stock kernel that has an image and its modules here."""
    releases = [name for name in os.listdir("/lib/modules")
                if name.endswith(KERNEL_SUFFIX)
                and os.path.exists(f"/boot/vmlinuz-{name}")
                and os.path.exists(f"/lib/modules/{name}/modules.dep")]
    if not releases:
        raise NeedError("no stock Debian kernel in /boot; apt-get install linux-image-amd64")
    return max(releases, key=lambda name: [int(n) for n in re.findall(r"\d+", name)])


def module_files(release, names):
    """Paths of the named modules and what they depend on, in the order of loading.

    A module that is built into the kernel has no file and is left out."""
    root = f"/lib/modules/{release}"
    depends = {}
    with open(f"{root}/modules.dep", encoding="ascii") as lines:
        for line in lines:
            path, _, needed = line.partition(":")
            depends[_module_name(path)] = [path] + needed.split()
    with open(f"{root}/modules.builtin", encoding="ascii") as lines:
        builtin = {_module_name(line.strip()) for line in lines}
    ordered = []
    for name in names:
        name = name.replace("-", "_")
        if name in builtin:
            continue
        if name not in depends:
            raise NeedError(f"kernel {release} has no module {name}")
        # modules.dep lists a module's needs with the deepest one last.
        for path in reversed(depends[name]):
            if f"{root}/{path}" not in ordered:
                ordered.append(f"{root}/{path}")
    return ordered


def _module_name(path):
    return os.path.basename(path).split(".ko")[0].replace("-", "_")


def shared_libraries(program):
    """Paths of the shared libraries of a program, its dynamic loader among them."""
    with open(program, "rb") as file:
        if file.read(4) != b"\x7fELF":
            return []
    listing = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    if "not found" in listing.stdout:
        raise NeedError(f"{program} lacks shared libraries:\n{listing.stdout}")
    return re.findall(r"(/\S+) \(0x", listing.stdout)  # nothing for a static program


class Initramfs:
    """A file tree in memory, written as one archive. Paths are absolute paths of the guest."""

    def __init__(self):
        self._entries = {}  # path -> (mode, content)
        for path in ("/dev", "/proc", "/sys", "/tmp", "/run", "/root", "/etc", "/var/log"):
            self.add_directory(path)
        # The kernel opens the first program's console before devtmpfs is there.
        self._console()

    def add_directory(self, path):
        """Adds a directory and those above it."""
        if path in ("", "/") or path in self._entries:
            return
        self.add_directory(os.path.dirname(path))
        self._entries[path] = (stat.S_IFDIR | 0o755, b"")

    def add_text(self, path, text, mode=0o644):
        """Adds a file with this content."""
        self.add_directory(os.path.dirname(path))
        self._entries[path] = (stat.S_IFREG | mode, text.encode())

    def add_link(self, path, target):
        """Adds a symbolic link."""
        self.add_directory(os.path.dirname(path))
        self._entries[path] = (stat.S_IFLNK | 0o777, target.encode())

    def add_file(self, path, source):
        """Copies a file of this machine, links followed, or a whole directory."""
        if os.path.isdir(source):
            self.add_directory(path)
            for name in sorted(os.listdir(source)):
                self.add_file(f"{path}/{name}", f"{source}/{name}")
            return
        if not os.path.exists(source):
            raise NeedError(f"{source} does not exist")
        self.add_directory(os.path.dirname(path))
        with open(source, "rb") as file:
            mode = stat.S_IFREG | (os.fstat(file.fileno()).st_mode & 0o777)
            self._entries[path] = (mode, file.read())

    def add_program(self, path, source):
        """Copies a program and its shared libraries."""
        self.add_file(path, source)
        for library in shared_libraries(source):
            if library not in self._entries:
                self.add_file(library, library)

    def write(self, path):
        """Writes the archive."""
        with open(path, "wb") as out:
            for number, name in enumerate(sorted(self._entries), start=1):
                mode, content = self._entries[name]
                device = (5, 1) if stat.S_ISCHR(mode) else (0, 0)  # /dev/console
                _write_entry(out, number, name.lstrip("/"), mode, device, content)
            _write_entry(out, 0, "TRAILER!!!", 0, (0, 0), b"")

    def _console(self):
        self._entries["/dev/console"] = (stat.S_IFCHR | 0o600, b"")


def _write_entry(out, inode, name, mode, device, content):
    encoded = name.encode() + b"\0"
    fields = (inode, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(encoded), 0)
    header = b"070701" + b"".join(b"%08X" % field for field in fields)
    out.write(_padded(header + encoded))
    out.write(_padded(content))


def _padded(data):
    return data + b"\0" * (-len(data) % 4)
