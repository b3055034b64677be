"""Tell the story of `kopir demo`: a sample school, a local stand-in for Discord, and the commands one would type."""

import csv
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from bot.rehearsal import LocalDiscord, local_discord
from sync.errors import KopirError, Refused
from sync.phrases import Phrase
from sync.texts import LANGUAGES, N_, Texts, texts
from sync.words import KINDS

SAMPLE = Path(__file__).resolve().parent.parent / "examples" / "school"
FOLDER = Path(".demo")
GUILD = "1234567890"
SCHOOL = "Ақжол орта мектебі"
HURRY = 50.0
PLAN_CHANGES = 2
_MARK = ".kopir-demo"
_LATE = 2  # people who have a Discord name but did not join yet
_STRANGER = "curious_guest"
_CATEGORY = "  ▾"
_SETTINGS = """\
; Written by `kopir demo` for its local stand-in for Discord; the token is no secret there.
[kopir]
database = sqlite:///kopir.db
language = {language}
[discord]
token = {token}
api_url = {api_url}
[school:aqjol]
name = {name}
guild = {guild}
timezone = Asia/Almaty
; so that the demo shows its notice at any time of the day
quiet_hours = off
[source:aqjol/rosters]
type = csv
path = inbox
"""

PLACE = N_("A sample school is in the folder {folder}: its class lists, its courses, its settings.")
STANDIN = N_("A local stand-in for Discord listens at {url}; {count} people have joined its server.")
READ = N_("Read the class lists into the tables.")
BUILD = N_("Plan the server and build it.")
SERVER = N_("The server as it is now:")
AGAIN = N_("Once more, with nothing changed: nothing may be sent.")
SENT = N_("Discord was asked to change {writes} things; {reads} requests only looked.")
CHANGED = N_("Two pupils move, a course gets a new title, a test paper is replaced. First only the plan.")
APPLY = N_("And now for real.")
NEXT = N_("What next? Your own server: docs/quickstart.md. Rehearse with your own class lists: docs/sandbox.md.")
FILES = N_("To look around and try commands yourself: kopir demo --keep")
KEPT = N_("The stand-in keeps running for you; Ctrl-C ends it. In another window: kopir status --settings {settings}")
FAILED = N_("`kopir {command}` ended with exit code {code}; the demo stops here.")
UNSPOKEN = N_("--language {found}: write one of {known}.")
NO_SAMPLE = N_("The sample school is not here; it comes with Kopir's source. Clone it and start the demo there.")
FOREIGN = N_("{folder} is not a folder of the demo; name a new one with --folder, or remove it.")


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo plays: its folder, the language of what it says."""

    folder: Path
    words: Texts

    @property
    def settings(self) -> Path:
        """Return the settings file that the commands get."""
        return self.folder / "settings.ini"

    def tell(self, template: str, **values: object) -> None:
        """Say one sentence, in bold on a terminal."""
        typer.secho(f"\n{self.words.text(template).format(**values)}", bold=True)

    def run(self, command: str, *expected: int) -> None:
        """Run a command the way a person would. Raise KopirError when it ends with another exit code than expected."""
        typer.secho(f"$ kopir {command} --settings {self.settings}", dim=True)
        sys.stdout.flush()
        arguments = [sys.executable, "-m", "bot", command, "--settings", str(self.settings)]
        # Unbuffered, so that lines and progress keep their order where both go to a file.
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        code = subprocess.run(arguments, check=False, env=environment).returncode  # noqa: S603  our own command
        if code not in (expected or (0,)):
            raise KopirError(Phrase(FAILED, command=command, code=code))


def run_demo(folder: Path = FOLDER, language: str = "", *, keep: bool = False, sample: Path = SAMPLE) -> int:
    """Play the demo in a fresh folder and return an exit code; with `keep` wait for Ctrl-C at the end.

    Raise Refused when the folder is somebody else's, or when Kopir was installed without its examples.
    """
    stage = Stage(folder, texts(_language(language)))
    _prepare(folder, sample)
    try:
        with _ended_politely(), local_discord(folder, GUILD, SCHOOL, HURRY) as discord:
            code = _play(stage, discord, sample)
            if keep and not code:
                _linger(stage)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    return code


def _language(wanted: str) -> str:
    if wanted and wanted not in LANGUAGES:
        raise Refused(Phrase(UNSPOKEN, found=wanted, known=", ".join(LANGUAGES)))
    return wanted or terminal_language()


def terminal_language() -> str:
    """Return the language in which the terminal speaks, or English."""
    return language_of(os.environ.get("LC_ALL") or os.environ.get("LANG", ""))


def language_of(locale: str) -> str:
    """Choose the language of the narration from a locale name such as `ru_RU.UTF-8`."""
    return next((language for language in LANGUAGES if locale.casefold().startswith(language)), "en")


def shortened(tree: str) -> Iterator[str]:
    """Shorten a server's tree: pinned posts are shown for the first course and counted for the others."""
    last, pins, shown = "", 0, ""
    for line in [*tree.splitlines(), ""]:
        if not _is_pin(line):
            if last:
                yield last + (f"  📌 × {pins}" if pins else "")
            last, pins = _unmarked(line), 0
            shown = "done" if shown and line.startswith(_CATEGORY) else shown
        elif shown == "done":
            pins += 1
        else:
            yield last
            last, shown = _unmarked(line), "now"


def _said(tree: str, words: Texts) -> str:
    """Say the headings of a server's tree in the reader's language; the rest of it are names."""
    headings = {"roles": words.say(KINDS["role"]), "channels": words.say(KINDS["channel"])}
    members = f"({words.say(KINDS['member'])}: \\1)"
    name, *lines = tree.splitlines()
    return "\n".join([re.sub(r"\((\d+) members\)$", members, name), *(headings.get(line, line) for line in lines)])


def _is_pin(line: str) -> bool:
    return line.strip().startswith("📌")


def _unmarked(line: str) -> str:
    """Take markdown out of a post's first line, and a channel's topic, which a terminal has no room for."""
    return line.partition("  — ")[0].replace("**", "").replace("\\", "")


def _prepare(folder: Path, sample: Path) -> None:
    if not (sample / "inbox").is_dir():
        raise Refused(Phrase(NO_SAMPLE))
    if folder.exists() and not (folder / _MARK).exists():
        raise Refused(Phrase(FOREIGN, folder=folder))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / _MARK).touch()
    shutil.copytree(sample / "inbox", folder / "inbox")


def _play(stage: Stage, discord: LocalDiscord, sample: Path) -> int:
    joined = _people(stage.folder / "inbox" / "people.csv")
    discord.join(joined)
    values = {"token": discord.token, "api_url": discord.api_url, "name": SCHOOL, "guild": discord.guild}
    values["language"] = stage.words.language
    stage.settings.write_text(_SETTINGS.format(**values), "utf-8")
    stage.tell(PLACE, folder=stage.folder)
    stage.tell(STANDIN, url=discord.url, count=len(joined))
    _build(stage, discord)
    if not _nothing_again(stage, discord):
        return 1
    _change(stage, sample)
    stage.tell(NEXT)
    typer.echo(stage.words.text(FILES))
    return 0


def _people(file: Path) -> list[str]:
    """List who is on the server: those with a Discord name but the last few, and one stranger."""
    with file.open(encoding="utf-8", newline="") as rows:
        names = [row["discord"] for row in csv.DictReader(rows) if row["discord"]]
    return [*names[:-_LATE], _STRANGER]


def _build(stage: Stage, discord: LocalDiscord) -> None:
    stage.tell(READ)
    stage.run("pull")
    stage.tell(BUILD)
    stage.run("apply")
    stage.tell(SERVER)
    _echo(shortened(_said(discord.tree(), stage.words)))


def _nothing_again(stage: Stage, discord: LocalDiscord) -> bool:
    stage.tell(AGAIN)
    discord.forget_sent()
    stage.run("sync")
    counts = discord.sent()
    writes = sum(count for method, count in counts.items() if method != "GET")
    typer.echo(stage.words.text(SENT).format(writes=writes, reads=counts.get("GET", 0)))
    return not writes


def _change(stage: Stage, sample: Path) -> None:
    stage.tell(CHANGED)
    shutil.copytree(sample / "changed", stage.folder / "inbox", dirs_exist_ok=True)
    stage.run("plan", PLAN_CHANGES)
    stage.tell(APPLY)
    stage.run("sync")


def _linger(stage: Stage) -> None:
    stage.tell(KEPT, settings=stage.settings)
    try:
        while True:
            time.sleep(60)
    except KeyboardInterrupt:
        typer.echo()


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)


@contextmanager
def _ended_politely() -> Iterator[None]:
    """Turn a termination signal into an exception, so that the sandbox is ended too."""
    signals = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, _leave) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)
