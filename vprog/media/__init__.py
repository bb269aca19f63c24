"""Files in, frames and sound out. Each file here uses only those listed before it.

png_text      pictures that unpack to too much
movie_tables  the tables of MP4 and MOV
opening       paths to containers, safely
sign_of_life  signs of life while packets are read
packets       packets, past damage
rotation      rotation and mirroring
track_list  track_words  stream_info
picture_times  demux      one pass over the packets
index         every frame's time, keyframes, streams, damage
reader        the protocol: frames at times
pyav_source   one open file and its decoder
shared_decoders  one decoder for all passes that take the same steps
pyav_cursor  pyav_reader
numbered_reader  decord_reader  torchcodec_reader
audio         sound by time range
subtitles     given, beside the video, embedded
file_readers  what decodes one file, in this process
decoder/      the same in a process of its own
fingerprint   content hashes
media_pool    one file as all runs share it, and the pool of them
run_file      one opened file
region        the part of a picture that a frame names
run_videos    what modules use
"""
