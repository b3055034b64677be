"""Make links safe to post: nothing breaks out of a message, and nobody's secrets or sessions go to others. Pure."""

import re
from unicodedata import combining
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

_LONGEST = 1000
_UNSAFE = re.compile(r"[\s<>\"\\^`{|}()\[\]*\x00-\x1f]|__|~~")
_HOST = re.compile(r"[^\W_](?:[\w.-]*[^\W_])?\.?", re.ASCII)
# What logs somebody in or names a session, in Moodle, PHP, Java, ASP and OAuth. What people share on purpose is kept,
# as its link is of no use without it: `pwd` of Zoom, `authkey` of OneDrive, `resourcekey` of Google.
_NAMES = """token wstoken privatetoken authtoken auth_token access_token id_token refresh_token auth key sesskey apikey
    api_key password secret client_secret signature sig x-amz-signature x-amz-credential x-amz-security-token
    sid session session_id sessionid phpsessid jsessionid cfid cftoken"""
_SECRETS = frozenset(_NAMES.split())
_SESSIONS = ("moodlesession", "aspsessionid")  # the site's own letters follow
_JAVA_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_NESTED = re.compile(r"tokenpluginfile\.php|[?&#;](?:wstoken|token|access_token|sesskey)=", re.IGNORECASE)
_PRIVATE_FILES = re.compile(r"/(?:tokenpluginfile|draftfile)\.php(?:/|$)", re.IGNORECASE)
_FILES = "/pluginfile.php"
_REVISION = re.compile(r"(/pluginfile\.php/\d+/mod_(?:page|resource|folder)/content)/\d+/")


def safe_link(url: str) -> str:
    """Give an http(s) link that can stand in a message and in its `[text](link)`, or nothing.

    It is the link that a browser with a login of its own can open: without what only proved who its writer was.
    """
    quoted = _UNSAFE.sub(lambda found: _quoted(found[0]), url.strip())
    quoted = "".join(_quoted(letter) if not letter.isprintable() or combining(letter) else letter for letter in quoted)
    try:
        parts = urlsplit(quoted)
        parts.port  # noqa: B018  reading it checks it
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or not _is_host(parts.hostname or ""):
        return ""
    path = _path(parts.path)
    if _PRIVATE_FILES.search(unquote_plus(path)):
        return ""
    query = _without_secrets(parts.query, of_file=f"{_FILES}/" in path)
    fragment = "" if _NESTED.search(f"#{unquote_plus(parts.fragment)}") else parts.fragment
    link = f"{quoted.partition(':')[0]}:{urlunsplit(('', parts.netloc, path, query, fragment))}"
    return link if len(link) <= _LONGEST else ""


def host(link: str) -> str:
    """Name the host that a safe link leads to, so that letters of two alphabets cannot be taken for each other."""
    return ascii_host(urlsplit(link).hostname or "").removeprefix("www.").rstrip(".")


def ascii_host(name: str) -> str:
    """Spell a host's name as DNS does; nothing where it is none."""
    try:
        return name.lower().encode("idna").decode()
    except UnicodeError:
        return ""


def _quoted(text: str) -> str:
    if text in {"__", "~~"}:
        return f"{text[0]}%{ord(text[0]):02X}"  # one alone formats nothing, and is part of many names
    return quote(text, safe="", errors="replace")


def _is_host(name: str) -> bool:
    return bool(_HOST.fullmatch(ascii_host(name)))


def _path(path: str) -> str:
    """Leave out a session, a file's way for apps, and the number of its version, which Moodle does not look at."""
    path = _JAVA_SESSION.sub("", path).replace(f"/webservice{_FILES}", _FILES)
    return _REVISION.sub(r"\1/0/", path)


def _without_secrets(query: str, *, of_file: bool) -> str:
    """Leave out what is secret; of a file of Moodle everything, as it only says how to show it."""
    return "" if of_file else "&".join(part for part in query.split("&") if part and not _is_secret(part))


def _is_secret(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    name = unquote_plus(name).strip().lower()
    return name in _SECRETS or name.startswith(_SESSIONS) or bool(_NESTED.search(unquote_plus(value)))
