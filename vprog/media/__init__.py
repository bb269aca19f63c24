"""Files in, frames and sound out. Each file here uses only those listed before it.

png_text      pictures that unpack to too much
opening       paths to containers, safely
pulse         signs of life while packets are read
packets       packets, past damage
rotation      rotation and mirroring
track_list  track_words  stream_info
demux_picture  demux      one pass over the packets
index         every frame's time, keyframes, streams, damage
reader        the protocol: frames at times
pyav_cursor  pyav_reader  decord_reader
audio         sound by time range
subtitles     given, beside the video, embedded
decoders      what decodes one file, in this process
decoder/      the same in a process of its own
fingerprint   content hashes
shared_file   one file as all runs share it, and the pool of them
file          one opened file
region        the part of a picture that a frame names
source        what modules use
"""
