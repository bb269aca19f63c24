"""How messages and programs name a track of a file and its language (ISO 639)."""

from __future__ import annotations

from vprog.types.metadata import Stream

_NAMES = {
    "Afrikaans": "af afr", "Albanian": "sq alb sqi", "Amharic": "am amh", "Arabic": "ar ara",
    "Armenian": "hy arm hye", "Azerbaijani": "az aze", "Basque": "eu baq eus",
    "Belarusian": "be bel", "Bengali": "bn ben", "Bosnian": "bs bos", "Bulgarian": "bg bul",
    "Burmese": "my bur mya", "Catalan": "ca cat", "Chinese": "zh chi zho cmn yue",
    "Croatian": "hr hrv scr", "Czech": "cs cze ces", "Danish": "da dan", "Dutch": "nl dut nld",
    "English": "en eng", "Esperanto": "eo epo", "Estonian": "et est", "Filipino": "tl tgl fil",
    "Finnish": "fi fin", "French": "fr fre fra", "Galician": "gl glg", "Georgian": "ka geo kat",
    "German": "de ger deu", "Greek": "el gre ell", "Gujarati": "gu guj", "Hebrew": "he heb iw",
    "Hindi": "hi hin", "Hungarian": "hu hun", "Icelandic": "is ice isl",
    "Indonesian": "id ind in", "Irish": "ga gle", "Italian": "it ita", "Japanese": "ja jpn",
    "Kannada": "kn kan", "Kazakh": "kk kaz", "Khmer": "km khm", "Korean": "ko kor",
    "Kurdish": "ku kur", "Lao": "lo lao", "Latin": "la lat", "Latvian": "lv lav",
    "Lithuanian": "lt lit", "Luxembourgish": "lb ltz", "Macedonian": "mk mac mkd",
    "Malay": "ms may msa", "Malayalam": "ml mal", "Maltese": "mt mlt", "Marathi": "mr mar",
    "Mongolian": "mn mon", "Nepali": "ne nep", "Norwegian": "no nor nb nob nn nno",
    "Persian": "fa per fas", "Polish": "pl pol", "Portuguese": "pt por", "Punjabi": "pa pan",
    "Romanian": "ro rum ron", "Russian": "ru rus", "Serbian": "sr srp scc",
    "Sinhala": "si sin", "Slovak": "sk slo slk", "Slovenian": "sl slv", "Somali": "so som",
    "Spanish": "es spa", "Swahili": "sw swa", "Swedish": "sv swe", "Tamil": "ta tam",
    "Telugu": "te tel", "Thai": "th tha", "Tibetan": "bo tib bod", "Turkish": "tr tur",
    "Ukrainian": "uk ukr", "Urdu": "ur urd", "Uzbek": "uz uzb", "Vietnamese": "vi vie",
    "Welsh": "cy wel cym", "Yiddish": "yi yid", "Zulu": "zu zul",
}  # fmt: skip

LANGUAGES = tuple(_NAMES)
"""The English names of the languages that files state by code."""

_BY_CODE = {code: name for name, codes in _NAMES.items() for code in codes.split()}

_UNSTATED = frozenset({"", "und", "unk", "mis", "mul", "zxx", "qaa"})


def track_words(stream: Stream) -> str:
    """A track by its number, language and title: `number 2 (German, "Commentary")`."""
    title = f'"{stream.title}"' if stream.title else ""
    said = ", ".join(part for part in (stream.language, title) if part)
    return f"number {stream.number} ({said})" if said else f"number {stream.number}"


def language_name(code: str) -> str:
    """The English name: "German" for "ger", "deu", "de" and "de-AT"; "" if none is stated.

    What is no known code stays as the file writes it.
    """
    if code.lower() in _UNSTATED:
        return ""
    return _BY_CODE.get(code.lower().replace("_", "-").split("-")[0], code)
