"""Words by meaning, shared by the families of rules.

Only words with no meaning of their own may stand in EMPTY: no relation (before, with,
behind), no negation, no quantity (all, most, only).
"""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


EMPTY = words(
    "the a an of in on at is are was were be been being am it its this that these those there "
    "do does did has have had can could will would you we i one's please any some ever exactly "
    "actually here to which what me us does't here's just altogether overall really happen "
    "happens happened happening occur occurs occurred takes take place exact contain contains "
    "containing feature features given"
)
FILE = words("video clip film movie recording footage file sequence videos clips mp4's media")
PICTURE = words("picture image screen frame view display scene sight")
SEE = words(
    "see seen visible shown show shows showing appear appears appeared appearing displayed "
    "present exist exists existing found find spotted spot notice noticed"
)
SOUND = words("sound audio noise")
FIRST = words("first earliest")
LAST = words("last latest final")
MOST = words("most maximum max largest highest greatest biggest peak busiest")
LEAST = words("least minimum min smallest lowest fewest")
NOT = words("not no none never nothing nobody without")
ONCE = words("once simultaneously together same time moment single")
START = words("start starts started starting begin begins began beginning open opens commence")
STOP = words("end ends ended ending stop stops stopped finish finishes finished over cease")
COUNT = words("number numbers count many times often")
PEOPLE = words(
    "person persons people human humans anyone anybody someone somebody pedestrian "
    "pedestrians individuals individual folks"
)
