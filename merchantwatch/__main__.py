"""``python -m merchantwatch`` is the command ``merchantwatch``."""

from merchantwatch.cli import main

if __name__ == "__main__":
    main()
