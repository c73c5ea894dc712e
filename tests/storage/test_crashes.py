"""A file is the old or the new one whenever its writer is killed, by strace as an outside witness.

`python -m trust crashes` does this to every system call of every writer, with every fault.
"""

import re
import shutil
import subprocess
import sys
import textwrap

import pytest

from groundup.storage import sweep, write_text

OLD, NEW = "old" * 3000, "new" * 5000


def _strace_works():
    command = ["strace", "-o", "/dev/null", "-e", "inject=fsync:error=EIO", "true"]
    return shutil.which("strace") and subprocess.run(command, check=False).returncode == 0


@pytest.mark.skipif(not _strace_works(), reason="strace is missing or not permitted")
def test_a_file_is_the_old_or_the_new_one(tmp_path):
    script, work, trace = (tmp_path / name for name in ("script.py", "work", "trace"))
    code = f"""
        import sys
        from groundup.storage import write_text
        write_text(sys.argv[1], {NEW!r})
        print("done", flush=True)
    """
    script.write_text(textwrap.dedent(code), encoding="utf-8")
    work.mkdir()
    seen = []
    for when in range(1, 9):
        write_text(work / "file", OLD)
        strace = ["strace", "-o", trace, "-e", f"inject=fsync,rename:signal=KILL:when={when}"]
        done = subprocess.run(
            [*strace, sys.executable, "-B", script, work / "file"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        seen.append(((work / "file").read_text(encoding="utf-8"), done.stdout))
        sweep(work)
        assert [path.name for path in work.iterdir()] == ["file"]
        if not re.search("killed by SIGKILL", trace.read_text(encoding="utf-8")):
            break
    assert [("old" if text == OLD else "new" if text == NEW else "torn", told.strip())
            for text, told in seen] == [("old", ""), ("new", ""), ("new", "done")]  # fmt: skip
