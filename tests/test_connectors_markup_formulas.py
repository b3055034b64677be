"""Formulas become one line that says the same, or stay as they were written."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.markdown import markdown
from connectors.markup.tex import readable


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        pytest.param("x^2 + y_{12}", "x² + y₁₂", id="powers and indices"),
        pytest.param("e^{i\\pi} x^{k/2}", "e^(iπ) x^(k/2)", id="powers without signs"),
        pytest.param(r"\dfrac{a+b}{2c}", "(a+b)/(2c)", id="a fraction keeps its parts together"),
        pytest.param(r"\frac12x", "¹⁄₂x", id="a fraction of numbers is one sign"),
        pytest.param(r"\sqrt{x+1}, \sqrt[3]{8}, \sqrt[n]{a}", "√(x+1), ∛8, ⁿ√a", id="roots"),
        pytest.param(r"\frac{-b \pm \sqrt{b^2-4ac}}{2a}", "(-b ±√(b²-4ac))/(2a)", id="one in the other"),
        pytest.param(r"\sum\limits_{i=1}^{n} i \le \infty", "∑ᵢ₌₁ⁿ i ≤∞", id="sums and signs"),
        pytest.param(r"\lim_{x \to 0} \frac{\sin x}{x}", "lim_(x→0) (sin x)/x", id="limits"),
        pytest.param(r"\operatorname{tg} x = \ctg x", "tg x = ctg x", id="functions"),
        pytest.param(r"\left( \frac{1}{2} \right]", "( ¹⁄₂ ]", id="brackets that grow"),
        pytest.param(r"\left. x \right|_0^1", "x |₀¹", id="brackets that are not seen"),
        pytest.param(r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "(1 2; 3 4)", id="a matrix"),
        pytest.param(r"\begin{cases}x, & y>0\\z\end{cases}", "{ x, y>0; z", id="cases"),
        pytest.param(r"\vec{a}, \overline{AB}", "a⃗, A̅B̅", id="above the letters"),
        pytest.param("f''(x)", "f′′(x)", id="primes"),
        pytest.param(r"90^\circ, 5\%, 1{,}5", "90°, 5%, 1,5", id="numbers"),
        pytest.param(r"\text{егер } x", "егер x", id="words"),
        pytest.param(r"\unknown{x}", r"\unknown{x}", id="an unknown command stays"),
        pytest.param(r"\input{/etc/passwd}", r"\input{/etc/passwd}", id="a command that reads files stays"),
        pytest.param(r"\href{a}{b}", r"\href{a}{b}", id="a link stays"),
        pytest.param(r"\frac{a", r"\frac{a", id="without an end"),
        pytest.param("x^", "x^", id="without a power"),
        pytest.param("{" * 50 + "}" * 50, "{" * 50 + "}" * 50, id="too deep"),
        pytest.param("x+" * 500, "x+" * 500, id="too long"),
    ],
)
def test_tex(tex: str, expected: str) -> None:
    assert readable(tex) == expected


@pytest.mark.parametrize(
    ("mathml", "expected"),
    [
        pytest.param("<mfrac><mi>a</mi><mrow><mi>b</mi><mo>+</mo><mn>1</mn></mrow></mfrac>", "a/(b+1)", id="fraction"),
        pytest.param("<msub><mi>x</mi><mn>1</mn></msub><mo>=</mo><msqrt><mi>y</mi></msqrt>", "x₁=√y", id="index, root"),
        pytest.param("<msubsup><mo>∫</mo><mn>0</mn><mn>1</mn></msubsup>", "∫₀¹", id="limits"),
        pytest.param("<munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover>", "∑ᵢⁿ", id="limits below and above"),
        pytest.param("<mroot><mi>x</mi><mn>3</mn></mroot>", "∛x", id="a root of a degree"),
        pytest.param("<mover><mi>a</mi><mo>→</mo></mover>", "a⃗", id="a vector"),
        pytest.param("<mfenced><mi>a</mi><mi>b</mi></mfenced>", "(a,b)", id="brackets"),
        pytest.param(
            "<mtable><mtr><mtd>1</mtd><mtd>2</mtd></mtr><mtr><mtd>3</mtd></mtr></mtable>", "1 2; 3", id="rows"
        ),
        pytest.param("<mi>x</mi><annotation encoding='application/x-tex'>x^2</annotation>", "x²", id="its own TeX"),
        pytest.param("<mfrac><mi>a</mi></mfrac>", "a", id="half a fraction"),
        pytest.param("a &lt; b", "a < b", id="only text"),
    ],
)
def test_mathml(mathml: str, expected: str) -> None:
    assert markdown(f"<math>{mathml}</math>") == f"`{expected}`"


def test_mathml_is_read_by_its_other_text() -> None:
    assert markdown("<math alttext='x^2'><mi>?</mi></math>") == "`x²`"


PIECES = r"\frac \sqrt { } [ ] ^ _ x 1 & \\ $ \( \) \begin{cases} \end{cases} \left ' % ~ #"


@given(st.lists(st.sampled_from(PIECES.split())))
def test_any_tex_is_read_or_left(parts: list[str]) -> None:
    tex = " ".join(parts)
    assert readable(tex) or not tex


def test_a_formula_never_comes_into_the_logs(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        readable(r"\frac{secret}")
    assert not caplog.records
