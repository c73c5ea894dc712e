"""Every system call that matters is made to fail or to kill its process, one run after another."""

import re
import shutil
import subprocess
import sys
import textwrap

import pytest

from groundup.storage import Log, read_log, sweep, write_text

FAULTS = ["signal=KILL", "error=ENOSPC", "error=EIO"]
OLD, NEW = "old" * 3000, "new" * 5000


def _strace_works():
    command = ["strace", "-o", "/dev/null", "-e", "inject=fsync:error=EIO", "true"]
    return shutil.which("strace") and subprocess.run(command, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not _strace_works(), reason="strace is missing or not permitted")


def runs(tmp_path, code, calls, fault, prepare):
    """Run the code with the fault at the 1st, 2nd, … of these calls, until there is none left."""
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(code), encoding="utf-8")
    trace = tmp_path / "trace"
    work = tmp_path / "work"
    for when in range(1, 100):
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        prepare(work)
        strace = ["strace", "-o", trace, "-e", f"inject={calls}:{fault}:when={when}"]
        done = subprocess.run(
            [*strace, sys.executable, "-B", script, work / "file"],
            capture_output=True,
            text=True,
            check=False,
        )
        hit = re.search("INJECTED|killed by SIGKILL", trace.read_text(encoding="utf-8"))
        yield work, done
        if not hit:
            assert done.returncode == 0, done.stderr
            assert when > 1
            return


@pytest.mark.parametrize("fault", FAULTS)
def test_a_log_keeps_every_acknowledged_record(tmp_path, fault):
    code = """
        import sys
        from groundup.storage import Log
        log = Log(sys.argv[1])
        for n in range(2, 5):
            log.append({"n": n}, durable=True)
            print(n, flush=True)
        log.truncate(4)
        print("cut", flush=True)
    """

    def prepare(work):
        with Log(work / "file") as log:
            log.append({"n": 0})
            log.append({"n": 1})
        with (work / "file").open("ab") as file:
            file.write(b'{"n":2,"cr')

    for work, done in runs(tmp_path, code, "write,fsync,ftruncate", fault, prepare):
        told = done.stdout.split()
        with Log(work / "file") as log:
            found = [record["n"] for record in log.read()]
        if told and told[-1] == "cut":
            assert found == [0, 1, 2, 3]
        else:
            least = 2 + len(told)
            assert found == list(range(len(found)))
            assert min(least, 4) <= len(found) <= min(least + 1, 5)
        assert read_log(work / "file") == [{"n": n} for n in found]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_is_the_old_or_the_new_one(tmp_path, fault):
    code = f"""
        import sys
        from groundup.storage import write_text
        write_text(sys.argv[1], {NEW!r})
        print("done", flush=True)
    """

    def prepare(work):
        write_text(work / "file", OLD)

    seen = set()
    for work, done in runs(tmp_path, code, "write,fsync,rename,unlink", fault, prepare):
        found = (work / "file").read_text(encoding="utf-8")
        assert found in {OLD, NEW}
        assert found == NEW or not done.stdout
        sweep(work)
        assert [path.name for path in work.iterdir()] == ["file"]
        seen.add(found)
    assert seen == {OLD, NEW}
