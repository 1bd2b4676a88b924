"""The real freshetd and freshet, for black-box tests.

Daemon starts, watches and ends one freshetd. FreshetTest is the TestCase of all such tests: it
gives each test a folder of its own, ends the daemons it started, and prints their logs when the
test fails. Binaries are those of the build folder that FRESHET_BUILD names.
"""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from http_client import Client

# Only a failing test waits this long: generous, because sanitizers and busy machines are slow.
DEADLINE_SECONDS = float(os.environ.get("FRESHET_DEADLINE_SECONDS", "120"))


def binary(name):
    """The path of freshetd or freshet in the build folder."""
    if "FRESHET_BUILD" not in os.environ:
        sys.exit("FRESHET_BUILD must name the build folder that has freshetd and freshet")
    return str(pathlib.Path(os.environ["FRESHET_BUILD"]) / name)


def clean_environment(more=()):
    """This process's environment without FRESHET_..., which the daemon takes for settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FRESHET_")}
    return {**kept, **dict(more)}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, what, seconds=DEADLINE_SECONDS):
    """Polls until condition() is true and returns its value; AssertionError at the deadline."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds} s still not: {what}")
        time.sleep(0.005)


class Daemon:
    """One freshetd over one data folder. May be started again after it ended."""

    def __init__(self, data, log_path, settings=None, arguments=(), environment=None):
        self.data = pathlib.Path(data)
        self.log_path = pathlib.Path(log_path)
        self.settings = dict(settings or {})
        self.arguments = list(arguments)
        self.environment = dict(environment or {})
        self.port = None
        self.process = None

    def command(self):
        command = [binary("freshetd"), "--data", str(self.data)]
        command += ["--listen", f"127.0.0.1:{self.port}"]
        for key, value in self.settings.items():
            command += ["--set", f"{key}={value}"]
        return command + self.arguments

    def launch(self):
        """Starts the process and does not wait until it is ready."""
        assert self.process is None or self.process.poll() is not None, "it runs already"
        self.port = self.port or free_port()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=clean_environment(self.environment))
        return self

    def start(self):
        self.launch()
        return self.wait_ready()

    def wait_ready(self):
        def ready():
            if self.process.poll() is not None:
                code = self.process.returncode
                raise AssertionError(f"freshetd ended with {code}:\n{self.log()}")
            return self.readiness() == 200
        wait_until(ready, "freshetd is ready")
        return self

    def readiness(self):
        """The status of /readyz, or None while nobody listens."""
        try:
            with self.client(timeout=10) as client:
                return client.get("/readyz").status
        except OSError:
            return None

    def client(self, timeout=DEADLINE_SECONDS):
        return Client(self.port, timeout)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """kill -9."""
        if self.running():
            os.kill(self.process.pid, signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def terminate(self):
        """SIGTERM; returns the exit code."""
        os.kill(self.process.pid, signal.SIGTERM)
        return self.wait_exit()

    def wait_exit(self):
        try:
            return self.process.wait(DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"freshetd did not end in {DEADLINE_SECONDS} s") from None

    def log(self):
        try:
            return self.log_path.read_text(errors="replace")
        except FileNotFoundError:
            return ""


def run_freshet(*arguments, check=True, **options):
    """Runs the command line tool; an AssertionError shows what it said when it fails."""
    result = subprocess.run([binary("freshet"), *map(str, arguments)], stdin=subprocess.DEVNULL,
                            capture_output=True, text=True, timeout=DEADLINE_SECONDS * 2,
                            check=False, env=clean_environment(), **options)
    if check and result.returncode != 0:
        raise AssertionError(f"freshet {' '.join(map(str, arguments))}: exit code "
                             f"{result.returncode}\n{result.stdout}{result.stderr}")
    return result


def dump(data):
    """`freshet dump` of a stopped daemon's folder."""
    return run_freshet("dump", "--data", data).stdout


class FreshetTest(unittest.TestCase):
    """A test with a folder of its own, and daemons that end with it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="freshet-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.daemons = []
        self.logs = []

    def make_daemon(self, data="data", settings=None, arguments=(), environment=None):
        """A daemon over the folder `data` of this test that is not started yet."""
        log = self.folder / f"freshetd-{len(self.daemons)}.log"
        daemon = Daemon(self.folder / data, log, settings, arguments, environment)
        self.daemons.append(daemon)
        self.addCleanup(self.end_daemon, daemon)
        return daemon

    def start_daemon(self, *args, **options):
        return self.make_daemon(*args, **options).start()

    def connect(self, daemon):
        client = daemon.client()
        self.addCleanup(client.close)
        return client

    def end_daemon(self, daemon):
        daemon.kill()
        self.logs.append(daemon.log())

    def stop_and_dump(self, daemon):
        """Ends the daemon in peace and returns its folder's state."""
        self.assertEqual(daemon.terminate(), 0, "the exit code after SIGTERM")
        return dump(daemon.data)

    def run(self, result=None):
        result = result or self.defaultTestResult()
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            for log in self.logs:
                print(f"\n--- log of freshetd in {self.id()} ---\n{log[-20000:]}", file=sys.stderr)
        return result


def main():
    """Runs the calling module's tests. Exits with 77, a skip for CTest, when all were skipped."""
    program = unittest.main(module="__main__", exit=False)
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    if result.skipped and len(result.skipped) >= result.testsRun:
        sys.exit(77)
