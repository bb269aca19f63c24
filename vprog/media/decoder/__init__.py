"""Decoding in a process of its own. Each file here uses only those listed before it.

decoder_link       messages and open descriptors over a socket
decoder_wire       the messages, and the index as bytes
shared_block       memory that both processes see
decoder_events     what a frame reader reports, gathered and told again
decoder_channel    the host's end of a channel, its frame reader and sound
decoder_passes     in the decoder process: one request after the other on one channel
decoder_template   in the decoder process: from the template, behind the jail, to serving one file
decoder_start      the host's template process, of which each file gets a copy
decoder_child      the decoder process of one file, as the host has it
decoder_probe      attempts to get out of it
"""
