"""Turn TeX into readable Unicode; the only module that knows pylatexenc, which has no types.

What is not known stays TeX: pylatexenc leaves such commands out, and the formula would say something else.
"""

import logging
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from pylatexenc import latex2text, latexwalker, macrospec

from connectors.markup.notation import fraction, lowered, raised, root

LONGEST = 600  # characters of a formula that are read
_DEEPEST = 20  # brackets inside brackets
_SPACING = re.compile(r"\\(?:left|right|middle)\s*\.|\\(?:left|right|middle|[bB]igg?[lrm]?)(?![a-zA-Z])")
_NESTED = re.compile(r"\\?[{}\[\]]|\\(?:begin|end)\b|\\[()]|\$")
_FORMULA = re.compile(
    rf"\$\$(?P<dollars>[^$]{{1,{LONGEST}}}?)\$\$(?!\d)|(?<!\\)\\\((?P<inline>.{{1,{LONGEST}}}?)\\\)"
    rf"|(?<!\\)\\\[(?P<display>.{{1,{LONGEST}}}?)\\\]|\[tex\](?P<tag>.{{1,{LONGEST}}}?)\[/tex\]",
    re.DOTALL | re.IGNORECASE,
)
_MATHEMATICAL = re.compile(r"[\\^_=+\-*/<>|{}()\[\]\d]|^\s*\w\s*$")
_PRIMES = re.compile(r"'+")
_WORDS = "tg ctg cot arctg arcctg sh ch th cth sec csc lg gcd lcm det dim ker deg mod bmod Re Im rank sgn"
_SIGNS = {
    "ne": "≠",
    "iff": "⇔",
    "implies": "⇒",
    "impliedby": "⇐",
    "triangle": "△",
    "degree": "°",
    "colon": ":",
    "land": "∧",
    "lor": "∨",
    "neg": "¬",
    "|": "‖",
    "Box": "□",
    "bot": "⊥",
    "models": "⊨",
    "checkmark": "✓",
    "hline": "",
    "quad": " ",
    "qquad": " ",
    ",": " ",
    ";": " ",
    ":": " ",
    " ": " ",
    "!": "",
}
_SILENT = "limits nolimits displaystyle textstyle scriptstyle nonumber notag rm bf it sf tt"
_PLAIN = "mbox operatorname boldsymbol boxed mathop mathrm mathbf mathit mathsf mathtt textbf textit underline"
_ROWS = ("aligned", "align", "align*", "gathered", "split", "equation", "equation*")
_MATRICES = {
    "matrix": "[]",
    "pmatrix": "()",
    "bmatrix": "[]",
    "Bmatrix": "{}",
    "vmatrix": "||",
    "Vmatrix": "‖‖",
    "array": "[]",
}
_ACCENTS = {"overline": "\u0305", "overrightarrow": "\u20d7", "widehat": "\u0302", "widetilde": "\u0303"}

logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)  # it repeats texts from a course, which stay out of logs


class _Unread(Exception):
    """A formula holds what is not known here."""


def formulas(text: str) -> Iterator[tuple[str, str]]:
    """Split a text into pairs: what is no formula, and the TeX after it (at the end, none)."""
    place = 0
    for found in _FORMULA.finditer(text):
        if found["dollars"] is None or _MATHEMATICAL.search(found["dollars"]):
            yield text[place : found.start()], found[found.lastgroup or 0]
            place = found.end()
    yield text[place:], ""


@lru_cache(256)
def readable(tex: str) -> str:
    """Write a formula in Unicode, or give its TeX where it cannot be read."""
    tex = " ".join(tex.split())
    if len(tex) > LONGEST or _depth(tex) > _DEEPEST:
        return tex
    try:
        nodes = latexwalker.LatexWalker(
            f"\\({_SPACING.sub('', tex)}\\)", latex_context=_SYNTAX, tolerant_parsing=False
        ).get_latex_nodes()[0]
        text = _WRITER.nodelist_to_text(nodes)
    except (_Unread, latexwalker.LatexWalkerError, LookupError, TypeError, ValueError, AttributeError):
        return tex  # the library fails in all these ways on commands without their arguments
    rows = (" ".join(row.split()) for row in text.splitlines())
    return _PRIMES.sub(lambda found: "′" * len(found[0]), "; ".join(row for row in rows if row)) or tex


def _depth(tex: str) -> int:
    """Count what may stand inside each other; reading it recurses."""
    depth = deepest = 0
    for found in _NESTED.findall(tex):
        depth += -1 if found.lstrip("\\") in {"}", "]", ")", "end"} else 1
        deepest = max(deepest, depth)
    return deepest


def _argument(node: Any, writer: Any, place: int) -> str:
    arguments = node.nodeargd.argnlist
    if arguments[place] is None:
        raise _Unread
    return str(writer.nodelist_to_text([arguments[place]])).strip()


def _optional(node: Any, writer: Any, place: int) -> str:
    return _argument(node, writer, place) if node.nodeargd.argnlist[place] is not None else ""


def _of(write: Callable[..., str], count: int) -> Callable[..., str]:
    """Make a rule of a function of as many texts as a command has arguments."""

    def rule(node: Any, l2tobj: Any) -> str:
        return write(*(_argument(node, l2tobj, place) for place in range(count)))

    return rule


def _write_root(node: Any, l2tobj: Any) -> str:
    return root(_argument(node, l2tobj, 1), _optional(node, l2tobj, 0))


def _matrix(brackets: str) -> Callable[..., str]:
    def rule(node: Any, l2tobj: Any) -> str:
        rows = str(latex2text.fmt_matrix_environment_node(node, l2tobj))[1:-1].split(";")
        return brackets[0] + "; ".join(" ".join(row.split()) for row in rows if row.strip()) + brackets[1]

    return rule


def _cases(node: Any, l2tobj: Any) -> str:
    rows = str(l2tobj.nodelist_to_text(node.nodelist)).splitlines()
    return "{ " + "; ".join(" ".join(row.split()) for row in rows if row.strip())


def _accent(mark: str) -> Callable[..., str]:
    if mark == "\u0305":  # a line lies over every letter, an arrow or hat over the last one
        return _of(lambda text: "".join(character + mark for character in text), 1)
    return _of(lambda text: text + mark, 1)


def _apart(index: str) -> str:
    """Keep an index in brackets away from what follows: lim_(x→0) (…)."""
    return f"{index} " if index.endswith(")") else index


def _refuse(_node: Any) -> str:
    raise _Unread


_COMMANDS: dict[str, tuple[str, Any]] = {
    **{name: ("{{", _of(fraction, 2)) for name in ("frac", "dfrac", "tfrac", "cfrac")},
    **{name: ("{{", _of(lambda above, below: f"C({above}, {below})", 2)) for name in ("binom", "dbinom", "tbinom")},
    **{name: ("{{", _of(lambda above, below: below + raised(above), 2)) for name in ("overset", "stackrel")},
    **{name: ("{", _of(lambda text: text, 1)) for name in _PLAIN.split()},
    **{name: ("{", _accent(mark)) for name, mark in _ACCENTS.items()},
    **{name: ("", sign) for name, sign in _SIGNS.items()},
    **{name: ("", name) for name in _WORDS.split()},
    **dict.fromkeys(_SILENT.split(), ("", "")),
    "underset": ("{{", _of(lambda below, above: above + lowered(below), 2)),
    "sqrt": ("[{", _write_root),
    "pmod": ("{", _of(lambda text: f"(mod {text})", 1)),
    **dict.fromkeys(("input", "include", "href", "url", "verb", "newcommand", "def"), ("", _refuse)),
}
_SCRIPTS = {"^": _of(raised, 1), "_": _of(lambda text: _apart(lowered(text)), 1)}


def _syntax() -> Any:
    """Tell the parser how many arguments a command takes."""
    known = latexwalker.get_default_latex_context_db().filter_context(exclude_categories=["nonascii-specials"])
    known.add_context_category(
        "kopir",
        macros=[macrospec.MacroSpec(name, arguments) for name, (arguments, _) in _COMMANDS.items()],
        specials=[
            macrospec.SpecialsSpec(sign, args_parser=macrospec.MacroStandardArgsParser("{")) for sign in _SCRIPTS
        ],
        prepend=True,
    )
    return known


def _rules() -> Any:
    """Tell the writer what a command looks like."""
    known = latex2text.get_default_latex_context_db()
    known.add_context_category(
        "kopir",
        macros=[latex2text.MacroTextSpec(name, rule, discard=False) for name, (_, rule) in _COMMANDS.items()],
        environments=[
            *(latex2text.EnvironmentTextSpec(name, _matrix(brackets)) for name, brackets in _MATRICES.items()),
            *(latex2text.EnvironmentTextSpec(name, "%(body)s") for name in _ROWS),
            latex2text.EnvironmentTextSpec("cases", _cases),
        ],
        specials=[latex2text.SpecialsTextSpec(sign, rule) for sign, rule in _SCRIPTS.items()],
        prepend=True,
    )
    known.set_unknown_macro_spec(latex2text.MacroTextSpec("", _refuse))
    known.set_unknown_environment_spec(latex2text.EnvironmentTextSpec("", _refuse))
    return known


_SYNTAX = _syntax()
_WRITER = latex2text.LatexNodes2Text(latex_context=_rules(), math_mode="text", keep_comments=True)
