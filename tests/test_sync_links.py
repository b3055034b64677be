"""Links that are posted lead where they say, for every reader, and give nobody's login away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.links import host, safe_link


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("https://x.kz/a?b=1#c", "https://x.kz/a?b=1#c", id="as it is"),
        pytest.param(" HTTP://x.kz ", "HTTP://x.kz", id="trimmed"),
        pytest.param("https://x.kz/a|b>c", "https://x.kz/a%7Cb%3Ec", id="markdown is quoted"),
        pytest.param("https://x.kz/a_(b)[c]*d\\", "https://x.kz/a_%28b%29%5Bc%5D%2Ad%5C", id="no way out of a link"),
        pytest.param("https://x.kz/a__b~~c/~d", "https://x.kz/a_%5Fb~%7Ec/~d", id="double signs"),
        pytest.param("https://x.kz/a\nb", "https://x.kz/a%0Ab", id="no second line"),
        pytest.param("https://x.kz/\u202egpj", "https://x.kz/%E2%80%AEgpj", id="nothing unseen"),
        pytest.param("https://x.kz/\ud800", "https://x.kz/%3F", id="half a character"),
        pytest.param("https://қаз.қаз/әліпби", "https://қаз.қаз/әліпби", id="Kazakh"),
        pytest.param("http://localhost:8080/a", "http://localhost:8080/a", id="a port"),
        pytest.param("javascript:alert(1)", "", id="not http"),
        pytest.param("file:///etc/passwd", "", id="a file"),
        pytest.param("https://good.kz@evil.kz/", "", id="a name in front of the host"),
        pytest.param("https://good.kz\\@evil.kz/", "", id="a name behind a backslash"),
        pytest.param("https://good.kz\n@evil.kz/", "", id="a name on a second line"),
        pytest.param("https://", "", id="no host"),
        pytest.param("https:x.kz", "", id="no slashes"),
        pytest.param("https://x..kz", "", id="half a host"),
        pytest.param("https://a b.kz", "", id="a space in the host"),
        pytest.param("https://[::1", "", id="broken"),
        pytest.param("https://[::1]/", "", id="a host in brackets"),
        pytest.param("https://x.kz:99999", "", id="no such port"),
        pytest.param("https://x.kz/" + "a" * 1000, "", id="too long"),
        pytest.param("", "", id="none"),
    ],
)
def test_only_safe_links_are_posted(url: str, expected: str) -> None:
    assert safe_link(url) == expected


M = "https://m.kz"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param(f"{M}/mod/x?id=1&sesskey=A", f"{M}/mod/x?id=1", id="a session key"),
        pytest.param(f"{M}/a?wstoken=A&b=1&Token=B&c=", f"{M}/a?b=1&c=", id="tokens"),
        pytest.param(f"{M}/a?%74oken=A", f"{M}/a", id="a token in other letters"),
        pytest.param(f"{M}/login?key=A", f"{M}/login", id="a login key"),
        pytest.param(f"{M}/a?PHPSESSID=A&MoodleSessionkz=B&sid=C", f"{M}/a", id="sessions"),
        pytest.param("https://x.kz/a;jsessionid=A.b?c=1", "https://x.kz/a?c=1", id="a session in the path"),
        pytest.param("https://x.kz/a#access_token=A&b=1", "https://x.kz/a", id="a token behind the page"),
        pytest.param(
            "https://s3.kz/a?X-Amz-Signature=A&X-Amz-Date=1", "https://s3.kz/a?X-Amz-Date=1", id="a signature"
        ),
        pytest.param(
            "https://x.kz/?u=https%3A%2F%2Fm.kz%2Fa%3Ftoken%3DA", "https://x.kz/", id="a token in a link in it"
        ),
        pytest.param(f"{M}/tokenpluginfile.php/KEY/5/mod_x/a.pdf", "", id="a file with a key"),
        pytest.param(f"{M}/%74okenpluginfile.php/KEY/5/a.pdf", "", id="a file with a key in other letters"),
        pytest.param(f"{M}/draftfile.php/5/user/draft/1/a.pdf", "", id="a file of somebody's draft"),
        pytest.param(
            f"{M}/webservice/pluginfile.php/5/mod_x/intro/a.pdf?token=A&forcedownload=1",
            f"{M}/pluginfile.php/5/mod_x/intro/a.pdf",
            id="a file as apps get it",
        ),
        pytest.param(
            f"{M}/pluginfile.php/5/mod_resource/content/12/a.pdf?time=3",
            f"{M}/pluginfile.php/5/mod_resource/content/0/a.pdf",
            id="a version of a file",
        ),
        pytest.param(
            f"{M}/pluginfile.php/5/mod_book/chapter/12/a.png",
            f"{M}/pluginfile.php/5/mod_book/chapter/12/a.png",
            id="a number that is no version",
        ),
        pytest.param(
            "https://zoom.us/j/1?pwd=A", "https://zoom.us/j/1?pwd=A", id="a password that is shared on purpose"
        ),
        pytest.param("https://x.kz/?tokens=1&keyword=2", "https://x.kz/?tokens=1&keyword=2", id="names like them"),
    ],
)
def test_what_proves_one_reader_s_login_is_left_out(url: str, expected: str) -> None:
    assert safe_link(url) == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        pytest.param("https://www.X.kz:8080/a", "x.kz", id="its own name"),
        pytest.param("https://қаз.kz", "xn--80ao21a.kz", id="in the letters of DNS"),
        pytest.param("https://x.kz./", "x.kz", id="without the last dot"),
    ],
)
def test_a_host_is_named_in_one_way(link: str, expected: str) -> None:
    assert host(link) == expected


@given(st.text(max_size=30) | st.text("htps:/.@[]()<>*_~|\\ &?=;#%ktoen\n", max_size=30))
def test_a_link_cannot_break_out_and_is_safe_once_and_for_all(rest: str) -> None:
    link = safe_link(f"https://x.kz/{rest}")
    assert not set(link) & set(' \n\t<>()[]\\`|*{}"^')
    assert safe_link(link) == link
