"""A library of videos: an index of what the files of a folder show and say, and its search."""
