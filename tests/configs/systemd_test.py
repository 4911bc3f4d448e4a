#!/usr/bin/env python3
"""configs/systemd: systemd takes the units, the user and the folders, and finds the units safe."""

import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).absolute().parents[2]
FOLDER = ROOT / "configs" / "systemd"
PROGRAMS = ("joinery-agent", "joinery-control", "joinery-lb")
# What `systemd-analyze security` may say at most, of 100; a unit without any setting has 96. An
# agent must load a module and a balancer must open devices.
EXPOSURE = {"joinery-agent": 36, "joinery-control": 21, "joinery-lb": 42}


def run(*command, text=None):
    """Output; raises when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, input=text)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


class Units(unittest.TestCase):
    """One check a method."""

    def setUp(self):
        """The units as if the programs were installed: verify looks for them."""
        # pylint: disable=consider-using-with
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        for name in PROGRAMS:
            text = (FOLDER / f"{name}.service").read_text("utf-8")
            self.unit(name).write_text(text.replace(f"/usr/sbin/{name}", "/bin/true"), "utf-8")

    def unit(self, name):
        """The path of a unit."""
        return pathlib.Path(self.directory.name, f"{name}.service")

    def test_systemd_takes_them(self):
        """Without a word: also unknown keys are only warnings."""
        for name in PROGRAMS:
            with self.subTest(name):
                self.assertEqual(run("systemd-analyze", "verify", str(self.unit(name))), "")

    def test_they_are_services_that_tell_how_they_are(self):
        """Notify and watchdog, and a check of the file before the start."""
        for name in PROGRAMS:
            text = (FOLDER / f"{name}.service").read_text("utf-8")
            with self.subTest(name):
                for line in ("Type=notify\n", "WatchdogSec=20\n", "NoNewPrivileges=yes\n",
                             "ProtectSystem=strict\n", "LimitCORE=0\n",
                             f"ExecStartPre=/usr/sbin/{name} --check "):
                    self.assertIn(line, text)

    def test_they_expose_little(self):
        """A ratchet: lower it when a unit gets better."""
        for name, most in EXPOSURE.items():
            with self.subTest(name):
                run("systemd-analyze", "security", "--offline=true", f"--threshold={most}",
                    "--no-pager", str(self.unit(name)))

    def test_user_and_folders(self):
        """In a root of its own."""
        root = self.directory.name
        pathlib.Path(root, "etc").mkdir()
        run("systemd-sysusers", f"--root={root}", "-",
            text=(FOLDER / "joinery.sysusers").read_text("utf-8"))
        self.assertIn("joinery:x:", pathlib.Path(root, "etc/passwd").read_text("utf-8"))
        # The real one would give folders to its user; here only its lines are tried.
        lines = (FOLDER / "joinery.tmpfiles").read_text("utf-8").replace("root joinery", "- -")
        run("systemd-tmpfiles", f"--root={root}", "--create", "-", text=lines)
        for folder in ("run/joinery", "var/lib/joinery"):
            self.assertEqual(pathlib.Path(root, folder).stat().st_mode & 0o777, 0o775)


if __name__ == "__main__":
    unittest.main()
