"""Runs a program on a terminal of so many columns, and prints what it shows: terminal.py COLUMNS WORD...

TERMINAL_KEYS are typed at its start. TERMINAL_ERR is a file for standard error, which is the terminal, too, without it.
"""

import fcntl
import os
import pty
import struct
import sys
import termios


def main():
    columns, words = int(sys.argv[1]), sys.argv[2:]
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        if "TERMINAL_ERR" in os.environ:
            os.dup2(os.open(os.environ["TERMINAL_ERR"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666), 2)
        os.execvp(words[0], words)
    os.write(terminal, os.environ.get("TERMINAL_KEYS", "").encode())
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # the last process on the terminal has ended
            break
        if not part:
            break
        os.write(1, part.replace(b"\r\n", b"\n"))
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


main()
