"""The `kopir` command: reads options, runs the work, prints, and turns errors into one sentence and an exit code."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Annotated

import typer

from bot import commands, explaining, keys, people, privacy, purging, undoing
from bot import status as shown
from bot.app import DEFAULT_SETTINGS, App, open_app
from bot.demo import FOLDER, run_demo, terminal_language
from sync.errors import KopirError, SettingsInvalid
from sync.settings_file import language
from sync.texts import LANGUAGES, Texts, texts


class Exit(IntEnum):
    """What a command ends with."""

    DONE = 0
    ERROR = 1
    CHANGES = 2
    HELD = 3
    SETTINGS = 4


SettingsOption = Annotated[Path, typer.Option("--settings", envvar="KOPIR_SETTINGS", help="The settings file.")]
SchoolOption = Annotated[str, typer.Option("--school", help="Only this school, by the id of its section.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
PullOption = Annotated[
    bool, typer.Option("--pull/--no-pull", help="Read the sources first, or take the tables as they are.")
]
ApproveOption = Annotated[
    str, typer.Option("--approve", metavar="DIGEST", help="Also do the held removals of this very plan.")
]
DiscardOption = Annotated[
    str, typer.Option("--discard", metavar="DIGEST", help="Never do the held removals of this very plan.")
]
ReconsiderOption = Annotated[bool, typer.Option("--reconsider", help="Ask again about all that was discarded.")]

VerifyOption = Annotated[bool, typer.Option("--verify", help="Look also at every message and pin on the server.")]
RetryOption = Annotated[bool, typer.Option("--retry", help="Try again also what Discord refused before.")]

app = typer.Typer(
    name="kopir",
    help="Keep a school's Discord server equal to its class lists and course pages.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _root(debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False) -> None:
    os.environ["KOPIR_DEBUG"] = "1" if debug else ""


@app.command()
def pull(settings: SettingsOption = DEFAULT_SETTINGS, school: SchoolOption = "", as_json: JsonOption = False) -> None:
    """Read the sources into the tables. Receipts are written beside the files; Discord is not touched."""
    _work(settings, school, lambda opened: commands.pull(opened, as_json=as_json))


@app.command()
def plan(
    settings: SettingsOption = DEFAULT_SETTINGS,
    school: SchoolOption = "",
    as_json: JsonOption = False,
    pull_first: PullOption = True,
    everything: Annotated[bool, typer.Option("--all", help="Print every change, however many.")] = False,
) -> None:
    """Show what a sync would change on Discord. Nothing is changed there; exit code 2 when there is something."""
    _work(
        settings,
        school,
        lambda opened: commands.plan(opened, as_json=as_json, pull_first=pull_first, everything=everything),
    )


@app.command()
def apply(
    settings: SettingsOption = DEFAULT_SETTINGS,
    school: SchoolOption = "",
    as_json: JsonOption = False,
    approve: ApproveOption = "",
    discard: DiscardOption = "",
    reconsider: ReconsiderOption = False,
    retry: RetryOption = False,
) -> None:
    """Bring Discord in line with the tables. The sources are not read."""
    verdict = commands.Verdict(approve, discard, reconsider, retry)
    _work(settings, school, lambda opened: commands.apply(opened, as_json=as_json, verdict=verdict, pull_first=False))


@app.command()
def sync(
    settings: SettingsOption = DEFAULT_SETTINGS,
    school: SchoolOption = "",
    as_json: JsonOption = False,
    approve: ApproveOption = "",
    discard: DiscardOption = "",
    reconsider: ReconsiderOption = False,
    retry: RetryOption = False,
    verify: VerifyOption = False,
) -> None:
    """Read the sources and bring Discord in line with them. Exit code 3 when removals are held for approval."""
    verdict = commands.Verdict(approve, discard, reconsider, retry, verify)
    _work(settings, school, lambda opened: commands.apply(opened, as_json=as_json, verdict=verdict, pull_first=True))


@app.command()
def run(settings: SettingsOption = DEFAULT_SETTINGS, school: SchoolOption = "") -> None:
    """Keep everything in sync until stopped. It follows schedules, dropped files, who joins, and changes on Discord."""
    _work(settings, school, commands.run)


@app.command()
def check(settings: SettingsOption = DEFAULT_SETTINGS, school: SchoolOption = "", as_json: JsonOption = False) -> None:
    """Try what a sync needs: the sources, the server, permissions. Nothing is changed, in no table and nowhere else."""
    _work(settings, school, lambda opened: commands.check(opened, as_json=as_json))


@app.command()
def status(
    settings: SettingsOption = DEFAULT_SETTINGS,
    school: SchoolOption = "",
    as_json: JsonOption = False,
    person: Annotated[
        str, typer.Option("--person", help="Explain the roles of somebody, by id, e-mail or Discord user id.")
    ] = "",
) -> None:
    """Show the last pulls and runs. With --person, explain one's roles."""

    def work(opened: App) -> int:
        return explaining.explain(opened, person, as_json=as_json) if person else shown.status(opened, as_json=as_json)

    _work(settings, school, work)


@app.command()
def link(
    person: Annotated[str, typer.Argument(help="The person's id in the roster, or e-mail.")],
    user: Annotated[str, typer.Argument(help="The Discord user name or user id.")],
    settings: SettingsOption = DEFAULT_SETTINGS,
    school: SchoolOption = "",
) -> None:
    """Tie a person of the roster to a Discord account."""
    _work(settings, school, lambda opened: people.link(opened, person, user))


@app.command()
def unlink(
    person: Annotated[str, typer.Argument(help="The person's id in the roster, or e-mail.")],
    settings: SettingsOption = DEFAULT_SETTINGS,
    school: SchoolOption = "",
) -> None:
    """Untie a person from their Discord account."""
    _work(settings, school, lambda opened: people.unlink(opened, person))


@app.command()
def readmit(
    person: Annotated[str, typer.Argument(help="The id as source:id, the e-mail, or the Discord user id.")],
    settings: SettingsOption = DEFAULT_SETTINGS,
    school: SchoolOption = "",
) -> None:
    """Let somebody in who came back and has to wait."""
    _work(settings, school, lambda opened: people.readmit(opened, person))


@app.command()
def export(
    person: Annotated[str, typer.Argument(help="The id as source:id, the e-mail, or the Discord user id.")],
    settings: SettingsOption = DEFAULT_SETTINGS,
    school: SchoolOption = "",
) -> None:
    """Print all that is stored about a person. It is JSON, and finds people who are in no class list any more, too."""
    _work(settings, school, lambda opened: privacy.export(opened, person))


@app.command()
def forget(
    person: Annotated[str, typer.Argument(help="The id as source:id, the e-mail, or the Discord user id.")],
    settings: SettingsOption = DEFAULT_SETTINGS,
    school: SchoolOption = "",
    yes: Annotated[bool, typer.Option("--yes", help="Ask no question.")] = False,
    tables_only: Annotated[
        bool, typer.Option("--tables-only", help="Leave Discord as it is, such as when the server is gone.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Let somebody be stored again who was forgotten.")] = False,
) -> None:
    """Erase a person for good, on Discord and from the tables. No pull brings them back."""
    if undo:
        _work(settings, school, lambda opened: privacy.remember(opened, person))
    else:
        _work(settings, school, lambda opened: privacy.forget(opened, person, yes=yes, tables_only=tables_only))


@app.command()
def purge(
    course: Annotated[str, typer.Argument(help="The course's id as `source:id`, or its title.")] = "",
    settings: SettingsOption = DEFAULT_SETTINGS,
    school: SchoolOption = "",
    as_json: JsonOption = False,
    everything: Annotated[bool, typer.Option("--all-archived", help="All courses in the archive.")] = False,
    older_than: Annotated[str, typer.Option("--older-than", metavar="DAYS", help="All that stand there so long.")] = "",
    yes: Annotated[str, typer.Option("--yes", metavar="DIGEST", help="Do not ask: delete exactly this.")] = "",
) -> None:
    """Delete archived courses for good. It shows what would go, and asks first."""
    wish = purging.Wish(course, everything, older_than)
    _work(settings, school, lambda opened: purging.purge(opened, wish, yes=yes, as_json=as_json))


@app.command()
def undo(
    run: Annotated[str, typer.Argument(help="The run as `kopir status` names it, or `last`.")],
    settings: SettingsOption = DEFAULT_SETTINGS,
    school: SchoolOption = "",
    as_json: JsonOption = False,
    everything: Annotated[bool, typer.Option("--all", help="Print every change, however many.")] = False,
    yes: Annotated[str, typer.Option("--yes", metavar="DIGEST", help="Do it: exactly what was shown.")] = "",
) -> None:
    """Show what would undo a run, and do it when asked to. What somebody changed since stays."""
    _work(
        settings,
        school,
        lambda opened: undoing.undo(opened, run, yes=yes, as_json=as_json, everything=everything),
    )


@app.command()
def new_key(file: Annotated[Path, typer.Argument(help="The file; an old key in it stays behind the new one.")]) -> None:
    """Make a key for encrypting contacts. Only you can read its file."""
    with _plainly("") as words:
        keys.make_key(file, words)


@app.command()
def lost_key(
    settings: SettingsOption = DEFAULT_SETTINGS,
    yes: Annotated[bool, typer.Option("--yes", help="Ask no question.")] = False,
) -> None:
    """Empty the contacts whose key is lost. The next pull fills them in again."""
    with _plainly(language(settings)) as words:
        keys.drop(settings, words, yes=yes)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
)
def sandbox(context: typer.Context) -> None:
    """Start a local stand-in for Discord. Rehearse before you touch the real server."""
    os.execv(sys.executable, [sys.executable, "-m", "sandbox", *context.args])  # noqa: S606  our own module


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--folder", help="Where to play; made anew each time.")] = FOLDER,
    spoken: Annotated[str, typer.Option("--language", help="kk, ru or en; yours if not given.")] = "",
    keep: Annotated[bool, typer.Option("--keep", help="Leave all running at the end, until Ctrl-C.")] = False,
) -> None:
    """Play a sample school on a local stand-in. Nothing leaves this computer."""
    with _plainly(spoken if spoken in LANGUAGES else ""):
        code = run_demo(folder, spoken, keep=keep)
    raise typer.Exit(code)


def _work(settings: Path, school: str, work: Callable[[App], int | None]) -> None:
    with _plainly(language(settings)), open_app(settings, school) as opened:
        code = work(opened)
    raise typer.Exit(code or Exit.DONE)


@contextmanager
def _plainly(chosen: str) -> Iterator[Texts]:
    """Say an error as one plain sentence on stderr, in the chosen language or else the terminal's, which is given."""
    words = texts(chosen or terminal_language())
    try:
        yield words
    except KopirError as error:
        if os.environ.get("KOPIR_DEBUG"):
            raise
        sys.stderr.write(f"{words.say(error.said)}\n")
        raise typer.Exit(Exit.SETTINGS if isinstance(error, SettingsInvalid) else Exit.ERROR) from error
    except KeyboardInterrupt as error:
        sys.stderr.write(words.text("Stopped. What was done stays; the next run goes on from there.") + "\n")
        raise typer.Exit(Exit.ERROR) from error


def main() -> None:
    """Run the command line."""
    app()
