"""Write powers, indices, fractions and roots in one line, with Unicode's signs where every character has one. Pure."""

import re

_RAISED = str.maketrans(
    "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθφχ′″∘°*н",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᵠᵡ′″°°*ᵸ",
)
_LOWERED = str.maketrans("0123456789+-−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ")
_LOOSE = re.compile(r"[\s+\-−±·×÷/=<>≤≥≠,;]")
_ATOM = re.compile(r"[\d.,]+|\w[⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ₀₁₂₃₄₅₆₇₈₉ₙ′]*")
_ROOTS = {"2": "√", "3": "∛", "4": "∜"}


def raised(text: str) -> str:
    """Write a power: x² or x^(k/2)."""
    return _script(text, _RAISED, "^")


def lowered(text: str) -> str:
    """Write an index: x₁ or x_(max)."""
    return _script(text, _LOWERED, "_")


def fraction(above: str, below: str) -> str:
    """Write a fraction so that what is above and below stays together; of whole numbers it is one sign: ¹⁄₂x."""
    above, below = above.strip(), below.strip()
    if above.isdecimal() and below.isdecimal():
        return f"{raised(above)}⁄{lowered(below)}"
    return f"{_joined(above) if _LOOSE.search(above) else above}/{below if _ATOM.fullmatch(below) else _joined(below)}"


def root(text: str, degree: str = "2") -> str:
    """Write a root of any degree."""
    text, degree = text.strip(), degree.strip()
    sign = _ROOTS.get(degree or "2") or f"{raised(degree)}√"
    return sign + (text if _ATOM.fullmatch(text) else _joined(text))


def _script(text: str, signs: dict[int, int], mark: str) -> str:
    text = "".join(text.split())
    if all(ord(character) in signs for character in text):
        return text.translate(signs)
    return mark + (text if len(text) == 1 else _joined(text))


def _joined(text: str) -> str:
    """Put brackets around a text unless it stands in one pair already."""
    depth = 0
    for place, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth <= 0:
            return text if place and place == len(text) - 1 else f"({text})"
    return f"({text})"
