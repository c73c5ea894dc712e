"""Tables: how they are written is found out, and what is wrong is told by row and column."""

import csv
import io
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.data.table import read_known, read_table
from groundup.errors import DataError, InputError, ShapeError

FLOWERS = "long,wide,kind\n5.1,3.5,setosa\n4.9,3,setosa\n7,3.2,virginica\n"
X = [[5.1, 3.5], [4.9, 3.0], [7.0, 3.2]]
KINDS = ["setosa", "setosa", "virginica"]


@pytest.fixture
def save(tmp_path):
    numbers = itertools.count()

    def write(content, name="a.csv"):
        path = tmp_path / str(next(numbers)) / name
        path.parent.mkdir()
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_features_and_the_last_column(save):
    read = read_table(save(FLOWERS))
    assert read.x.tolist() == X
    assert read.y.tolist() == KINDS
    assert (read.features, read.targets, read.notes) == (("long", "wide"), ("kind",), ())
    assert read.place(2).endswith("a.csv: row 4")  # as a spreadsheet counts


@pytest.mark.parametrize("delimiter", list(",;\t|"))
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(save, delimiter, end):
    read = read_table(save(FLOWERS.replace(",", delimiter).replace("\n", end)))
    assert (read.x.tolist(), read.y.tolist()) == (X, KINDS)


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("cp949", "is no UTF-8 text and was read as CP949"),
        ("utf-16", "was read as UTF-16"),
        ("utf-32", "was read as UTF-32"),
    ],
)
def test_encodings_are_tried_and_said(save, encoding, said):
    text = "길이,너비,종류\n1,2,붓꽃\n3,4,장미\n"
    read = read_table(save(text.encode(encoding)))
    assert (read.features, read.targets) == (("길이", "너비"), ("종류",))
    assert read.y.tolist() == ["붓꽃", "장미"]
    assert said in "".join(read.notes)
    assert bool(read.notes) == bool(said)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (FLOWERS.encode("utf-16-le"), "looks like UTF-16 without a byte order mark"),
        (FLOWERS.encode("utf-16-be"), "looks like UTF-16 without a byte order mark"),
        (
            FLOWERS.encode() + b"1,\xff\xff,a\n",
            "neither UTF-8 nor CP949 text: line 5 holds the byte 0xff",
        ),
        (FLOWERS.encode() + b"1,\x00,a\n", "line 5 holds a NUL character"),
        (FLOWERS.encode("utf-16")[:-1], "a.csv"),
        (b"\xff\xfe\x00", "a.csv"),
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
    ],
    ids=str,
)
def test_what_is_no_text(save, data, said):
    with pytest.raises(DataError, match=said):
        read_table(save(data))


def test_the_fault_is_found_where_a_piece_ends_within_a_letter(save, monkeypatch):
    monkeypatch.setattr("groundup.data.text._PIECE", 5)
    assert read_table(save("ab,cd\n1,한\n2,글\n")).y.tolist() == ["한", "글"]
    with pytest.raises(DataError, match="line 3 holds the byte 0xff"):
        read_table(save("ab,cd\n1,한\n2,".encode() + b"\xff\n"))


def test_without_a_header_columns_have_no_names(save):
    read = read_table(save("5.1,3.5,setosa\n4.9,3,setosa\n"))
    assert (read.x.tolist(), read.y.tolist()) == (X[:2], KINDS[:2])
    assert (read.features, read.targets) == ((), ())
    assert read.place(1).endswith("row 2")


@pytest.mark.parametrize("target", ["kind", 1, "1", -3])
def test_the_target_by_name_or_position(save, target):
    read = read_table(save("kind,long,wide\nsetosa,5.1,3.5\nvirginica,7,3.2\n"), target)
    assert (read.x.tolist(), read.y.tolist()) == ([X[0], X[2]], [KINDS[0], KINDS[2]])
    assert read.targets == ("kind",)


def test_a_name_that_is_a_number_is_a_name_first(save):
    text = "a,2,b\n1.5,2.5,3.5\n"
    with pytest.raises(DataError, match="'a' in column 1 stands over numbers, beside numbers"):
        read_table(save(text), "2")
    read = read_table(save("a,x2,b\n1.5,2.5,3.5\n"), "2")
    assert read.targets == ("x2",)


def test_several_targets(save):
    read = read_table(save("a,b,c\n1,2,3\n4,5,6\n"), ("c", 1))
    assert (read.x.tolist(), read.y.tolist()) == ([[2.0], [5.0]], [[3.0, 1.0], [6.0, 4.0]])
    assert read.targets == ("c", "a")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("knid", "no column 'knid': .* Did you mean 'kind'"),
        (4, "no column 4: expected a name, or a position from 1 to 3"),
        (0, "no column 0"),
        (-4, "no column -4"),
        ((), "expected one column, or several"),
        (("kind", 3), "expected one column, or several"),
        ((1, 2, 3), "no column beside the target"),
    ],
)
def test_targets_that_are_not_there(save, target, said):
    with pytest.raises(DataError, match=said):
        read_table(save(FLOWERS), target)


def test_quotes_hold_delimiters_and_line_ends(save):
    text = 'long,wide,"what, kind"\n1,"2","a\nb"\n3, "4", "c ""d"""\n'
    read = read_table(save(text))
    assert read.x.tolist() == [[1, 2], [3, 4]]
    assert read.y.tolist() == ["a\nb", 'c "d"']
    assert read.targets == ("what, kind",)
    assert read.place(1).endswith("row 3")  # not line 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("5,6,b,7\n", "row 5 has 4 cells: expected 3"),
        ("5,b\n", "row 5 has 2 cells: expected 3"),
        ("red,1,b\n", "row 5, column 'long': 'red' is no number. Text has to be told in numbers"),
        ('"5,1",1,b\n', "row 5, column 'long': '5,1' is no number. Write decimals with a point"),
        ('1,"1,234.5",b\n', "row 5, column 'wide': '1,234.5' is no number. Write decimals"),
        ("1_0,1,b\n", "row 5, column 'long': '1_0' is no number"),
        ("0x1f,1,b\n", "row 5, column 'long': '0x1f' is no number"),
        ("1,1e400,b\n", "row 5, column 'wide': a number beyond float32"),
        ("1,1e39,b\n", "row 5, column 'wide': a number beyond float32"),
        ("1,-inf,b\n", "row 5, column 'wide': a number beyond float32"),
        ("1,Infinity,b\n", "row 5, column 'wide': a number beyond float32"),
        ("1,,b\n,2,\n", "row 5, column 'wide': a missing value; 3 in all, by column 'long' 1"),
        ("1,NaN,b\n", "row 5, column 'wide': a missing value; 1 in all"),
        ("1,?,b\n", "row 5, column 'wide': a missing value"),
        ("1,2,n/a\n", "row 5, column 'kind': a missing value"),
        ("\n\n1,2, \n", "row 7, column 'kind': a missing value"),  # blank rows count
        ("long,wide,kind\n", "row 5, column 'long': 'long' is no number. The header stands"),
        ('1,"2\n', "row 5 cannot be read"),
        ('1,"2"3,b\n', "row 5 cannot be read"),
        (f"1,2,{'x' * 201}\n", "row 5, column 'kind': a label of 201 characters"),
        (f"1,2,{'x' * 10**6}\n", "row 5 cannot be read: field larger than"),
    ],
    ids=lambda value: value[:30],
)  # fmt: skip
def test_what_is_wrong_is_told_by_row_and_column(save, text, said):
    with pytest.raises(DataError, match=rf"a\.csv: {said}"):
        read_table(save(FLOWERS + text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b,a\n1,2,3\n", "row 1: the columns 1 and 3 are both called 'a'"),
        ("a,b\n", "a header and no rows"),
        ("kind\nx\n", "no column beside the target"),
        ("0,1,kind\n1,2,3\n", "'kind' in column 3 stands over numbers, beside numbers"),
        ("5.l,3,a\n5,3,b\n", "'5.l' in column 1 stands over numbers"),
    ],
)
def test_headers_that_cannot_be_right(save, text, said):
    with pytest.raises(DataError, match=said):
        read_table(save(text))


def test_a_column_without_a_name_is_called_by_its_place(save):
    assert read_table(save(",a,kind\n1,2,x\n")).features == ("column 1", "a")


def test_a_first_row_of_missing_values_is_no_header(save):
    with pytest.raises(DataError, match=r"a\.csv: row 1, column 1: a missing value; 3 in all"):
        read_table(save("?,na,NULL\n1,2,y\n"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_names_hold_no_nul(save, encoding):
    """Which a text may hold whose first bytes say that it is one."""
    with pytest.raises(DataError, match=r"row 1: column 2 has a NUL character in its name"):
        read_table(save("a,b\0,c\n1,2,3\n".encode(encoding)))


def test_a_program_that_allows_short_cells_alone(save):
    allowed = csv.field_size_limit(10)
    try:
        with pytest.raises(DataError, match=r"row 1 cannot be read: field larger than field limit"):
            read_table(save("a name too long,b\n1,2\n"))
    finally:
        csv.field_size_limit(allowed)


def test_one_row_is_read(save):
    assert read_table(save("1,2,a")).x.tolist() == [[1, 2]]


def test_files_that_cannot_be_opened(tmp_path):
    with pytest.raises(InputError, match="there is no file"):
        read_table(tmp_path / "a.csv")
    with pytest.raises(InputError, match="no regular file"):
        read_table(tmp_path)


# For a network that knows its columns


def known(path, target=None, labeled=False, features=("long", "wide")):
    return read_known(path, features, 2, target, labeled=labeled)


def test_columns_are_taken_by_their_names(save):
    read = known(save("wide,id,long\n3.5,1,5.1\n3,2,4.9\n"))
    assert read.x.tolist() == X[:2]
    assert read.features == ("long", "wide")
    assert len(read.notes) == 2
    assert "another order than in training" in read.notes[0]
    assert "left out what is no feature of the network: 'id'" in read.notes[1]
    assert known(save("long,wide\n5.1,3.5\n")).notes == ()


def test_the_target_of_a_file_to_judge_by(save):
    assert known(save(FLOWERS), labeled=True).y.tolist() == KINDS
    text = "id,kind,wide,long\n1,setosa,3.5,5.1\n"
    with pytest.raises(DataError, match=r"2 columns are no features .* Name it with --target"):
        known(save(text), labeled=True)
    read = known(save(text), "kind", labeled=True)
    assert (read.x.tolist(), read.y.tolist()) == ([X[0]], ["setosa"])


def test_columns_without_names_are_taken_by_their_places(save):
    numbers, labeled = "5.1,3.5\n", "5.1,3.5,7\n"
    assert known(save(numbers), features=()).x.tolist() == [X[0]]
    assert known(save("a,b\n" + numbers), features=()).x.tolist() == [X[0]]
    more = known(save(labeled), features=())
    assert more.x.tolist() == [X[0]]
    assert "left out what is no feature of the network: 3" in more.notes[0]
    assert known(save(labeled), 1, features=()).x.tolist() == [[3.5, 7.0]]
    assert known(save(labeled), labeled=True, features=()).y.tolist() == ["7"]


@pytest.mark.parametrize(
    ("text", "features", "error", "said"),
    [
        ("long,wdie\n1,2\n", ("long", "wide"), DataError, "no column 'wide', which .* mean 'wdie'"),
        ("1,2\n", ("long", "wide"), DataError, "no names in its first row"),
        ("1,2,3,4\n", (), ShapeError, "4 columns; the network takes 2 features"),
        ("a,b\n1,2\n", ("long", "wide"), DataError, "no column 'long'"),
    ],
)  # fmt: skip
def test_columns_that_are_missing(save, text, features, error, said):
    with pytest.raises(error, match=said):
        known(save(text), features=features)


# Round trips

names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Z"]), min_size=1).map(
    lambda name: f"n{name}"
)
numbers = st.floats(-(2.0**100), 2.0**100, allow_nan=False)
labels = st.text(st.characters(codec="utf-8", exclude_characters="\0")).map(
    lambda text: f"l{text}e"[-150:]
)


@given(st.data())
def test_what_a_csv_writer_wrote_is_read_back(tmp_path_factory, data):
    width = data.draw(st.integers(1, 4))
    header = data.draw(st.lists(names, min_size=width + 1, max_size=width + 1, unique=True))
    row = st.tuples(st.lists(numbers, min_size=width, max_size=width), labels)
    rows = data.draw(st.lists(row, min_size=1, max_size=5))
    delimiter = data.draw(st.sampled_from(",;\t|"))
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows([*map(repr, x), y] for x, y in rows)
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(file.getvalue().encode(encoding))
    read = read_table(path)
    np.testing.assert_array_equal(read.x, [x for x, _ in rows])
    assert read.y.tolist() == [y.strip() for _, y in rows]
    assert (read.features, read.targets) == (tuple(header[:-1]), (header[-1],))
