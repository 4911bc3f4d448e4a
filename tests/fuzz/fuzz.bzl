"""cc_fuzz_test: one source, two programs. Under --config=fuzz a libFuzzer binary (tests/fuzz/run
drives it); otherwise a plain test that replays the committed corpus."""

def cc_fuzz_test(name, deps = []):
    """Declares the fuzzer NAME of NAME.cc, whose corpus is corpus/NAME without "_fuzz".

    Args:
      name: ends in _fuzz.
      deps: what it feeds.
    """
    corpus = native.glob(["corpus/%s/*" % name[:-len("_fuzz")]])
    if not corpus:
        fail("%s has no corpus" % name)
    native.cc_test(
        name = name,
        size = "small",
        srcs = [name + ".cc"],
        args = ["$(location %s)" % file for file in corpus],
        data = corpus,
        linkopts = select({
            "//tests/fuzz:libfuzzer": ["-fsanitize=fuzzer"],
            "//conditions:default": [],
        }),
        deps = deps + select({
            "//tests/fuzz:libfuzzer": [],
            "//conditions:default": ["//tests/fuzz:replay"],
        }),
    )
