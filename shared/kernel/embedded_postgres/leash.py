"""Starts a program that must not outlive its parent; run as a script, and becomes the program.

``python -I -S leash.py PARENT_PID SIGNAL USER|- PROGRAM ARGUMENT...``: takes on the user if one is named, asks the
kernel for SIGNAL when the parent ends however it ends (``kill -9`` included), and replaces itself with the program, so
that the pid the parent knows is the program's own. Where the kernel has no such promise (macOS) the program starts
without it and the next start of the parent finds what was left.

Python's ``preexec_fn`` could do the same but is not safe in a process that has threads. Only the standard library, all
of it imported before the change of user: as another user the interpreter's own folder may be closed to us.
"""

import ctypes
import grp
import os
import pwd
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
PARENT_IS_GONE = 97


def leashed(command: list[str], *, on_parent_death: signal.Signals, user: str | None = None) -> list[str]:
    """The command line that runs ``command`` on a leash held by the calling process.

    The kernel ties the leash to the calling *thread*: call ``Popen`` from one that lives as long as the child should.
    """
    script = str(Path(__file__).resolve())
    signal_number = str(int(on_parent_death))
    return [sys.executable, "-I", "-S", script, str(os.getpid()), signal_number, user or "-", *command]


def die_with_parent(signal_number: int) -> None:
    """Has the kernel send this process the signal when the thread that started it ends; nothing on other systems."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)


def become(user: str) -> None:
    """Gives up root for good: groups, group, user, in that order."""
    entry = pwd.getpwnam(user)
    groups = [group.gr_gid for group in grp.getgrall() if user in group.gr_mem]
    os.setgroups(groups)
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def main(arguments: list[str]) -> int:
    """Takes the user, ties the leash, becomes the program; returns only when the parent is already gone."""
    parent, signal_number, user, *command = arguments
    if user != "-":
        become(user)
    # A change of user clears the leash, so it is tied afterwards.
    die_with_parent(int(signal_number))
    for inherited in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(inherited, signal.SIG_DFL)
    if os.getppid() != int(parent):
        return PARENT_IS_GONE
    os.execvp(command[0], command)  # noqa: S606 - the parent's own argument list, and no shell is wanted


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
