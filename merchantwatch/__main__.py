"""``python -m merchantwatch`` is the command ``merchantwatch``, and what that starts with."""

from merchantwatch.support.descriptors import fill_descriptors
from merchantwatch.support.signals import handle_signals

fill_descriptors()  # before anything is opened, and so before the pipe of the signals
handle_signals()  # before all else is loaded: signals come at any moment

import os  # noqa: E402
import sys  # noqa: E402
from contextlib import suppress  # noqa: E402
from typing import NoReturn  # noqa: E402

from merchantwatch.cli import main as run  # noqa: E402
from merchantwatch.support.leftovers import remove_all  # noqa: E402


def main() -> NoReturn:
    """Run the command line, and end the process at once.

    Python's own shutdown would take longer than many commands, and ignore signals meanwhile.
    """
    try:
        run()
    except SystemExit as ended:
        remove_all()
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        code = ended.code or 0
        os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    main()
