# SPDX-License-Identifier: MIT
"""Private IPFS nodes on loopback, started and stopped by the tests.

The program is, in this order: `ipfs` from the PATH; Kubo v0.39.0 by `go install` (later versions cannot be installed so: their
go.mod has exclude directives); js-ipfs 0.66.1 from npm. What was installed stays in a folder below the build.
"""
import functools
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

KUBO = "github.com/ipfs/kubo/cmd/ipfs@v0.39.0"
# Newer releases of these three need a newer Node than js-ipfs knows.
JS_PACKAGE = {
    "private": True,
    "dependencies": {"ipfs": "0.66.1"},
    "overrides": {"@multiformats/multiaddr": "11.6.1", "@multiformats/mafmt": "11.0.3", "mortice": "3.0.1"},
}


def say(text):
    print(f"kubo tests: {text}", file=sys.stderr, flush=True)


def run(command, seconds, **more):
    """Returns (worked, output)."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                              timeout=seconds, text=True, check=False, **more)
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, str(error)
    return done.returncode == 0, done.stdout


def install_kubo(folder):
    go = shutil.which("go")
    if not go:
        return None, "there is no Go"
    folder.mkdir(parents=True, exist_ok=True)
    environment = dict(os.environ, GOBIN=str(folder), CGO_ENABLED="0", GOFLAGS="-p=1")
    worked, output = run(["nice", go, "install", KUBO], 3000, env=environment)
    return (folder / "ipfs", "") if worked else (None, output.strip()[-400:])


def install_js(folder):
    npm = shutil.which("npm")
    if not npm:
        return None, "there is no npm"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(json.dumps(JS_PACKAGE))
    worked, output = run(["nice", npm, "install", "--omit=optional", "--no-audit", "--no-fund"], 1800, cwd=folder)
    return (folder / "node_modules/.bin/jsipfs", "") if worked else (None, output.strip()[-400:])


@functools.cache
def find_program(folder):
    """The node's program and its kind, "kubo" or "js"."""
    folder = pathlib.Path(folder).absolute()
    found = shutil.which("ipfs")
    if found:
        return pathlib.Path(found), "kubo"
    for kind, path, install in (
        ("kubo", folder / "kubo/ipfs", lambda: install_kubo(folder / "kubo")),
        ("js", folder / "js/node_modules/.bin/jsipfs", lambda: install_js(folder / "js")),
    ):
        if path.exists():
            return path, kind
        begin = time.monotonic()
        program, why = install()
        if program:
            say(f"installed {program} in {time.monotonic() - begin:.0f} s")
            return program, kind
        say(f"{kind} cannot be installed: {why}")
    raise SystemExit("kubo tests: no IPFS node can be had here: install ipfs, Go or npm")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Node:
    """One node with a repository of its own. `offline` cuts it off from all others."""

    def __init__(self, program, kind, repo, offline=False):
        self.program, self.kind, self.repo, self.offline = program, kind, pathlib.Path(repo), offline
        self.process = None
        self.api = None
        self.environment = dict(os.environ, IPFS_PATH=str(self.repo))
        self.repo.mkdir(parents=True)
        profile = ["--profile=test"] if kind == "kubo" else ["--profile", "test", "-e"]
        self._must("init", *profile)
        self._configure()

    def _must(self, *arguments):
        worked, output = run([self.program, *arguments], 120, env=self.environment)
        if not worked:
            raise RuntimeError(f"{self.program} {' '.join(arguments)}: {output[-600:]}")
        return output

    def _configure(self):
        path = self.repo / "config"
        config = json.loads(path.read_text())
        addresses = config["Addresses"]
        for name in ("API", "Gateway", "RPC"):
            if name in addresses or name != "RPC":
                addresses[name] = f"/ip4/127.0.0.1/tcp/{free_port()}"
        addresses["Swarm"] = [f"/ip4/127.0.0.1/tcp/{free_port()}"]
        config["Bootstrap"] = []
        path.write_text(json.dumps(config))

    def start(self):
        arguments = ["daemon"] + (["--offline"] if self.offline else [])
        if self.kind == "js":
            arguments.append("--enable-preload=false")
        (self.repo / "api").unlink(missing_ok=True)
        with open(self.repo / "log", "ab") as log:
            self.process = subprocess.Popen([self.program, *arguments], env=self.environment, stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL)
        end = time.monotonic() + 90
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.api = (self.repo / "api").read_text().strip().removesuffix("/http")
                self.rpc("version")
                return self
            except (OSError, urllib.error.URLError):
                time.sleep(0.2)
        raise RuntimeError(f"the node does not start: {(self.repo / 'log').read_text()[-800:]}")

    def kill(self):
        """kill -9, as a crash would."""
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()
        self.process = None
        for name in ("repo.lock", "api"): # js-ipfs: the lock outlives its owner
            path = self.repo / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                pass
        self.kill()

    def url(self):
        _, _, host, _, port = self.api.split("/")[:5]
        return f"http://{host}:{port}"

    def rpc(self, command, *args, data=None, content_type=None, **options):
        query = urllib.parse.urlencode([("arg", a) for a in args] + [(k.replace("_", "-"), v) for k, v in options.items()])
        request = urllib.request.Request(f"{self.url()}/api/v0/{command}?{query}", method="POST", data=data or b"")
        if content_type:
            request.add_header("Content-Type", content_type)
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.read()

    def import_car(self, car):
        boundary = "kubo-tests-boundary"
        body = (f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.car"\r\n'
                "Content-Type: application/octet-stream\r\n\r\n").encode() + car + f"\r\n--{boundary}--\r\n".encode()
        return self.rpc("dag/import", data=body, content_type=f"multipart/form-data; boundary={boundary}")

    def has(self, cid):
        try:
            self.rpc("block/stat", cid, offline="true", timeout="1s")
            return True
        except urllib.error.HTTPError:
            return False

    def connect(self, other):
        identity = json.loads(other.rpc("id"))
        address = next(a for a in identity["Addresses"] if "/127.0.0.1/tcp/" in a and "/ws" not in a)
        if "/p2p/" not in address:
            address += f"/p2p/{identity['ID']}"
        self.rpc("swarm/connect", address)
