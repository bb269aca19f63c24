"""Encodings of subtitle files: certain, guessed and said, or refused; never garbage."""

from __future__ import annotations

import pytest

from vprog.errors import SubtitlesUnreadableError
from vprog.media.subtitle_encoding import GUESSED, decode_text

TEXTS = {
    "Russian": "Где ты был вчера вечером?\nЯ ждал тебя на вокзале до десяти часов.\n"
    "Никто не знает, куда ушёл последний поезд.",
    "Japanese": "昨日の夜はどこにいましたか。\n十時まで駅で待っていました。\n"
    "最後の電車がどこへ行ったか誰も知りません。",
    "Chinese": "你昨天晚上在哪里？\n我在车站一直等到十点。\n没有人知道最后一班火车去了哪里。",
    "Taiwan": "你昨天晚上在哪裡？\n我在車站一直等到十點。\n沒有人知道最後一班火車去了哪裡。",
    "Korean": "어젯밤에 어디 있었어요?\n열 시까지 역에서 기다렸어요.\n"
    "마지막 기차가 어디로 갔는지 아무도 몰라요.",
    "French": "Où étiez-vous hier soir à dix heures ?\n"
    "Je vous ai attendu à la gare, près du café.\n"
    "Personne n’a vu où le dernier train s’est arrêté.",
    "German": "Wo wärst du über Nacht geblieben?\nDie Straße führt zum großen Bahnhof.",
    "Polish": "Gdzie byłeś wczoraj wieczorem?\nCzekałem na ciebie na dworcu, aż przyszła żona.\n"
    "Nikt nie wie, dokąd odjechał ostatni pociąg.",
    "Turkish": "Dün gece neredeydin?\nİstasyonda saat ona kadar bekledim, kimse gelmedi.\n"
    "Son trenin nereye gittiğini kimse bilmiyor, çok şaşırdım.",
    "Greek": "Πού ήσουν χθες το βράδυ;\nΣε περίμενα στον σταθμό μέχρι τις δέκα.",
}


def in_srt(text: str) -> str:
    """Each line as a subtitle."""
    return "\n".join(
        f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{line}\n"
        for n, line in enumerate(text.split("\n"), 1)
    )


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encoding_that_shows_in_the_bytes_is_certain(language: str, encoding: str) -> None:
    text = in_srt(TEXTS[language])
    assert decode_text(text.encode(encoding), "a.srt") == (text, 1.0, "")


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        ("Russian", "cp1251"),
        ("Russian", "koi8-r"),
        ("Japanese", "shift_jis"),
        ("Japanese", "euc_jp"),
        ("Chinese", "gbk"),
        ("Taiwan", "big5"),
        ("Korean", "euc_kr"),
        ("French", "cp1252"),
        ("German", "latin-1"),
        ("Polish", "cp1250"),
        ("Turkish", "cp1254"),
        ("Greek", "cp1253"),
    ],
)
def test_encoding_that_was_detected_is_said_and_scored_lower(language: str, encoding: str) -> None:
    text = in_srt(TEXTS[language])
    found = decode_text(text.encode(encoding), "a.srt")
    assert found.text == text
    assert 0 < found.score <= GUESSED
    assert "its encoding is not stated" in found.warning


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Да", "cp1251"), ("はい", "shift_jis"), ("好的", "gbk"), ("네", "euc_kr"), ("你好", "big5")],
)
def test_encoding_of_one_word_is_refused(text: str, encoding: str) -> None:
    with pytest.raises(SubtitlesUnreadableError, match=r"cannot be told|encoding that is known"):
        decode_text(in_srt(text).encode(encoding), "a.srt")


@pytest.mark.parametrize("line", ["Yes.", "Fish & chips"])
def test_encoding_of_plain_letters_is_no_question(line: str) -> None:
    assert decode_text(in_srt(line).encode("latin-1"), "a.srt").score == 1.0


def test_encoding_with_lost_bytes_is_still_utf8() -> None:
    data = in_srt(TEXTS["Russian"]).encode()
    found = decode_text(data.replace("ч".encode(), b"\xd0", 1), "a.srt")
    assert "1 of its letters are damaged" in found.warning
    assert found.text.count("\ufffd") == 1


def test_encoding_that_leaves_accents_in_doubt_says_so() -> None:
    text = in_srt("Hanno detto di sì, poi di no, e sono andati via")
    found = decode_text(text.encode("cp1252"), "a.srt")
    assert found.score < GUESSED
    assert "some letters in doubt" in found.warning
