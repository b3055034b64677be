"""A local stand-in for Discord: rehearse before you touch the real server."""
