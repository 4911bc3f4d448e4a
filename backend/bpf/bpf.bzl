"""BPF programs: compiled by clang, and made a header (a skeleton) by bpftool."""

_CLANG = " ".join([
    "clang-16",
    "-target bpf",
    "-mcpu=v3",  # Linux 5.1 and up; the programs need 5.17
    "-O2",
    "-g",  # BTF: types of the maps, CO-RE
    "-ffreestanding",  # stdint.h without the C library's, which has none for this target
    "-Wall -Wextra -Werror -Wno-unused-parameter",
    "-I.",
    "-I/usr/include/x86_64-linux-gnu",
])

def bpf_skeleton(name, src, hdrs, visibility = None, testonly = False):
    """A cc_library with the header NAME.skel.h, whose functions begin with NAME_bpf__.

    Args:
      name: of the library and of the skeleton
      src: the program, NAME.bpf.c
      hdrs: what it includes from this tree: file targets
      visibility: of the library
      testonly: as ever
    """
    native.genrule(
        name = name + "_object",
        testonly = testonly,
        srcs = [src] + hdrs,
        outs = [name + ".bpf.o"],
        cmd = _CLANG + " -c $(location %s) -o $@" % src,
    )
    native.genrule(
        name = name + "_header",
        testonly = testonly,
        srcs = [name + ".bpf.o"],
        outs = [name + ".skel.h"],
        # The header is bpftool's: our warnings are not for it.
        cmd = ("(echo '#pragma GCC system_header'; " +
               "/usr/sbin/bpftool gen skeleton $< name %s_bpf) > $@" % name),
    )
    native.cc_library(
        name = name,
        testonly = testonly,
        hdrs = [name + ".skel.h"],
        visibility = visibility,
        deps = ["//third_party:libbpf"],
    )
