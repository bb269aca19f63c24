"""What a subtitle says, without what tells a player how to show it."""

from __future__ import annotations

import pytest

from vprog.media.subtitle_markup import MAX_LENGTH, plain_text


@pytest.mark.parametrize(
    ("form", "text", "plain"),
    [
        ("ass", r"{\k50}Row {\k50}row", "Row row"),
        ("ass", r"{\p1}m 0 0 l 100 0 100 100{\p0}", ""),
        ("ass", r"Look{\p2}m 0 0 l 9 9{\p0} here", "Look here"),
        ("ass", r"{\pos(10,20)\an8}up\Nthere\hnow", "up\nthere now"),
        ("ass", "{a note}said {unclosed", "said {unclosed"),
        ("ass", "1 < 2 &amp; 3", "1 < 2 &amp; 3"),
        ("ass", r"\{braces\}", "{braces}"),
        ("srt", r"{\an8}<i>Hello</i>, <font color='red'>you</font>", "Hello, you"),
        ("srt", "{laughs} 1 < 2 and 3 > 1 <to go>", "{laughs} 1 < 2 and 3 > 1 <to go>"),
        ("srt", "Fish &amp; chips &lt;to go&gt; &#233;&#xE9;&eacute;", "Fish & chips <to go> ééé"),
        ("srt", "AT&T &amp;lt; &unknown;", "AT&T &lt; &unknown;"),
        ("vtt", "<v.loud Ann>Hi <c.yellow.bg_blue>there</c></v>", "Hi there"),
        ("vtt", "welcome<00:00:00.500><c> to</c><00:01.000><c> the</c>", "welcome to the"),
        ("vtt", "<ruby>漢<rt>かん</rt>字<rt>じ</rt></ruby>です", "漢字です"),
        ("vtt", "<lang de>Guten</lang> <whatever>Tag", "Guten Tag"),
        ("srt", "\x1b[31mred\x07   word ", "[31mred word"),
    ],
)
def test_plain_text(form: str, text: str, plain: str) -> None:
    assert plain_text(text, form) == plain


@pytest.mark.parametrize("unit", ["{", "{\\p1", "<", "<a", "<rt>", "&#1", "}", "\\N"])
@pytest.mark.parametrize("form", ["ass", "srt", "vtt"])
def test_plain_text_is_bounded(form: str, unit: str) -> None:
    assert len(plain_text(unit * 400_000, form)) <= MAX_LENGTH
