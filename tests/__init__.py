"""Tests; the folders mirror those of vprog/ and modules/."""

import os
import sys

# Where bytecode is not written, as in many containers, each of the suite's hundreds of processes
# compiles all of vprog anew: a third of the time of the tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
