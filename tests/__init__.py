"""Tests; the folders mirror those of vprog/ and modules/."""

import os
import sys

# Where bytecode is not written, as in many containers, each of the suite's hundreds of processes
# compiles vprog anew: `vprog run` of one line takes 1.6 s of the processor in place of 1.2.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
