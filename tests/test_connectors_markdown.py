"""What each part of a text's HTML looks like on Discord."""

import pytest

from connectors.markdown import markdown

SITE = "https://moodle.kz/lms"
FILE = "https://moodle.kz/lms/webservice/pluginfile.php/5/mod_page/content/3"


def lines(*written: str) -> str:
    return "\n".join(written)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param("<b>a</b> <strong>b</strong>", "**a b**", id="bold"),
        pytest.param("<i>a</i>, <em>b</em>", "*a*, *b*", id="italic"),
        pytest.param("<u>a</u>, <ins>b</ins>", "__a__, __b__", id="underline"),
        pytest.param("<s>a</s>, <del>b</del>, <strike>c</strike>", "~~a~~, ~~b~~, ~~c~~", id="struck out"),
        pytest.param("<b>a <i>b</i></b>", "**a *b***", id="one in the other"),
        pytest.param("<i><b>a</b> b</i>", "***a** b*", id="the longer one is outside"),
        pytest.param("x<b> a </b>y", "x **a** y", id="no space at a sign's inner side"),
        pytest.param("<b>Қ</b>ала", "**Қ**ала", id="within a word"),
        pytest.param("<b>a</b><i>b</i>", "**a**b", id="one that would begin at another's end is left out"),
        pytest.param("<b><p>a</p><p>b</p></b>", "**a**\n\n**b**", id="over two paragraphs"),
        pytest.param("<b></b><i> </i>a", "a", id="empty ones"),
        pytest.param("<s>a~b</s>", r"~~a~~\~~~b~~", id="a tilde is never struck out"),
        pytest.param("<mark>a</mark><small>b</small><font color=red>c</font>", "abc", id="what Discord does not have"),
        pytest.param("<q>a</q>", "«a»", id="a quotation"),
    ],
)
def test_formats(markup: str, expected: str) -> None:
    assert markdown(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param("@everyone", r"\@everyone", id="everyone"),
        pytest.param("&lt;@1&gt; &lt;@&amp;1&gt; &lt;#1&gt;", r"\<\@1> \<\@&1> \<#1>", id="mentions"),
        pytest.param("&lt;t:1&gt; &lt;/a:1&gt; &lt;:a:1&gt;", r"\<t:1> \</a:1> \<\:a:1>", id="what Discord fills in"),
        pytest.param(":fire: at 12:30:45", r"\:fire: at 12:30:45", id="an emoji's name, but no time"),
        pytest.param("**a** __b__ ~~c~~ ||d||", r"\*\*a\*\* \_\_b\_\_ \~\~c\~\~ \|\|d\|\|", id="signs"),
        pytest.param("`a` ```b```", r"\`a\` \`\`\`b\`\`\`", id="code"),
        pytest.param("[a](https://x.kz)", r"\[a\]\(<https://x.kz>)", id="a link of their own"),
        pytest.param("<p># a</p><p>-# b</p>", "\\# a\n\n\\-# b", id="headings"),
        pytest.param("- a<br>+ b<br>* c", "\\- a\n\\+ b\n\\* c", id="bullets"),
        pytest.param("1. a<br>2024. b<br>12.05.2026", "1\\. a\n2024\\. b\n12.05.2026", id="numbers, but no dates"),
        pytest.param("1<i></i>. a", r"1\. a", id="a number in two parts"),
        pytest.param("&gt; a<br>&gt;&gt;&gt; b", "\\> a\n\\>>> b", id="quotes"),
        pytest.param("<ul><li># a</li><li>- b</li></ul>", "- \\# a\n- \\- b", id="in a list"),
        pytest.param("<b># a</b>", r"**\# a**", id="in bold"),
        pytest.param("a - b # c &gt; d 5. e", "a - b # c > d 5. e", id="in the middle of a line"),
        pytest.param("C:\\dir", r"C:\\dir", id="their own escape"),
        pytest.param("&lt;b&gt;", r"\<b>", id="HTML that is shown"),
        pytest.param("$5 and $10, $$", "$5 and $10, $$", id="prices"),
    ],
)
def test_what_was_typed_is_shown_not_obeyed(markup: str, expected: str) -> None:
    assert markdown(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param("<p>a</p><p>b</p>", lines("a", "", "b"), id="paragraphs"),
        pytest.param("<p>a<p>b", lines("a", "", "b"), id="paragraphs without an end"),
        pytest.param("a<br>b<br/>c", lines("a", "b", "c"), id="line breaks"),
        pytest.param("a<br><br><br><br>b", lines("a", "", "b"), id="at most one empty line"),
        pytest.param("<h1>a</h1><h6>b</h6>c", lines("**a**", "", "**b**", "", "c"), id="headings of any level"),
        pytest.param("a<hr>b", lines("a", "", "───────", "", "b"), id="a line"),
        pytest.param("<blockquote><p>a</p><p>b</p></blockquote>c", lines("> a", "> b", "", "c"), id="a quote"),
        pytest.param("<blockquote>a<blockquote>b</blockquote></blockquote>", lines("> a", "> b"), id="a quote in it"),
        pytest.param("<blockquote><ul><li>a</ul></blockquote>", "> - a", id="a list in a quote"),
        pytest.param("<details><summary>a</summary>b</details>", lines("**a**", "", "b"), id="what unfolds"),
        pytest.param("<dl><dt>a<dd>b<dt>c<dd>d</dl>", lines("**a**", "b", "**c**", "d"), id="terms"),
        pytest.param("<div><div>a</div>b</div>", lines("a", "", "b"), id="blocks in blocks"),
        pytest.param("<figure><img alt=a><figcaption>b</figcaption></figure>", lines("🖼 a", "", "b"), id="a figure"),
    ],
)
def test_blocks(markup: str, expected: str) -> None:
    assert markdown(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param("<ul><li>a</li><li>b</li></ul>", lines("- a", "- b"), id="bullets"),
        pytest.param("<ul><li>a<li>b</ul>c", lines("- a", "- b", "", "c"), id="without ends"),
        pytest.param("<ol><li>a</li><li>b</li></ol>", lines("1. a", "2. b"), id="numbers"),
        pytest.param("<ol start=9><li>a</li><li></li><li>b</li></ol>", lines("9. a", "10. b"), id="from a number on"),
        pytest.param('<ol start="-9e9"><li>a</li></ol>', "1. a", id="from no number on"),
        pytest.param("<ul><li>a<ol><li>b</ol></ul>", lines("- a", "  1. b"), id="one in the other"),
        pytest.param("<ul><li>a</li><ul><li>b</li></ul></ul>", lines("- a", "  - b"), id="one beside an item"),
        pytest.param(
            "<ul><li>a<ul><li>b<ul><li>c<ul><li>d</ul></ul></ul></ul>",
            lines("- a", "  - b", "    - c", "    - d"),
            id="no more than two steps",
        ),
        pytest.param("<ul><li><p>a</p><p>b</p></li></ul>", lines("- a", "  b"), id="paragraphs in an item"),
        pytest.param("<ul><li>a<pre>b</pre>c</ul>", lines("- a", "```", "b", "```", "  c"), id="code in an item"),
        pytest.param("<li>a<li>b", lines("a", "", "b"), id="items without a list"),
    ],
)
def test_lists(markup: str, expected: str) -> None:
    assert markdown(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param("<a href='https://x.kz/a_(b)'>c</a>", "[c](https://x.kz/a_%28b%29)", id="a link"),
        pytest.param("<a href='mod/x?id=1'>a</a>", "[a](https://moodle.kz/lms/mod/x?id=1)", id="relative"),
        pytest.param("<a href='/x'>a</a>", "[a](https://moodle.kz/x)", id="relative to the host"),
        pytest.param("<a href='//x.kz/a'>a</a>", "[a](https://x.kz/a)", id="without a scheme"),
        pytest.param("<a href='https://x.kz'><b>a</b> b</a>", "[**a** b](https://x.kz)", id="bold in it"),
        pytest.param("<a href='https://x.kz'>[PDF] a</a>", "[(PDF) a](https://x.kz)", id="brackets"),
        pytest.param("<b>a <a href='https://x.kz'>b</a></b>", "**a** [**b**](https://x.kz)", id="in bold"),
        pytest.param(
            "<a href='https://x.kz'>a</a><a href='https://x.kz'>b</a>", "[ab](https://x.kz)", id="in two parts"
        ),
        pytest.param(
            "<a href='https://x.kz'><p>a</p><p>b</p></a>",
            "[a](https://x.kz)\n\n[b](https://x.kz)",
            id="around paragraphs",
        ),
        pytest.param("<a href='https://x.kz/a'>https://x.kz/a</a>", "https://x.kz/a", id="its own address"),
        pytest.param("<a href='https://x.kz/a'>https://x.kz/a</a>.", "<https://x.kz/a>.", id="its own in a sentence"),
        pytest.param("<a href='https://x.kz/abc'>https://x.kz/…</a>", "[x.kz/…](https://x.kz/abc)", id="shortened"),
        pytest.param("<a href='https://lms.x.kz/'>x.kz</a>", "[x.kz](https://lms.x.kz/)", id="a host of the host"),
        pytest.param(
            "<a href='https://evil.example/a'>https://bank.kz</a>",
            r"https\://bank.kz → [evil.example](https://evil.example/a)",
            id="an address that it does not lead to",
        ),
        pytest.param(
            "<a href='https://evil.example'>bank.<b>kz</b></a>",
            "bank.**kz** → [evil.example](https://evil.example)",
            id="a host that it does not lead to",
        ),
        pytest.param(
            "<a href='https://bank.kz.evil.example'>www.bank.kz</a>",
            "www.bank.kz → [bank.kz.evil.example](https://bank.kz.evil.example)",
            id="a host that only begins like it",
        ),
        pytest.param(
            "<a href='https://bаnk.kz'>bank.kz</a>",
            "bank.kz → [xn--bnk-6cd.kz](https://bаnk.kz)",
            id="a host in letters of two alphabets",
        ),
        pytest.param("<a href='https://x.kz/1'>lab1.pdf</a>", "[lab1.pdf](https://x.kz/1)", id="a file's name"),
        pytest.param("<a href='mailto:a@x.kz'>a@x.kz</a>", r"a\@x.kz", id="mail"),
        pytest.param("<a href='tel:+77011234567'>+7 701</a>", r"\+7 701", id="telephone"),
        pytest.param("<a href='javascript:alert(1)'>a</a>", "a", id="script"),
        pytest.param("<a href='https://a@x.kz'>b</a>", "b", id="a name in front of the host"),
        pytest.param("<a href='http://['>b</a>", "b", id="broken"),
        pytest.param("<a href='#top'>a</a><a name=b>c</a><a href=''>d</a>", "acd", id="nowhere"),
        pytest.param("<a href='https://x.kz'></a>a", "a", id="without words"),
        pytest.param("<a href='https://x.kz/a'><img src=b></a>", "[🖼 x.kz](https://x.kz/a)", id="only a picture"),
        pytest.param(
            f"<a href='{FILE}/a.pdf?token=1'>a</a>",
            "[a](https://moodle.kz/lms/pluginfile.php/5/mod_page/content/0/a.pdf)",
            id="a file of Moodle",
        ),
        pytest.param("<a href='@@PLUGINFILE@@/a.pdf'>a</a>", "a", id="a file whose address is not known"),
        pytest.param("<a href='https://moodle.kz/lms/tokenpluginfile.php/K/5/x'>a</a>", "a", id="a file with a key"),
    ],
)
def test_links(markup: str, expected: str) -> None:
    assert markdown(markup, SITE) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param("a https://x.kz/b_c d", "a https://x.kz/b_c d", id="alone"),
        pytest.param("(https://x.kz/a), https://x.kz/b.", "(<https://x.kz/a>), <https://x.kz/b>.", id="in a sentence"),
        pytest.param("https://kk.wikipedia.org/wiki/A_(b)", "https://kk.wikipedia.org/wiki/A_%28b%29", id="brackets"),
        pytest.param("https://x.kz/a?sesskey=1&amp;id=2", "https://x.kz/a?id=2", id="with a session"),
        pytest.param("https://x.kz/<b>a</b>", "<https://x.kz/>**a**", id="before a format"),
        pytest.param("https://a@x.kz", r"https\://a\@x.kz", id="unsafe"),
        pytest.param("ftp://x.kz steam://x", r"ftp\://x.kz steam\://x", id="no web address"),
        pytest.param("<code>https://x.kz</code>", "`https://x.kz`", id="in code"),
    ],
)
def test_addresses_in_the_text(markup: str, expected: str) -> None:
    assert markdown(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param(f"<img src='{FILE}/a.png?token=1' alt='Сұлба'>", "🖼 Сұлба", id="a picture of Moodle"),
        pytest.param("<img src='https://x.kz/a.png' alt='a'>", "[🖼 a](https://x.kz/a.png)", id="one from elsewhere"),
        pytest.param("<img src='https://x.kz/a.png' alt=''>b<img src=c>", "b", id="decoration"),
        pytest.param("<img src='data:image/png;base64,AAAA' alt='a'>", "🖼 a", id="one in the text"),
        pytest.param("a<img src='s/smile' alt='🙂'>", "a🙂", id="an emoji"),
        pytest.param("<img alt=a><img alt=b>", "🖼 a 🖼 b", id="one beside the other"),
        pytest.param(
            "<a href='https://x.kz'><img alt=a src='https://y.kz'></a>", "[🖼 a](https://x.kz)", id="in a link"
        ),
        pytest.param(
            "<iframe src='//www.youtube.com/embed/abcdefghijk?rel=0' title='YouTube video player'></iframe>",
            "[▶ youtube.com](https://www.youtube.com/watch?v=abcdefghijk)",
            id="YouTube",
        ),
        pytest.param(
            "<iframe src='https://player.vimeo.com/video/12?h=1' title='Сабақ'></iframe>",
            "[▶ Сабақ](https://vimeo.com/12)",
            id="Vimeo",
        ),
        pytest.param(f"<video title='Сабақ'><source src='{FILE}/a.mp4'>old</video>", "▶ Сабақ", id="a film of Moodle"),
        pytest.param(f"<audio src='{FILE}/%D3%98%20a.mp3?token=1'></audio>", "▶ Ә a.mp3", id="one without a title"),
        pytest.param(
            "<video><a href='https://youtu.be/a'>▶</a></video>", "[▶ youtu.be](https://youtu.be/a)", id="a link"
        ),
        pytest.param("<object data='https://x.kz/a'></object>", "[▶ x.kz](https://x.kz/a)", id="an object"),
        pytest.param("a<video src='blob:1'></video>b", "ab", id="one that leads nowhere"),
        pytest.param("a<video src='https://x.kz/v'></video>b", "a\n[▶ x.kz](https://x.kz/v)\nb", id="on its own line"),
    ],
)
def test_pictures_and_films_are_named(markup: str, expected: str) -> None:
    assert markdown(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param(
            "<table><thead><tr><td>a</td><td>b</td></tr></thead><tr><td>c</td><td>d</td></tr></table>",
            lines("**a** · **b**", "c · d"),
            id="rows, with bold headings",
        ),
        pytest.param("<table><tr><th>a<td>b<tr><td>c<td>d</table>", lines("**a** · b", "c · d"), id="without ends"),
        pytest.param("<table><tr><td></td><td> </td></tr><tr><td>a</td><td></td></tr></table>", "a", id="empty cells"),
        pytest.param("<table><tr><td>a<p>b</p></td><td>c</td></tr></table>", "a b · c", id="lines in a cell"),
        pytest.param("<table><tr><td><h3>a</h3><ul><li>b</ul></table>", lines("**a**", "", "- b"), id="a single cell"),
        pytest.param(
            "<table><tr><td><ul><li>a</ul></td><td>b</td></tr></table>", lines("- a", "", "b"), id="a page's layout"
        ),
        pytest.param("<table><caption>a</caption><tr><td>b</table>", lines("a", "", "b"), id="a caption"),
        pytest.param("<table><tr><td><table><tr><td>a<td>b</table></table>", "a · b", id="a table in a table"),
        pytest.param("<td>a</td><td>b</td>", lines("a", "", "b"), id="cells without a table"),
    ],
)
def test_tables(markup: str, expected: str) -> None:
    assert markdown(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param("a <code>x_y *z*</code>", "a `x_y *z*`", id="in a line"),
        pytest.param("<code>a`b</code>", "`aˋb`", id="a backtick in it"),
        pytest.param("<code>a</code><kbd>b</kbd>", "`ab`", id="one beside the other"),
        pytest.param("<b>a <code>b**</code></b>", "**a** `b**`", id="in bold"),
        pytest.param("<pre>a\n  b\n\n c  </pre>", lines("```", "a", "  b", "", " c", "```"), id="a block"),
        pytest.param("<pre><code class=x>a<br>b</code></pre>", lines("```", "a", "b", "```"), id="tags in a block"),
        pytest.param("<pre>a```b</pre>", lines("```", "aˋˋˋb", "```"), id="a fence in a block"),
        pytest.param("<pre>\n\n</pre>a", "a", id="an empty block"),
        pytest.param(
            "<blockquote>a<pre>b</pre></blockquote>", lines("> a", "```", "b", "```"), id="a block in a quote"
        ),
    ],
)
def test_code(markup: str, expected: str) -> None:
    assert markdown(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param(r"\(x^2\), \[a_{1}\]", "`x²`, `a₁`", id="in brackets"),
        pytest.param(r"$$\frac{a}{b+c}$$ [tex]\alpha[/tex] <tex>\beta</tex>", "`a/(b+c)` `α` `β`", id="by other signs"),
        pytest.param("$$a &lt; b$$", "`a < b`", id="with a sign of HTML"),
        pytest.param(r"\(\unknown{x}*y*\)", r"`\unknown{x}*y*`", id="what is not known stays"),
        pytest.param("$$ or $$", "$$ or $$", id="words between prices"),
        pytest.param("$$5 and $$10", "$$5 and $$10", id="prices"),
        pytest.param(r"<code>\(x^2\)</code>", r"`\(x^2\)`", id="not in code"),
        pytest.param("<math><msup><mi>x</mi><mn>2</mn></msup></math>", "`x²`", id="MathML"),
        pytest.param("x<sup>2</sup> H<sub>2</sub>O", "x² H₂O", id="powers and indices"),
        pytest.param("x<sup>қ</sup> y<sub>max q</sub>", r"x^қ y\_(maxq)", id="without a sign of their own"),
        pytest.param("a<sup><a href='https://x.kz'>1</a></sup>", "a[1](https://x.kz)", id="a footnote"),
    ],
)
def test_formulas(markup: str, expected: str) -> None:
    assert markdown(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param("<script>a</script><style>b</style><template>c</template>d", "d", id="scripts and styles"),
        pytest.param("a<!-- b -->c<!--><!DOCTYPE x><?x y?><![if !z]>d<![endif]>", "acd", id="comments"),
        pytest.param("<div style='display: NONE'>a<div>b</div></div><p hidden>c</p>d", "d", id="hidden"),
        pytest.param("<p class=MsoNormal>a<o:p>&nbsp;</o:p></p>", "a", id="of Word"),
        pytest.param("<p>&nbsp;</p><p>a&nbsp;&nbsp; b</p><p>\u200b</p>", "a b", id="spaces"),
        pytest.param("\uf0b7 a", "• a", id="a bullet from Word"),
        pytest.param('a<b c="d', "a", id="a broken tag"),
        pytest.param("a < b & c <d", "a \\< b & c", id="what is no tag"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_what_is_not_seen_leaves_no_trace(markup: str, expected: str) -> None:
    assert markdown(markup) == expected


def test_letters_and_emoji_stay() -> None:
    assert markdown("ӘҒҚҢӨҰҮҺІ ё «x» – № 👨‍👩‍👧 🇰🇿 1️⃣ и\u0306") == "ӘҒҚҢӨҰҮҺІ ё «x» – № 👨‍👩‍👧 🇰🇿 1️⃣ й"
