"""A page of text: with colours on a terminal, plain and 80 columns wide elsewhere."""

import io
import sys
from typing import IO

from merchantwatch.support.harmless import harmless

WIDTH = 80


class Page:
    """Text in one language that is written when all of it is there."""

    def __init__(self, file: IO[bytes], lang: str) -> None:
        from rich.console import Console

        self.lang, self._file = lang, file
        # rich would ask its own file, which is a buffer here, and never see the terminal.
        terminal = file is sys.stdout.buffer and sys.stdout.isatty()
        self._buffer = io.StringIO()
        self._console = Console(
            file=self._buffer,
            force_terminal=terminal,
            no_color=not terminal,
            width=None if terminal else WIDTH,
            # Names of products may hold "[red]" or ":smile:", which rich would interpret.
            highlight=False,
            emoji=False,
            markup=False,
            # It would write to the console by itself, past the file.
            legacy_windows=False,
        )

    def line(self, text: str = "", style: str = "") -> None:
        """Print a text from the margin on."""
        self._console.print(harmless(text), style=style)

    def heading(self, text: str, *, most: int = 0) -> None:
        """Print a heading, apart from what stands above it, in at most so many lines."""
        from rich.text import Text as Styled

        # A word of a file may have line ends, which would make it look like lines of the page.
        shown = Styled(harmless(" ".join(text.splitlines())), style="bold underline")
        if most:
            shown.truncate(self._console.width * most, overflow="ellipsis")
        self.line()
        self._console.print(shown)

    def row(self, lead: str, text: str, style: str = "", *, most: int = 0) -> None:
        """Print a text beside its lead, further lines hanging under its first one.

        What may have ``most`` lines is cut where the last of them ends.
        """
        from rich.table import Table
        from rich.text import Text as Styled

        grid = Table.grid()
        grid.add_column(width=cells(lead), no_wrap=True)
        grid.add_column(overflow="fold")
        shown = Styled(harmless(" ".join(text.splitlines()) if most else text), style=style)
        # Line ends would make lines of their own, beyond those that are counted here.
        if most:
            shown.truncate((self._console.width - cells(lead)) * most, overflow="ellipsis")
        grid.add_row(Styled(harmless(lead)), shown)
        self._console.print(grid)

    def write(self) -> None:
        """Write the page into its file."""
        # rich fills lines with blanks up to the width, which would show in a diff or a mail.
        lines = (line.rstrip() for line in self._buffer.getvalue().splitlines())
        self._file.write("\n".join([*lines, ""]).encode())


def cells(text: str) -> int:
    """Return the width of a text in terminal cells: a Chinese character takes two."""
    from rich.cells import cell_len

    return cell_len(text)


def padded(text: str, width: int) -> str:
    """Return a text padded with blanks to a width in terminal cells."""
    return text + " " * max(0, width - cells(text))
