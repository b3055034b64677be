"""Interactions as they live: who asked what, whether the bot has answered, and which messages it made.

`asking` starts them for a person, `answering` lets the bot reply, `payloads` shows them on the gateway.
"""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from sandbox import views
from sandbox.bits import MessageFlag
from sandbox.errors import ApiError
from sandbox.world import Application, Channel, Guild, Json, Message, User, World

DEADLINE_SECONDS = 3.0
"""How long a bot has for its first answer; documented."""

TOKEN_SECONDS = 15 * 60.0
"""How long the token edits and follows up; documented."""


class Kind(IntEnum):
    """What a person did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Reply(IntEnum):
    """How a bot answered first."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(slots=True, eq=False)
class Interaction:
    """One thing a person did with the bot; `source` is the message of the pressed component."""

    id: int
    kind: Kind
    bot: Application
    user: User
    channel: Channel
    guild: Guild | None
    data: Json
    asked_at: float
    locale: str = "en-US"
    source: Message | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    reply: Reply | None = None
    reply_data: Json = field(default_factory=dict)
    is_pending: bool = False
    original: Message | None = None
    messages: dict[int, Message] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def note_change(self) -> None:
        """Wake everybody who waits for the bot."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_until(self, is_done: Callable[[], bool], seconds: float) -> None:
        """Wait for the bot until `is_done`, for `seconds` at most."""
        try:
            async with asyncio.timeout(seconds):
                while not is_done():
                    await self._changed.wait()
        except TimeoutError:
            return

    def metadata(self) -> Json:
        """Return what a message says about the interaction that made it."""
        owners = {} if self.guild is None else {"0": str(self.guild.id)}
        return {
            "id": str(self.id),
            "type": int(self.kind),
            "user": views.user(self.user),
            "authorizing_integration_owners": owners,
        }


@dataclass(slots=True)
class Interactions:
    """All interactions of one sandbox, by id and by token."""

    world: World
    clock: Callable[[], float] = time.monotonic
    deadline: float = DEADLINE_SECONDS
    token_life: float = TOKEN_SECONDS
    _by_id: dict[int, Interaction] = field(default_factory=dict)
    _by_token: dict[str, Interaction] = field(default_factory=dict)

    def add(self, interaction: Interaction) -> Interaction:
        """Remember an interaction that is about to be shown to the bot."""
        self._by_id[interaction.id] = interaction
        self._by_token[interaction.token] = interaction
        return interaction

    def by_id(self, interaction_id: int) -> Interaction:
        """Return an interaction, or 10062."""
        interaction = self._by_id.get(interaction_id)
        if interaction is None:
            raise unknown_interaction()
        return interaction

    def to_answer(self, interaction_id: int, token: str) -> Interaction:
        """Return an interaction that may still be answered first: 10062 if late, 40060 if answered."""
        interaction = self.by_id(interaction_id)
        if interaction.token != token:
            raise unknown_interaction()
        if interaction.reply is not None:
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        if self.clock() - interaction.asked_at > self.deadline:
            raise unknown_interaction()
        return interaction

    def to_follow(self, bot_id: int, token: str) -> Interaction:
        """Return an answered interaction whose token still lives: 10015 or 50027 otherwise."""
        interaction = self._by_token.get(token)
        if interaction is None or interaction.bot.id != bot_id or interaction.reply is None:
            raise ApiError(404, 10015, "Unknown Webhook")
        if self.clock() - interaction.asked_at > self.token_life:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        return interaction

    def owner_of_hidden(self, message_id: int) -> Interaction | None:
        """Return the interaction that made an ephemeral message; only the person who asked can see it."""
        for interaction in self._by_id.values():
            message = interaction.messages.get(message_id)
            if message is not None and is_hidden(message):
                return interaction
        return None

    def hidden_for(self, user_id: int) -> list[Message]:
        """Return the ephemeral messages a person sees, oldest first."""
        return [
            message
            for interaction in self._by_id.values()
            if interaction.user.id == user_id
            for message in interaction.messages.values()
            if is_hidden(message)
        ]


def is_hidden(message: Message) -> bool:
    """Tell whether a message is ephemeral."""
    return bool(message.flags & MessageFlag.EPHEMERAL)


def unknown_interaction() -> ApiError:
    """Return the 404 for an interaction that never was or waited too long."""
    return ApiError(404, 10062, "Unknown interaction")
