"""The bus between effects and whoever watches them: REST and control publish, the gateway dispatches."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

JsonObject = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """One gateway event before it is filtered per session; `only` names the one bot user that gets it."""

    name: str
    guild_id: int | None
    data: JsonObject
    only: int | None = None


Listener = Callable[[Event], None]


class Bus:
    """Hand every published event to all listeners, in order and at once."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Add a listener and return the function that removes it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def publish(self, name: str, guild_id: int | None, data: JsonObject, only: int | None = None) -> None:
        """Tell every listener that `name` happened in the guild (None: outside of any guild)."""
        event = Event(name, guild_id, data, only)
        for listener in tuple(self._listeners):
            listener(event)
