"""`zhanggui` that starts at once, for guides with dozens of commands.

One process imports the package; every call is a fork of it: a process of its own, with the caller's arguments,
environment, folder and open files, that runs the same `main` as `python -m zhanggui`.
"""

import json
import os
import runpy
import shutil
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
_CLIENT = """#!{python} -SI
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as line:
    line.connect({address!r})
    call = [{script!r}, sys.argv[1:], os.getcwd(), dict(os.environ)]
    socket.send_fds(line, [json.dumps(call).encode() + b"\\n"], [0, 1, 2])
    answer = line.makefile().readline()
sys.exit(int(answer) if answer else 255)
"""


def _serve(address: str) -> None:
    # What every call would spend its time on: the package, and the lexicons that the first proof reads.
    import zhanggui.cli
    from zhanggui.catalog import ListingCopy, Voice, facts_of, prove

    facts = facts_of({"title": "Enamel cup 搪瓷杯", "attributes": {"Colour": "Blue"}})
    prove(ListingCopy("蓝色搪瓷杯 300ml"), facts, locale="zh-CN", channel="taobao", voice=Voice())
    prove(ListingCopy("Blue cup, 300 ml"), facts, locale="en", channel="amazon", voice=Voice())
    del zhanggui
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen()
        os.write(1, b"ready\n")
        while True:
            line, _ = door.accept()
            if os.fork() == 0:
                door.close()
                _answer(line)
            line.close()
            while _reaped():
                pass


def _reaped() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def _answer(line: socket.socket) -> None:
    """Receive a call, run it in a child, answer with its exit status. Returns in the child only, by `SystemExit`."""
    data, files, _, _ = socket.recv_fds(line, 1 << 20, 3)
    while not data.endswith(b"\n"):
        data += line.recv(1 << 20)
    script, arguments, folder, environment = json.loads(data)
    child = os.fork()
    if child == 0:
        line.close()
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        _run(script, arguments)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    line.sendall(f"{status if status >= 0 else 128 - status}\n".encode())
    os._exit(0)


def _run(script: bool, arguments: list[str]) -> None:
    if script:
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")
    else:
        from zhanggui.cli import main

        sys.argv = ["zhanggui", *arguments]
        sys.modules["__main__"].__package__ = ""  # or the help would call itself `python -m tests.docs.…`
        main()
    sys.exit(0)


@contextmanager
def warm_commands(folder: Path) -> Generator[Path]:
    """A folder with the commands `zhanggui` and `python` (of a script), for the head of PATH."""
    folder.mkdir()
    address = str(folder / "door")
    environment = {**os.environ, "COLUMNS": "110", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "tests.docs.warm", address]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None and server.stdout.readline() == b"ready\n"
            for name in ("zhanggui", "python"):
                client = folder / name
                client.write_text(_CLIENT.format(python=sys.executable, address=address, script=name == "python"))
                client.chmod(0o755)
            yield folder
        finally:
            server.kill()
            shutil.rmtree(folder)


if __name__ == "__main__":
    _serve(sys.argv[1])
