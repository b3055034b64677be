"""The sandbox's command line: serve a local Discord, or print a server of a running one as a tree."""

import argparse
import asyncio
import json
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from aiohttp import ClientError, ClientSession

from sandbox.bits import BOT_DEFAULT, Permission
from sandbox.server import Sandbox, Settings, running

_DEFAULTS = Settings()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    if options.command == "tree":
        return asyncio.run(_print_tree(options.url.rstrip("/"), options.guild))
    return asyncio.run(_serve(_settings(options), options.ready_file))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kopir sandbox", description="A local Discord to rehearse with.")
    parser.set_defaults(command="serve")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    parser.add_argument("--token", default=_DEFAULTS.token, help="the bot's token")
    parser.add_argument("--guild-id", type=int, help="id of the first server")
    parser.add_argument("--guild-name", default=_DEFAULTS.guild_name, help="name of the first server")
    parser.add_argument("--bot-name", default=_DEFAULTS.bot, help="name of the bot and of its role")
    parser.add_argument("--bot-permissions", type=int, default=int(BOT_DEFAULT), help="the bot's permission integer")
    parser.add_argument("--hurry", type=float, default=1, help="divide rate-limit windows by this; 0: no limits")
    parser.add_argument("--ready-file", type=Path, help="also write the ready line here")
    tree = parser.add_subparsers(dest="command").add_parser("tree", help="print a server of a running sandbox")
    tree.add_argument("--url", required=True, help="the running sandbox's address")
    tree.add_argument("--guild", help="the server's id; the first one if not given")
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    return Settings(
        token=options.token,
        guild_id=options.guild_id,
        guild_name=options.guild_name,
        bot=options.bot_name,
        permissions=Permission(options.bot_permissions),
        host=options.host,
        port=options.port,
        hurry=options.hurry,
    )


async def _serve(settings: Settings, ready_file: Path | None) -> int:
    stopped = asyncio.Event()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_, stopped.set)
    async with running(settings) as sandbox:
        _announce(_ready_line(sandbox), ready_file)
        await stopped.wait()
    return 0


def _ready_line(sandbox: Sandbox) -> str:
    facts = {
        "api_url": sandbox.api_url,
        "url": sandbox.url,
        "token": sandbox.token,
        "guild_id": str(sandbox.guild_id),
        "application_id": str(sandbox.application.id),
    }
    return json.dumps(facts) + "\n"


def _announce(line: str, ready_file: Path | None) -> None:
    if ready_file is not None:
        # Renamed into place: whoever waits for the file never reads half of it.
        unfinished = ready_file.with_name(ready_file.name + ".part")
        unfinished.write_text(line, encoding="utf-8")
        unfinished.replace(ready_file)
    sys.stdout.write(line)
    sys.stdout.flush()


async def _print_tree(url: str, guild: str | None) -> int:
    try:
        async with (
            ClientSession(raise_for_status=True) as session,
            session.get(f"{url}/_sandbox/guilds/{guild or 'first'}/tree") as answer,
        ):
            sys.stdout.write(await answer.text())
    except ClientError as error:
        sys.stderr.write(f"No sandbox answers at {url}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
