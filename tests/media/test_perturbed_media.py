"""A video with parts gone or its pictures in another order: exact frames, samples and subtitles."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest

from tests.drawing import draw_subtitled, draw_video, number_of
from vprog.errors import BudgetError
from vprog.media.perturbed_media import (
    BLOCK_S,
    GREY,
    Perturbation,
    PerturbedMedia,
    as_shown,
)
from vprog.media.run_file import open_media
from vprog.media.run_videos import MediaSource
from vprog.registry.call_context import CallContext
from vprog.settings import Settings
from vprog.types import Box, Frame, Span, Video

NOTHING: tuple[tuple[Span, ...], ...] = ((),)
Alter = Callable[..., PerturbedMedia]


def constant(times: Any) -> Any:
    """Sound that is never 0, so that what is silenced shows."""
    return np.full_like(times, 0.5)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds, frame k at k/10 s."""
    return draw_video(tmp_path_factory.mktemp("perturbed") / "film.mkv", 30, tone=constant,
                      audio_codec="pcm_s16le")  # fmt: skip


@pytest.fixture
def alter(film: Path) -> Iterator[Alter]:
    opened: list[PerturbedMedia] = []

    def make(path: Path | None = None, **given: Any) -> PerturbedMedia:
        source = MediaSource([open_media(path or film)])
        opened.append(PerturbedMedia(source, Perturbation(**given)))
        return opened[-1]

    yield make
    for media in opened:
        media.close()


def seen(media: PerturbedMedia, times: list[float]) -> list[int | str]:
    """The number of each picture, or "grey"; asked one by one and all at once alike."""
    together = [picture for _, picture in media.frames(0, times)]
    for time, picture in zip(times, together, strict=True):
        assert np.array_equal(media.pixels(Frame(0, time)), picture)
    return ["grey" if (pixels == GREY).all() else number_of(pixels) for pixels in together]


def test_what_is_shown_alone_stays(alter: Alter) -> None:
    media = alter(shown=((Span(0.5, 0.8), Span(2.0, 2.1)),))
    assert seen(media, [0.4, 0.5, 0.6, 0.8, 0.9, 2.0, 2.1, 2.2]) == [
        "grey", 5, 6, 8, "grey", 20, 21, "grey",
    ]  # fmt: skip


def test_what_is_hidden_goes(alter: Alter) -> None:
    media = alter(hidden=((Span(0.5, 0.8),),))
    assert seen(media, [0.4, 0.5, 0.8, 0.9]) == [4, "grey", "grey", 9]


def test_nothing_shown_is_grey_throughout(alter: Alter) -> None:
    assert seen(alter(shown=NOTHING), [0.0, 1.5, 2.9, 99.0]) == ["grey"] * 4


def test_nothing_done_is_the_video_as_it_is(alter: Alter) -> None:
    assert seen(alter(), [0.0, 1.5, 2.9]) == [0, 15, 29]


@pytest.mark.parametrize("max_side", [None, 80, 33])
def test_grey_pictures_have_the_size_of_the_others(alter: Alter, max_side: int | None) -> None:
    media = alter(hidden=((Span(0.0, 1.0),),))
    shapes = {pixels.shape for _, pixels in media.frames(0, [0.5, 1.5], max_side=max_side)}
    shapes |= {media.pixels(Frame(0, time), max_side=max_side).shape for time in (0.5, 1.5)}
    assert len(shapes) == 1


def test_region_of_what_is_gone_is_grey_in_its_size(alter: Alter) -> None:
    media = alter(hidden=((Span(0.0, 1.0),),))
    region = Box(10.0, 20.0, 50.0, 40.0)
    gone, there = (media.pixels(Frame(0, time, region)) for time in (0.5, 1.5))
    assert gone.shape == there.shape == (20, 40, 3)
    assert (gone == GREY).all()
    assert not (there == GREY).all()


def test_frames_come_in_the_order_asked_for_and_are_not_read_ahead(alter: Alter) -> None:
    media = alter(hidden=((Span(1.0, 1.95),),))
    frames = media.frames(0, [2.5, 0.3, 1.2, 0.3])
    assert media.frames_decoded == 0
    times = [time for time, _ in frames]
    assert times == [2.5, 0.3, 1.2, 0.3]
    assert seen(media, [2.5, 0.3, 1.2, 0.3]) == [25, 3, "grey", 3]


def test_check_is_called_for_what_is_grey_too(alter: Alter) -> None:
    media = alter(shown=NOTHING)

    def spent() -> None:
        raise BudgetError("spent.")

    context = CallContext(media, check=spent)
    with pytest.raises(BudgetError):
        next(iter(context.frames(0, [0.5])))
    with pytest.raises(BudgetError):
        context.pixels(Frame(0, 0.5))
    with pytest.raises(BudgetError):
        context.sound(0)


@pytest.mark.parametrize("span", [None, Span(0.4, 1.3), Span(0.6, 0.7), Span(0.3333375, 2.9)])
def test_sound_is_silent_from_sample_to_sample(alter: Alter, span: Span | None) -> None:
    media = alter(hidden=((Span(0.5000375, 0.75), Span(1.0, 1.00005)),))  # from sample 8000.6 on
    whole = alter().sound(0)
    expected = whole.copy()
    expected[8_001:12_000] = 0.0
    expected[16_000:16_001] = 0.0
    start, end = (0.0, 3.0) if span is None else span
    first, last = round(start * 16_000), round(end * 16_000)
    assert np.array_equal(media.sound(0, span), expected[first:last])
    assert (whole[8_000:12_000] != 0).all()


def test_sound_blocks_are_parts_of_the_same(alter: Alter) -> None:
    media = alter(shown=((Span(0.55, 1.2),),))
    blocks = list(media.sound_blocks(0, seconds=0.3))
    assert np.array_equal(np.concatenate([block for _, block in blocks]), media.sound(0))
    there = np.flatnonzero(media.sound(0))
    assert (there[0], there[-1]) == (round(0.55 * 16_000), round(1.2 * 16_000) - 1)


def test_cues_go_with_their_middle(alter: Alter, tmp_path: Path) -> None:
    film = draw_subtitled(
        tmp_path / "speech.mkv",
        "subrip",
        [("one", 0, 900), ("two", 900, 1300), ("three", 2000, 2500)],
    )
    left = alter(film, hidden=((Span(1.0, 2.0),),))
    assert [subtitle.text for subtitle in left.subtitles(0)] == ["one", "three"]
    assert alter(film, shown=NOTHING).subtitles(0) == []


def test_facts_and_length_stay_and_the_hash_is_another(alter: Alter) -> None:
    plain = alter()
    several = [plain, alter(shown=NOTHING), alter(hidden=((Span(0.5, 0.8),),)), alter(seed=20),
            alter(seed=21)]  # fmt: skip
    assert all(media.facts(0) == plain.facts(0) for media in several)
    assert {media.videos[0] for media in several} == {plain.videos[0]}
    assert len({media.content_hash(0) for media in several}) == len(several)
    assert alter(seed=20).content_hash(0) == several[3].content_hash(0)
    assert plain.content_hash(0) != MediaSource.file_hash(plain, 0)


def test_shuffled_pictures_are_blocks_of_a_second_and_none_stays(alter: Alter) -> None:
    media = alter(seed=20)
    first = [number for number in seen(media, [0.0, 1.0, 2.0]) if isinstance(number, int)]
    assert sorted(first) == [0, 10, 20]
    assert all(number != at * 10 for at, number in enumerate(first))
    assert seen(media, [0.3, 1.3, 2.3]) == [number + 3 for number in first]  # movement stays
    assert seen(alter(seed=20), [0.0, 1.0, 2.0]) == first


@pytest.mark.parametrize("seconds", [1, 2, 3, 5, 12])
def test_shuffling_is_a_derangement_for_any_length(tmp_path: Path, seconds: int) -> None:
    path = draw_video(tmp_path / "film.mp4", seconds * 2, fps=2)
    for seed in range(5):
        media = PerturbedMedia(MediaSource([open_media(path)]), Perturbation(seed=seed))
        starts = [float(block) * BLOCK_S for block in range(seconds)]
        shown = [number_of(pixels) for _, pixels in media.frames(0, starts)]
        media.close()
        assert sorted(shown) == [2 * block for block in range(seconds)]
        if seconds > 1:
            assert all(number != 2 * at for at, number in enumerate(shown))


def test_shuffled_short_last_block_shows_its_last_frame(alter: Alter, tmp_path: Path) -> None:
    media = alter(draw_video(tmp_path / "film.mp4", 15), seed=20)  # 1.5 s: two blocks
    assert seen(media, [0.0, 0.4, 0.9, 1.0, 1.4, 1.5]) == [10, 14, 14, 0, 4, 5]


def test_gone_is_what_is_not_left() -> None:
    video = Video(0, 4.0, 160, 120, 10.0, 40, True, False)
    both = Perturbation(shown=((Span(1.0, 3.0),),), hidden=((Span(2.0, 2.5), Span(3.5, 9.0)),))
    assert both.gone(video) == [(0.0, 1.0), (2.0, 2.5), (3.0, 3.5), (3.5, 4.0)]
    assert Perturbation().gone(video) == []
    assert Perturbation(shown=NOTHING).gone(video) == [(0.0, 4.0)]


def test_backwards_the_last_picture_comes_first(alter: Alter) -> None:
    media = alter(is_reversed=True)
    assert seen(media, [0.0, 0.1, 1.5, 2.9, 99.0]) == [29, 28, 14, 0, 0]
    assert media.sound(0, Span(1.0, 1.1)).any()


def test_a_still_stands_without_a_sound(alter: Alter) -> None:
    media = alter(is_still=True)
    assert seen(media, [0.0, 1.5, 2.9]) == [15, 15, 15]
    assert not media.sound(0).any()


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("reversed", [19, 18, 10]),
        ("still", [15, 15, 15]),
        ("none", ["grey"] * 3),
        ("beginning", [10, 11, "grey"]),
        ("ends", [10, 11, 19]),
    ],
)
def test_within_a_part_nothing_of_the_rest_is_shown(
    film: Path, shown: str, expected: list[int | str]
) -> None:
    source = MediaSource([open_media(film)], Span(1.0, 2.0))
    media = as_shown(source, shown)
    assert isinstance(media, PerturbedMedia)
    try:
        assert seen(media, [1.0, 1.1, 1.9]) == expected
    finally:
        media.close()


def test_every_way_to_show_a_video_has_a_cache_of_its_own(film: Path) -> None:
    source = MediaSource([open_media(film)])
    ways = get_args(get_type_hints(Settings)["shown"])
    assert len({as_shown(source, shown).content_hash(0) for shown in ways}) == len(ways)
    source.close()
