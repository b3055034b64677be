"""What a bot's replies to an interaction do: messages seen by all or by one person, updates, modals, choices.

`answering` has the HTTP endpoints; nothing here knows HTTP.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox import messageform
from sandbox.bits import MessageFlag, MessageType
from sandbox.calls import File
from sandbox.errors import ApiError, invalid_field, unknown
from sandbox.events import Bus
from sandbox.forms import read
from sandbox.interactions import Interaction, Kind, Reply, is_hidden
from sandbox.posting import compose, post, revise
from sandbox.world import Json, Message, World

Files = tuple[File, ...]

_MODAL_TITLE = 45
_MODAL_COMPONENTS = 5
_CHOICES = 25
_CUSTOM_ID = 100
_ON_MESSAGE = frozenset({Reply.DEFERRED_UPDATE, Reply.UPDATE})
_ALLOWED = {
    Kind.COMMAND: frozenset({Reply.MESSAGE, Reply.DEFERRED_MESSAGE, Reply.MODAL}),
    Kind.COMPONENT: frozenset({Reply.MESSAGE, Reply.DEFERRED_MESSAGE, Reply.MODAL}) | _ON_MESSAGE,
    Kind.AUTOCOMPLETE: frozenset({Reply.CHOICES}),
    Kind.MODAL: frozenset({Reply.MESSAGE, Reply.DEFERRED_MESSAGE}) | _ON_MESSAGE,
}


@dataclass(frozen=True, slots=True)
class Replies:
    """Carries replies out in the world and tells the gateway, except about what only one person sees."""

    world: World
    bus: Bus

    def first(self, interaction: Interaction, body: Any, files: Files) -> None:
        """Carry out the first reply; 50035 when its type does not fit the interaction."""
        reply = _reply_of(interaction, body)
        data = body.get("data") or {}
        self._actions()[reply](interaction, data, files)
        interaction.reply, interaction.reply_data = reply, data
        interaction.note_change()

    def follow(self, interaction: Interaction, body: Any, files: Files) -> Message:
        """Send one more message; directly after a deferred message it fills that one."""
        if interaction.is_pending and interaction.reply is Reply.DEFERRED_MESSAGE:
            return self.edit(interaction, self.original(interaction), body, files)
        message = self._say(interaction, body or {}, files)
        interaction.is_pending = False
        interaction.note_change()
        return message

    def original(self, interaction: Interaction) -> Message:
        """Return the message that `@original` stands for, or 10008."""
        if interaction.original is None:
            raise unknown(10008)
        return interaction.original

    def edit(self, interaction: Interaction, message: Message, body: Any, files: Files) -> Message:
        """Change a message of the interaction."""
        message.flags &= ~int(MessageFlag.LOADING)
        values = read(body, messageform.FIELDS)
        revise(self.world, self._bus_for(message), interaction.channel, message, values, files)
        interaction.is_pending = False
        interaction.note_change()
        return message

    def delete(self, interaction: Interaction, message: Message) -> None:
        """Delete a message of the interaction."""
        interaction.messages.pop(message.id, None)
        if interaction.original is message:
            interaction.original = None
        if interaction.channel.messages.pop(message.id, None) is not None:
            interaction.channel.pins.pop(message.id, None)
            gone = {"id": str(message.id), "channel_id": str(message.channel_id)}
            self.bus.publish("MESSAGE_DELETE", interaction.channel.guild_id, gone)
        interaction.note_change()

    def _actions(self) -> dict[Reply, Callable[[Interaction, Json, Files], None]]:
        return {
            Reply.MESSAGE: self._message,
            Reply.DEFERRED_MESSAGE: self._defer_message,
            Reply.DEFERRED_UPDATE: self._defer_update,
            Reply.UPDATE: self._update,
            Reply.CHOICES: _check_choices,
            Reply.MODAL: _check_modal,
        }

    def _message(self, interaction: Interaction, data: Json, files: Files) -> None:
        interaction.original = self._say(interaction, data, files)

    def _defer_message(self, interaction: Interaction, data: Json, _files: Files) -> None:
        hidden = int(data.get("flags") or 0) & MessageFlag.EPHEMERAL
        message = Message(self.world.next_id(), interaction.channel.id, interaction.bot.user)
        message.flags = int(MessageFlag.LOADING | hidden)
        interaction.original = self._place(interaction, message)
        interaction.is_pending = True

    def _defer_update(self, interaction: Interaction, _data: Json, _files: Files) -> None:
        interaction.original = interaction.source
        interaction.is_pending = True

    def _update(self, interaction: Interaction, data: Json, files: Files) -> None:
        if interaction.source is None:
            raise invalid_field("type", "BASE_TYPE_CHOICES", "There is no message to update.")
        interaction.original = self.edit(interaction, interaction.source, data, files)

    def _say(self, interaction: Interaction, data: Json, files: Files) -> Message:
        values = {"allowed_mentions": {"parse": ["users"]}} | read(data, messageform.FIELDS)
        message = compose(self.world, interaction.channel, interaction.bot.user, values, files)
        message.flags |= int(data.get("flags") or 0) & MessageFlag.EPHEMERAL
        return self._place(interaction, message)

    def _place(self, interaction: Interaction, message: Message) -> Message:
        message.application_id = interaction.bot.id
        message.interaction = interaction.metadata()
        if interaction.kind is Kind.COMMAND:
            message.type = MessageType.CHAT_INPUT_COMMAND
        interaction.messages[message.id] = message
        if not is_hidden(message):
            post(self.world, self.bus, interaction.channel, message)
        return message

    def _bus_for(self, message: Message) -> Bus:
        # Nobody but one person sees an ephemeral message, so nobody is told of its changes.
        return Bus() if is_hidden(message) else self.bus


def _reply_of(interaction: Interaction, body: Any) -> Reply:
    kind = body.get("type") if isinstance(body, dict) else None
    allowed = _ALLOWED[interaction.kind] - (frozenset() if interaction.source else _ON_MESSAGE)
    if kind not in allowed:
        choices = ", ".join(str(int(one)) for one in sorted(allowed))
        raise invalid_field("type", "BASE_TYPE_CHOICES", f"Value must be one of {{{choices}}}.")
    return Reply(kind)


def _check_choices(_interaction: Interaction, data: Json, _files: Files) -> None:
    choices = data.get("choices")
    if not isinstance(choices, list) or len(choices) > _CHOICES:
        raise _bad("choices", f"Must be between 0 and {_CHOICES} in length.")


def _check_modal(_interaction: Interaction, data: Json, _files: Files) -> None:
    if not 1 <= len(data.get("title") or "") <= _MODAL_TITLE:
        raise _bad("title", f"Must be between 1 and {_MODAL_TITLE} in length.")
    if not 1 <= len(data.get("custom_id") or "") <= _CUSTOM_ID:
        raise _bad("custom_id", f"Must be between 1 and {_CUSTOM_ID} in length.")
    if not 1 <= len(data.get("components") or ()) <= _MODAL_COMPONENTS:
        raise _bad("components", f"Must be between 1 and {_MODAL_COMPONENTS} in length.")


def _bad(field: str, message: str) -> ApiError:
    return invalid_field(f"data.{field}", "BASE_TYPE_BAD_LENGTH", message)
