"""Where libnl-3-dev has its headers."""

LIBNL_COPTS = ["-isystem/usr/include/libnl3"]
