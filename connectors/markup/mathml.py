"""Write a formula in MathML as one line of Unicode. Pure."""

from bs4 import Tag

from connectors.markup.notation import fraction, lowered, raised, root
from connectors.markup.tex import readable

_TAGS = """math mfrac msup msub msubsup munder mover munderover msqrt mroot mfenced mrow mtable mtr mtd mtext mi mn mo
    annotation"""
TAGS = frozenset(_TAGS.split())
_LIMITS = {"munder": "msub", "mover": "msup", "munderover": "msubsup"}
_HATS = {"→": "\u20d7", "⃗": "\u20d7", "¯": "\u0305", "‾": "\u0305", "^": "\u0302", "~": "\u0303"}


def written(formula: Tag) -> str:
    """Write a formula: its own TeX where it brings some, otherwise what its elements say."""
    tex = formula.get("alttext") or next((note.get_text() for note in formula("annotation")), "")
    return readable(str(tex)) if tex else " ".join(_read(formula).split()).rstrip("; ")


def _read(element: Tag) -> str:
    parts = [_read(child) for child in element.children if isinstance(child, Tag) and child.name != "annotation"]
    if not parts:
        return element.get_text()
    name = _LIMITS.get(element.name, element.name)
    if name == "mover" or (element.name == "mover" and parts[-1].strip() in _HATS):
        return parts[0] + _HATS[parts[-1].strip()]
    if name in {"msqrt", "mfenced", "mtr"}:
        return {"msqrt": root, "mfenced": "({})".format, "mtr": "{}; ".format}[name](_joined(element, parts))
    return _placed(name, [part.strip() for part in parts]) or _joined(element, parts)


def _placed(name: str, parts: list[str]) -> str:
    """Write what has fixed places, and nothing where one is missing."""
    match name, parts:
        case "mfrac", [above, below]:
            return fraction(above, below)
        case "mroot", [under, degree]:
            return root(under, degree)
        case "msup", [base, power]:
            return base + raised(power)
        case "msub", [base, index]:
            return base + lowered(index)
        case "msubsup", [base, index, power]:
            return base + lowered(index) + raised(power)
    return ""


def _joined(element: Tag, parts: list[str]) -> str:
    return {"mfenced": ",", "mtr": " "}.get(element.name, "").join(parts)
