"""What is compiled with DPDK's headers here: NAME.h and NAME.cc, and NAME_test.cc beside them."""

load("//third_party:dpdk.bzl", "DPDK_COPTS")

def edge_library(name, deps, visibility = None):
    """The library NAME of NAME.h and NAME.cc.

    Args:
      name: of its files.
      deps: as of any library.
      visibility: as of any library.
    """
    native.cc_library(
        name = name,
        srcs = [name + ".cc"],
        hdrs = [name + ".h"],
        copts = DPDK_COPTS,
        visibility = visibility,
        deps = deps,
    )

def edge_test(name, deps, tags = []):
    """The test NAME of NAME.cc.

    Args:
      name: ends in _test.
      deps: what it tests and needs; not the test's own library.
      tags: as of any test.
    """
    native.cc_test(
        name = name,
        size = "small",
        srcs = [name + ".cc"],
        copts = DPDK_COPTS,
        tags = tags,
        deps = deps + ["//third_party:gtest_main"],
    )
