"""How the middlewares name a request: its route template below the API's root, as the API documents it."""

import re

from aiohttp import web

_API_ROOT = re.compile(r"^/api(/v\d+)?(?=/)")


def is_api(request: web.Request) -> bool:
    """Tell whether a request is one that Discord would get, and not control or gateway."""
    return _API_ROOT.match(request.path) is not None


def api_path(request: web.Request) -> str:
    """Return the path below `/api/vN`."""
    return _API_ROOT.sub("", request.path)


def template(request: web.Request) -> str:
    """Return the route template below `/api/vN`, or the path itself where no route matched."""
    resource = request.match_info.route.resource
    if resource is None or "{tail" in resource.canonical:
        return api_path(request)
    return _API_ROOT.sub("", resource.canonical)
