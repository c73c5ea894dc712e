"""Tables, JSON and TOML: encodings, quotes and numbers that mislead."""

import codecs
import json
from collections.abc import Iterable

import numpy as np

from trust.files.hostile.doors import Case, exact, refused

X = np.array([[1.0, 2.0], [3.0, 4.0]])
_SAID = [X, ["p", "q"]]
_PLAIN = "a,b,c\n1,2,p\n3,4,q\n"


def lines(rows: Iterable[str]) -> bytes:
    return ("\n".join(rows) + "\n").encode()


_MEGABYTES = "1" * 10**7
_CSV = {
    "nothing": b"",
    "a byte order mark alone": codecs.BOM_UTF8,
    "line ends alone": b"\n\r\n\n",
    "a header alone": b"a,b,c\n",
    "one column": b"1\n2\n",
    "a row too short": b"a,b,c\n1,2,p\n3,4\n",
    "a row too long": b"a,b,c\n1,2,p\n3,4,q,5\n",
    "a name that comes twice": b"a,a,c\n1,2,p\n3,4,q\n",
    "a NUL": b"a,b,c\n1,2,p\n3,\x004,q\n",
    "a NUL in a UTF-16 name": "a\0,b,c\n1,2,p\n".encode("utf-16"),
    "a NUL in a UTF-16 label": "a,b,c\n1,2,p\0\n3,4,q\n".encode("utf-16"),
    "UTF-16 without a mark": _PLAIN.encode("utf-16-le"),
    "UTF-16 cut in a letter": _PLAIN.encode("utf-16")[:-1],
    "UTF-16 of half a pair": codecs.BOM_UTF16_LE + "a,b,c\n1,2,".encode("utf-16-le") + b"\0\xd8",
    "UTF-32 beyond Unicode": codecs.BOM_UTF32_LE + b"\xff\xff\xff\x7f" * 9,
    "bytes of no encoding": b"a,b,c\n1,2,\xff\xff\n",
    "a surrogate in UTF-8": b"a,b,c\n1,2,\xed\xa0\x80\n",
    "a number beyond float64": b"a,b,c\n1,1e400,p\n3,4,q\n",
    "a number beyond float32": b"a,b,c\n1,1e39,p\n3,4,q\n",
    "infinity": b"a,b,c\n1,inf,p\n3,4,q\n",
    "infinity in full": b"a,b,c\n1,-Infinity,p\n3,4,q\n",
    "no number": b"a,b,c\n1,nan,p\n3,4,q\n",
    "an empty cell": b"a,b,c\n1,,p\n3,4,q\n",
    "an empty label": b"a,b,c\n1,2,\n3,4,q\n",
    "a number of 10 MB": f"a,b,c\n1,{_MEGABYTES},p\n".encode(),
    "a label of 10 MB": f"a,b,c\n1,2,{_MEGABYTES}\n".encode(),
    "a label of 201 letters": f"a,b,c\n1,2,{'p' * 201}\n".encode(),
    "a name of 10 MB": f"{'a' * 10**7},b,c\n1,2,p\n".encode(),
    "a quote that is never closed": b'a,b,c\n1,2,"p\n3,4,q\n' + b"5,6,r\n" * 30_000,
    "letters behind a quote": b'a,b,c\n1,2,"p"x\n3,4,q\n',
    "thousands with a comma": b'a,b,c\n1,"2,000",p\n3,4,q\n',
    "thousands with an underscore": b"a,b,c\n1,2_000,p\n3,4,q\n",
    "a decimal comma": b"a;b;c\n1;2,5;p\n3;4;q\n",
    "hexadecimal": b"a,b,c\n1,0x10,p\n3,4,q\n",
    "the header again": b"a,b,c\n1,2,p\na,b,c\n3,4,q\n",
    "a formula": b"a,b,c\n1,=2+5,p\n3,4,q\n",
    "code": b"a,b,c\n1,__import__('os').system('touch it-ran'),p\n",
    "a row of words among numbers": b"a,b,c\n1,2,p\none,two,q\n",
    "100,000 names in quotes never closed": b'"' + b",".join(b"c%d" % n for n in range(10**5)),
    "PNG": b"\x89PNG\r\n\x1a\n" + bytes(200),
}
_WIDE = 30_000
_HONEST_CSV = {
    "plain": (_PLAIN.encode(), _SAID),
    "a byte order mark": (codecs.BOM_UTF8 + _PLAIN.encode(), _SAID),
    "UTF-16": (_PLAIN.encode("utf-16"), _SAID),
    "UTF-16, the other order": (codecs.BOM_UTF16_BE + _PLAIN.encode("utf-16-be"), _SAID),
    "UTF-32": (_PLAIN.encode("utf-32"), _SAID),
    "CP949": (_PLAIN.replace("p", "꽃").encode("cp949"), [X, ["꽃", "q"]]),
    "line ends of Windows": (_PLAIN.replace("\n", "\r\n").encode(), _SAID),
    "line ends of old Macs": (_PLAIN.replace("\n", "\r").encode(), _SAID),
    "no last line end": (_PLAIN.encode()[:-1], _SAID),
    "no header": (b"1,2,p\n3,4,q\n", _SAID),
    "tabs": (_PLAIN.replace(",", "\t").encode(), _SAID),
    "a line in quotes": (b'a,b,c\n1,2,"p\n,"\n3,4,q\n', [X, ["p\n,", "q"]]),
    "quotes in quotes": (b'a,b,c\n1,2,"p"""\n3,4,q\n', [X, ['p"', "q"]]),
    "empty lines": (b"a,b,c\n\n1,2,p\n\n\n3,4,q\n\n", _SAID),
    "spaces": (b"a, b, c\n 1, 2 , p\n3,4,q \n", _SAID),
    "digits of another script": ("a,b,c\n1,٢,p\n3,4,q\n".encode(), _SAID),
    "a label that looks like a path": (b"a,b,c\n1,2,../../it-ran\n3,4,q\n",
                                       [X, ["../../it-ran", "q"]]),
    f"{_WIDE:,} columns": (
        lines([",".join(f"c{n}" for n in range(_WIDE)), ",".join(["1"] * _WIDE)]),
        [np.ones((1, _WIDE - 1)), ["1"]],
    ),
    "20,000 rows and one long label": (
        b"1,p\n" * 20_000 + b"1," + b"q" * 200 + b"\n",
        [np.ones((20_001, 1)), ["p"] * 20_000 + ["q" * 200]],
    ),
}  # fmt: skip
_LABELS = {
    "numbers with signs": (b"".join(b"%d,%d\n" % (n, (-1) ** n) for n in range(20)),
                           sorted([0, 1] * 10)),
    "numbers and their decimals": (b"".join(b"%d,%d%s\n" % (n, n % 2, (b"", b".0")[n % 3 > 0])
                                            for n in range(20)), sorted([0, 1] * 10)),
}  # fmt: skip
_BAD_LABELS = {
    "one class": b"1,p\n2,p\n3,p\n",
    "a class of one sample": b"1,p\n2,p\n3,p\n4,q\n",
    "labels that are infinite": b"".join(b"%d,inf\n%d,-inf\n" % (n, n) for n in range(20)),
    "labels beyond 2^63": b"".join(b"%d,1e30%d\n" % (n, n % 2) for n in range(20)) + b"1,nan\n",
    "as many classes as samples": b"".join(b"%d,c%d\n" % (n, n) for n in range(3000)),
}
_JSON = {
    "nothing": b"",
    "a key twice": b'{"a": 1, "a": 2}',
    "a key twice, spelled twice": b'{"a": 1, "\\u0061": 2}',
    "NaN": b'{"a": NaN}',
    "Infinity": b"[-Infinity]",
    "a number beyond float64": b"[1e999]",
    "a number of 5,000 digits": b"9" * 5000,
    "100,000 brackets": b"[" * 10**5,
    "33 levels": b"[" * 34 + b"]" * 34,
    "100,000 keys in keys": b'{"a":' * 10**5,
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a byte order mark": codecs.BOM_UTF8 + b"{}",
    "a NUL": b'{"a": "\0"}',
    "two values": b"{} {}",
    "a comment": b"{} // it",
    "a comma too many": b"[1,]",
    "single quotes": b"{'a': 1}",
    "a surrogate in bytes": b'"\xed\xa0\x80"',
    "over a megabyte": b" " * (2**20 + 1),
}
_HONEST_JSON = {
    "a large whole number": (b"[123456789012345678901234567890]", [123456789012345678901234567890]),
    "300,000 numbers": (json.dumps([0] * 300_000).encode(), [0] * 300_000),
    "half a pair": (b'"\\ud800"', "\ud800"),
    "__proto__": (b'{"__proto__": {"a": 1}}', {"__proto__": {"a": 1}}),
}
_TOML = {
    "a key twice": b"a = 1\na = 2\n",
    "a table twice": b"[a]\nb = 1\n[a]\nc = 1\n",
    "a key over a table": b"a.b = 1\na = 2\n",
    "17 levels": b"a = " + b"[" * 18 + b"1" + b"]" * 18,
    "30,000 brackets": b"a = " + b"[" * 2000 + b"\n[" * 15_000,
    "a key of 1,000 dots": b".".join([b"a"] * 1000) + b" = 1\n",
    "32 keys of 1,000 dots": b"".join(b".".join([b"a"] * 1000) + b".b%d = 1\n" % n
                                      for n in range(32)),
    "a line of 3,000 letters": b"# " + b"a" * 3000,
    "64 KiB and one byte": b"#\n" * 2**15 + b"#",
    "no UTF-8": b"a = '\xff'\n",
    "UTF-16": "a = 1\n".encode("utf-16"),
    "a NUL": b"a = '\0'\n",
    "a date that is none": b"a = 1979-13-01\n",
    "a number of 2,000 digits in base 16 without a value": b"a = 0x\n",
    "a table that never ends": b"[a\n",
    "text that never ends": b'a = """\n',
}  # fmt: skip
_CONFIG = {
    "an unknown table": b"[nothing]\na = 1\n",
    "a negative seed": b"seed = -1\n",
    "a seed of 2^64": b"seed = 18446744073709551616\n",
    "a seed that is true": b"seed = true\n",
    "no epochs, but text": b"[train]\nepochs = 'many'\n",
    "infinite share": b"[data]\nvalidation = inf\n",
    "a share that is no number": b"[data]\nvalidation = nan\n",
    "a list where a table should be": b"model = [1, 2]\n",
    "a path with letters that cannot be printed": b'[data]\npath = "a\\u0000b"\n',
    "a name and a path": b"[data]\nname = 'digits'\npath = 'a.csv'\n",
    "a name twice by its alias": b"[optimizer]\nlr = 1.0\nlearning_rate = 2.0\n",
}
_POLICY = {
    "no policy": b"seed = 1\n",
    "data that is text": b"data = 'x'\n",
    "augment that is a number": b"[data]\naugment = 3\n",
    "augment that is true": b"[data]\naugment = true\n",
    "an unknown operation": b"[[data.augment]]\nname = 'policy'\nsubpolicies = [['os.system']]\n",
    "no sub-policies": b"[[data.augment]]\nname = 'policy'\nsubpolicies = []\n",
    "sub-policies of numbers": b"[[data.augment]]\nname = 'policy'\nsubpolicies = [[1]]\n",
    "a magnitude of infinity": b"[[data.augment]]\nname = 'policy'\nsubpolicies = [['zoom:inf']]\n",
    "a probability of 2": (
        b"[[data.augment]]\nname = 'policy'\nsubpolicies = [[{name = 'zoom', probability = 2}]]\n"
    ),
    "a policy in a policy in itself": (
        b"[[data.augment]]\nname = 'policy'\nsubpolicies = [[{name = 'policy', subpolicies = 3}]]\n"
    ),
    "two policies": b"[[data.augment]]\nname = 'policy'\n" * 2,
    "a kind and a name": b"[[data.augment]]\nkind = 'policy'\nname = 'zoom'\n",
}
CASES: tuple[Case, ...] = (
    *refused("csv", _CSV),
    *exact("csv", _HONEST_CSV),
    *exact("labels", _LABELS),
    *refused("labels", _BAD_LABELS),
    *refused("json", _JSON),
    *exact("json", _HONEST_JSON),
    *refused("toml", _TOML),
    *exact("toml", {
        "a byte order mark": (codecs.BOM_UTF8 + b"a = 1\r\n", {"a": 1}),
        "keys in quotes": (b'"../it-ran" = 1\n', {"../it-ran": 1}),
    }),
    *refused("config", _CONFIG),
    *exact("config", {"an empty file": (b"", 0), "a search beside it": (b"[search]\na = 1\n", 0)}),
    *refused("policy", _POLICY),
    *refused("text", {"UTF-16": "a".encode("utf-16"), "bytes of no encoding": b"a\xff"}),
)  # fmt: skip
