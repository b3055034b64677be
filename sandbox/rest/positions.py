"""Sorting and moving many channels in one request, with Discord's rule of one `parent_id` change."""

from typing import Any

from sandbox import overwrites, views
from sandbox.access import Seat
from sandbox.bits import Permission
from sandbox.calls import Call, Route
from sandbox.errors import refused, unknown
from sandbox.forms import array, flag, integer, nullable, obj, read_list, snowflake
from sandbox.rest.channels import checked_parent
from sandbox.world import Channel

_MOVES = array(
    obj(
        {
            "id": snowflake,
            "position": nullable(integer(0, 2**31 - 1)),
            "parent_id": nullable(snowflake),
            "lock_permissions": nullable(flag, default=False),
        },
        required=["id"],
    ),
    most=1000,
)


def move_channels(call: Call) -> None:
    """Sort channels and move at most one of them to another category (40009)."""
    seat, moves = call.seat(), read_list(call.body, _MOVES)
    pairs = [(_channel(seat, move), move) for move in moves]
    if sum(_changes_parent(channel, move) for channel, move in pairs) > 1:
        raise refused(40009, "Only one channel can be moved to a category at a time")
    for channel, move in pairs:
        _require(seat, channel, move)
    for channel, move in pairs:
        _move(call, seat, channel, move)


def _channel(seat: Seat, move: dict[str, Any]) -> Channel:
    channel = seat.guild.channels.get(move["id"])
    if channel is None:
        raise unknown(10003)
    return channel


def _changes_parent(channel: Channel, move: dict[str, Any]) -> bool:
    return "parent_id" in move and move["parent_id"] != channel.parent_id


def _require(seat: Seat, channel: Channel, move: dict[str, Any]) -> None:
    if _changes_parent(channel, move):
        checked_parent(seat, channel, move["parent_id"])
    elif Permission.MANAGE_CHANNELS not in seat.bits():
        seat.require(Permission.MANAGE_CHANNELS, seat.guild.channels.get(channel.parent_id or 0))
    if move.get("lock_permissions"):
        seat.require(Permission.MANAGE_ROLES, channel)


def _move(call: Call, seat: Seat, channel: Channel, move: dict[str, Any]) -> None:
    before = views.channel(channel)
    if move.get("position") is not None:
        channel.position = move["position"]
    if _changes_parent(channel, move):
        channel.parent_id = move["parent_id"]
    parent = seat.guild.channels.get(channel.parent_id or 0)
    if move.get("lock_permissions") and parent is not None:
        channel.overwrites = overwrites.copied(parent.overwrites)
    if views.channel(channel) != before:
        call.publish_channel("CHANNEL_UPDATE", channel)


ROUTES = (Route("PATCH", "/guilds/{guild_id}/channels", move_channels),)
