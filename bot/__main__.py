"""Start Kopir: `python -m bot` and the `kopir` command are the same."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C while the libraries still load shows no traceback either."""
    try:
        from bot import cli  # noqa: PLC0415  takes a second, in which people may change their mind
    except KeyboardInterrupt:
        sys.exit(1)
    cli.main()


if __name__ == "__main__":
    main()
