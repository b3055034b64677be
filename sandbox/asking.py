"""What a person does with a bot: run a command, press a button, choose in a menu, submit a modal.

It refuses what Discord's client would not let the person do. `rehearsing` serves it to testers over HTTP.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox import messageviews
from sandbox.access import Place, find_place
from sandbox.bits import Permission
from sandbox.errors import ApiError, missing_permissions, refused, unknown
from sandbox.events import Bus
from sandbox.interactions import Interaction, Interactions, Kind, Reply
from sandbox.messageform import walk
from sandbox.options import typed
from sandbox.payloads import interaction_create, resolved
from sandbox.world import Application, Guild, Json, Message, User, World

_BUTTON, _LINK = 2, 5
_STRING_SELECT = 3
_ID_SELECTS = frozenset({5, 6, 7, 8})
_ROW, _LABEL = 1, 18
_CHAT_INPUT, _ON_MESSAGE = 1, 3


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts, where, and in which language the person's client is."""

    place: Place
    locale: str

    @property
    def user(self) -> User:
        """Return the acting user."""
        return self.place.user


@dataclass(frozen=True, slots=True)
class Asking:
    """Starts interactions for people and shows them to the bot concerned."""

    world: World
    bus: Bus
    interactions: Interactions

    def person(self, user_id: int, channel_id: int, locale: str = "en-US") -> Person:
        """Return a person who is in a channel and can see it; the API's errors otherwise."""
        user = self.world.users.get(user_id)
        if user is None:
            raise unknown(10013)
        return Person(find_place(self.world, user, channel_id), locale)

    def command(self, person: Person, name: str, values: Mapping[str, Any], focused: str | None = None) -> Interaction:
        """Run a slash command ("name", "name sub" or "name group sub"); with `focused`, ask for completions."""
        first, *path = name.split()
        bot, command = self._find_command(person, first, _CHAT_INPUT)
        _require_use(person, command)
        use = typed(command, path, values, focused)
        guild = self._guild(person)
        data: Json = {"id": command["id"], "name": first, "type": _CHAT_INPUT, "options": use.options}
        if use.ids:
            data["resolved"] = resolved(self.world, guild, use.ids)
        if guild is not None and "guild_id" in command:
            data["guild_id"] = str(guild.id)
        return self._start(person, bot, Kind.AUTOCOMPLETE if focused else Kind.COMMAND, data)

    def use_on(self, person: Person, name: str, message_id: int) -> Interaction:
        """Choose a command from the menu of a message the person sees."""
        bot, command = self._find_command(person, name, _ON_MESSAGE)
        _require_use(person, command)
        message = self._message(person, message_id)
        shown = {str(message.id): messageviews.message(self.world, message)}
        data: Json = {"id": command["id"], "name": name, "type": _ON_MESSAGE, "target_id": str(message.id)}
        data["resolved"] = {"messages": shown}
        guild = self._guild(person)
        if guild is not None and "guild_id" in command:
            data["guild_id"] = str(guild.id)
        return self._start(person, bot, Kind.COMMAND, data)

    def press(self, person: Person, message_id: int, custom_id: str, values: list[str] | None = None) -> Interaction:
        """Press a button or choose values in a menu of a message the person sees."""
        message = self._message(person, message_id)
        component = _component(message, custom_id)
        data = _pressed(component, values)
        if component["type"] in _ID_SELECTS:
            data["resolved"] = resolved(self.world, self._guild(person), map(int, values or ()))
        bot = self.world.applications.get(message.application_id or message.author.id)
        if bot is None:
            raise unknown(10002)
        return self._start(person, bot, Kind.COMPONENT, data, message)

    def submit(self, opened_by: Interaction, values: Mapping[str, Any], locale: str = "en-US") -> Interaction:
        """Submit the modal that an interaction was answered with."""
        if opened_by.reply is not Reply.MODAL:
            raise refused(50035, "a person could not send this: no modal is open")
        modal = opened_by.reply_data
        data = {"custom_id": modal["custom_id"], "components": _submitted(modal["components"], values)}
        person = self.person(opened_by.user.id, opened_by.channel.id, locale)
        return self._start(person, opened_by.bot, Kind.MODAL, data, opened_by.source)

    def _start(
        self, person: Person, bot: Application, kind: Kind, data: Json, source: Message | None = None
    ) -> Interaction:
        interaction = Interaction(
            id=self.world.next_id(),
            kind=kind,
            bot=bot,
            user=person.user,
            channel=person.place.channel,
            guild=self._guild(person),
            data=data,
            asked_at=self.interactions.clock(),
            locale=person.locale,
            source=source,
        )
        self.interactions.add(interaction)
        shown = interaction_create(self.world, interaction)
        self.bus.publish("INTERACTION_CREATE", None, shown, only=bot.user.id)
        return interaction

    def _guild(self, person: Person) -> Guild | None:
        seat = person.place.seat
        return None if seat is None else seat.guild

    def _find_command(self, person: Person, name: str, kind: int) -> tuple[Application, Json]:
        guild = self._guild(person)
        for bot in self.world.applications.values():
            for scope in (None if guild is None else guild.id, None):
                for command in bot.commands.get(scope, {}).values():
                    if command["name"] == name and command.get("type", _CHAT_INPUT) == kind:
                        return bot, command
        raise unknown(10063)

    def _message(self, person: Person, message_id: int) -> Message:
        hidden_by = self.interactions.owner_of_hidden(message_id)
        if hidden_by is not None and hidden_by.user.id == person.user.id:
            return hidden_by.messages[message_id]
        message = person.place.channel.messages.get(message_id)
        if message is None:
            raise unknown(10008)
        return message


def _require_use(person: Person, command: Json) -> None:
    if person.place.seat is None:
        return
    person.place.require(Permission.USE_APPLICATION_COMMANDS)
    wanted = command.get("default_member_permissions")
    if wanted is None or person.place.seat.is_administrator():
        return
    needed = Permission(int(wanted))
    # "0" hides a command from everybody but administrators.
    if not needed or needed not in person.place.bits():
        raise missing_permissions()


def _component(message: Message, custom_id: str) -> Json:
    for component in walk(message.components):
        if component.get("custom_id") == custom_id:
            return component
    raise refused(50035, f"a person could not send this: the message has no component {custom_id}")


def _pressed(component: Json, values: list[str] | None) -> Json:
    if component.get("disabled"):
        raise refused(50035, "a person could not send this: the component is disabled")
    kind = component["type"]
    data: Json = {"custom_id": component["custom_id"], "component_type": kind, "id": component.get("id", 0)}
    if kind == _BUTTON:
        return data
    if kind != _STRING_SELECT and kind not in _ID_SELECTS:
        raise ApiError(501, 0, f"the sandbox does not implement components of type {kind}")
    chosen = list(values or ())
    least, most = component.get("min_values", 1), component.get("max_values", 1)
    offered = {option["value"] for option in component.get("options") or ()}
    if not least <= len(chosen) <= most or (offered and not offered.issuperset(chosen)):
        raise refused(50035, "a person could not send this: the menu does not allow this choice")
    return data | {"values": chosen}


def _submitted(components: list[Json], values: Mapping[str, Any]) -> list[Json]:
    left = dict(values)
    shown = [_answered(component, left) for component in components]
    if left:
        raise refused(50035, f"a person could not send this: the modal has no {', '.join(sorted(left))}")
    return [component for component in shown if component is not None]


def _answered(component: Json, values: dict[str, Any]) -> Json | None:
    """Return a modal's part as it comes back: rows and labels keep their shape, plain text does not come."""
    if component["type"] == _ROW:
        return {"type": _ROW, "components": [_field(one, values) for one in component["components"]]}
    if component["type"] == _LABEL:
        return {"type": _LABEL, "component": _field(component["component"], values)}
    return None


def _field(field: Json, values: dict[str, Any]) -> Json:
    value = values.pop(field["custom_id"], field.get("value", ""))
    if field.get("required", True) and not value:
        raise refused(50035, f"a person could not send this: {field['custom_id']} is required")
    key = "values" if isinstance(value, list) else "value"
    return {"type": field["type"], "custom_id": field["custom_id"], key: value}
