"""What a question is asked for: sentences and clauses around it that do not limit what it asks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vprog.rules.lexicon import stem
from vprog.rules.rule_data import pattern, rewritten
from vprog.rules.times import mark, take_times
from vprog.rules.tokens import tokens_of

_SHORTEST = 4
"""Words. "Nobody speaks for a while. For how long?" asks for what was told."""
_LONGEST_NAME = 6


def at_its_time(question: str) -> str:
    """A question after which one is told to go to a time, or of being there, as asked of it.

    Example:
        >>> at_its_time("Pause at 0:20. How many people are there?")
        'At 0:20, How many people are there?'
    """
    paused = pattern("paused").match(question.strip())
    if paused is None:
        return question
    time = pattern("it_starts").sub("the start", paused["time"])
    rest, times = take_times(f"at {time.lower()}", 60.0)
    if len(times) != 1 or times[0].kind != "at" or rest.strip() != mark(0):
        return question
    return f"At {time}, {paused['asked']}"


def without_background(question: str) -> tuple[str, str] | None:
    """A question without what stands around it, and this; None if that may limit what it asks.

    Example:
        >>> without_background("Our player shows no length. How long is it?")
        ('How long is it?', 'Our player shows no length.')
    """
    parts = sentences(question)
    asking = [at for at, sentence in enumerate(parts) if sentence.endswith("?")]
    asked = parts.pop(asking[0] if len(asking) == 1 else -1)
    while (aside := pattern("aside").match(asked)) is not None and _is_statement(aside):
        if pattern("asks").match(aside["told"]) and not pattern("of_oneself").match(aside["told"]):
            return None
        parts.append(aside["told"])
        asked = aside["asked"]
    told = " ".join(parts)
    if not parts or "?" in told or any(map(_limits, parts)) or _names_again(asked, told):
        return None
    if len(asked.split()) < _SHORTEST:
        return None
    if pattern("colour_of_it").search(asked) and not pattern("whole_picture").search(told):
        return None
    where_text_is = pattern("where_text_is").search
    if pattern("speaks_of_text").search(asked) and where_text_is(told) and not where_text_is(asked):
        return None
    return asked, told


def joined(question: str) -> Iterator[str]:
    """One question out of what is told and a short question about it, in the ways it may be meant.

    Example:
        >>> list(joined("The picture turns white at some point. When is that?"))
        ['When The picture turns white?']
        >>> list(joined("The dog - what colour is it?"))
        ['what colour is The dog?']
    """
    hit = pattern("told_and_asked").match(question.strip())
    if hit is None or "?" in hit["told"] or len(sentences(hit["told"])) > 1:
        return
    told, asked = hit["told"].strip(), hit["asked"].strip()
    of_it = pattern("of_it").fullmatch(asked)
    if of_it is not None:
        yield f"{rewritten(of_it['ask'], 'what_it_is')} {rewritten(told, 'there_is')}?"
    elif len(told.split()) <= _LONGEST_NAME and pattern("pronoun").search(asked):
        yield f"{pattern('pronoun').sub(told, asked, count=1)}?"


def sentences(text: str) -> list[str]:
    """The sentences of a text, one at least."""
    return re.split(r"(?<=[.!?;])\s+(?=\S)", text.strip())


def _is_statement(aside: re.Match[str]) -> bool:
    """Whether a clause only tells something: of the asker, or, before a colon, of anything."""
    joint = aside.string[aside.end("told") :]
    if joint[0] in ";:":
        return True
    if pattern("of_oneself").match(aside["told"]):
        return bool(pattern("asks").match(aside["asked"]))
    return bool(re.match(r", so\b", joint))


def _names_again(asked: str, told: str) -> bool:
    """Whether what is asked points at a thing that was told of: "what does that sign say"."""
    known = {stem(word) for word in re.findall(r"[a-z]{3,}", told.lower())}
    return any(stem(hit[1]) in known for hit in pattern("points_at").finditer(asked))


def _limits(told: str) -> bool:
    """Whether what is told may limit what is asked."""
    if pattern("always_limits").search(told) or take_times(told.lower(), 60.0)[1]:
        return True
    if pattern("of_oneself").match(told):
        return False
    is_clause = not told.endswith((".", "!", "?", ";"))
    values = any(token.slots for token in tokens_of(told.lower(), is_question=False))
    limits = pattern("limits").search(told) or pattern("about_something").match(told)
    return bool(limits or (is_clause and values))
