"""Files in, frames and sound out. Each file here uses only those listed before it.

opening       paths to containers, safely
packets       packets, past damage
turning       rotation and mirroring
findings  picture_pass  sound_pass  survey      one pass over the packets
index         every frame's time, keyframes, streams, damage
reader        the protocol: frames at times
pyav_cursor  pyav_reader  decord_reader
audio         sound by time range
subtitles     cues: given, beside the video, embedded
fingerprint   content hashes
file          one opened file
region        the part of a picture that a frame names
source        what modules use
"""
