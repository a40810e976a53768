"""``python -m merchantwatch`` is the command ``merchantwatch``, and what that starts with."""

from merchantwatch.support.signals import heed_signals

heed_signals()  # before all else is loaded: signals come at any moment

from merchantwatch.cli import main  # noqa: E402

__all__ = ["main"]

if __name__ == "__main__":
    main()
