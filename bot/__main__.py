"""Run Kopir as `python -m bot`, the same as the `kopir` command."""

from bot.cli import main

if __name__ == "__main__":
    main()
