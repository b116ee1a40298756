"""A terminal of some width, in which a program runs: what it writes, with and without the signs that move a cursor."""

import fcntl
import os
import pathlib
import pty
import re
import signal
import struct
import subprocess
import termios
import time
import unicodedata

MOVE = r"\x1b\[[0-9;?]*[A-Za-ln-z]|\r"  # signs that move the cursor or wipe, not those that make bold
CONTROL = re.compile(rf"{MOVE}|\n")
LINK = re.compile(r"\x1b\]8;;([^\x1b]*)\x1b\\")
# A path, and a command that names one, stand whole, for a person to copy.
WHOLE = re.compile(r"^(results|report|go on|remove|follow|stop): |--resume|^ *\S*/\S*$")
BOLD = re.compile(r"\x1b\[[0-9;]*m")


class Terminal:
    """The end of a program in a terminal: everything that it wrote, and its exit code."""

    def __init__(self, columns: int, command, folder, interrupt_at: str | None = None, input=None, by=signal.SIGINT):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        environment = os.environ | {"TERM": "xterm-256color"}
        program = subprocess.Popen(
            [str(word) for word in command], cwd=folder, stdin=input or theirs, stdout=theirs, stderr=theirs, env=environment
        )
        os.close(theirs)
        written = b""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the program closed the terminal
                break
            if not piece:
                break
            written += piece
            if interrupt_at and interrupt_at.encode() in written:
                program.send_signal(by)
                interrupt_at = None
        os.close(ours)
        self.columns = columns
        self.code = program.wait(timeout=60)
        self.written = written.decode()

    def drawn(self) -> list[str]:
        """Every line that was drawn, those that were drawn over later among them, as the terminal breaks them."""
        pieces = [piece for piece in CONTROL.split(plain(self.written)) if piece.strip()]
        return [line for piece in pieces for line in broken(piece, self.columns)]

    def lines(self) -> list[str]:
        """The lines that stay: of each, what was drawn last."""
        return [re.split(MOVE, line)[-1] for line in plain(self.written).replace("\r\n", "\n").split("\n")]

    def is_as_stored(self, file: pathlib.Path, normal, code: int = 0) -> None:
        """The program ended with the code, its lines fit, and they are those of a file; `normal` takes out of a line what
        differs from run to run. FANOUT_WRITE=1 writes the file anew."""
        assert self.code == code, self.written
        lines = [normal(line) for line in self.lines()]
        for line in lines:
            assert width(line) <= self.columns or WHOLE.search(line), line
        text = "\n".join(lines).strip("\n") + "\n"
        if os.environ.get("FANOUT_WRITE"):
            file.write_text(text, encoding="utf-8")
        assert text == file.read_text(encoding="utf-8"), f"{file.name}: FANOUT_WRITE=1 writes it anew"

    def links(self) -> list[str]:
        """The places that links lead to."""
        return [place for place in LINK.findall(self.written) if place]


def plain(text: str) -> str:
    """A text without links and bold type."""
    return BOLD.sub("", LINK.sub("", text))


def broken(text: str, columns: int) -> list[str]:
    """The lines of a text that is longer than a terminal is wide."""
    lines, line = [], ""
    for character in text:
        if width(line + character) > columns:
            lines.append(line)
            line = ""
        line += character
    return [line.rstrip() for line in [*lines, line] if line.strip()]


def width(text: str) -> int:
    """The columns of a terminal that a text takes."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(bool(unicodedata.combining(character)) for character in text)
