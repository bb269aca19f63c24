"""The 80 things that a detector trained on COCO knows, and the words people use for them."""

from __future__ import annotations

import difflib

from vprog.errors import ModuleInputError

COCO = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat",
    "traffic light", "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog",
    "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella",
    "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite",
    "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
    "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich",
    "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch",
    "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote",
    "keyboard", "cell phone", "microwave", "oven", "toaster", "sink", "refrigerator", "book",
    "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip
"""In the order of the detector's classes."""

SYNONYMS = {
    "human": "person", "pedestrian": "person", "somebody": "person", "someone": "person",
    "bike": "bicycle", "automobile": "car", "motorbike": "motorcycle", "plane": "airplane",
    "aeroplane": "airplane", "aircraft": "airplane", "lorry": "truck", "ship": "boat",
    "hydrant": "fire hydrant", "puppy": "dog", "kitten": "cat", "pony": "horse",
    "cattle": "cow", "rucksack": "backpack", "purse": "handbag", "necktie": "tie",
    "ball": "sports ball", "football": "sports ball", "basketball": "sports ball",
    "soccer ball": "sports ball", "tennis ball": "sports ball", "racket": "tennis racket",
    "mug": "cup", "doughnut": "donut", "sofa": "couch", "plant": "potted plant",
    "houseplant": "potted plant", "table": "dining table", "television": "tv",
    "tv set": "tv", "tv monitor": "tv", "tvmonitor": "tv", "notebook computer": "laptop",
    "computer mouse": "mouse",
    "remote control": "remote", "phone": "cell phone", "mobile phone": "cell phone",
    "mobile": "cell phone", "smartphone": "cell phone", "cellphone": "cell phone",
    "telephone": "cell phone", "fridge": "refrigerator", "teddy": "teddy bear",
    "hair dryer": "hair drier", "hairdryer": "hair drier", "washbasin": "sink",
}  # fmt: skip
"""Other words for the same things. Words for a part of a kind (man, woman, child, parrot, SUV)
are left out: the detector does not tell these apart, and to say that it found a parrot because it
found a bird would be made up."""

IRREGULAR = {
    "people": "person", "persons": "person", "mice": "mouse", "knives": "knife",
    "buses": "bus", "sheep": "sheep", "skis": "skis", "scissors": "scissors",
    "couches": "couch", "benches": "bench", "sandwiches": "sandwich",
    "wine glasses": "wine glass", "puppies": "puppy", "ponies": "pony", "lorries": "lorry",
    "toothbrushes": "toothbrush",
}  # fmt: skip

FACE = {"face": "face", "faces": "face", "human face": "face"}
"""Not of COCO; another detector finds it."""


def coco_label(where: str, label: str) -> str:
    """The label of COCO that a noun phrase means, or "face".

    Args:
        where: the call, as the message names it.
        label: an English noun phrase, singular or plural.

    Raises:
        ModuleInputError: the detector knows no such thing.
    """
    word = known_word(label)
    if word is not None:
        return word
    plain = _plain(label)
    near = difflib.get_close_matches(plain, [*COCO, *SYNONYMS, *FACE], n=1, cutoff=0.8)
    raise ModuleInputError(
        f'{where}: the detector does not know "{label}"; it knows the 80 labels of COCO '
        "(person, dog, car, cup, chair ...) and face."
        + (f' Did you mean "{near[0]}"?' if near else ""),
        hint="Other things need another detector or a VLM: run `vprog modules list detect`.",
    )


def known_word(label: str) -> str | None:
    """The label that a noun phrase means; None if there is none."""
    plain = _plain(label)
    for word in (
        plain,
        IRREGULAR.get(plain, ""),
        plain.removesuffix("s"),
        plain.removesuffix("es"),
    ):
        if word in _KNOWN:
            return _KNOWN[word]
    return None


def _plain(label: str) -> str:
    words = label.lower().split()
    return " ".join(words[1:] if words[:1] in (["a"], ["an"], ["the"], ["any"]) else words)


_KNOWN = {**{name: name for name in COCO}, **SYNONYMS, **FACE}
