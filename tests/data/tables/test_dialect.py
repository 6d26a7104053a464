"""Lines vote: on the encoding, the delimiter, the decimal mark and the header."""

import pytest

from autograd_lite.data.tables.dialect import TableError, detect

ROWS = "1.5{0}x{0}3\n2.5{0}y{0}4\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " "])
def test_the_delimiter_splits_all_rows_alike(delimiter):
    text = f"a{delimiter}b{delimiter}c\n" + ROWS.format(delimiter) * 3
    assert detect(text.encode(), "t")[0].delimiter == delimiter


@pytest.mark.parametrize(
    ("text", "delimiter", "decimal"),
    [
        ("price, EUR;size, m2;y\n1,3;2,5;4\n2,7;3,1;5\n", ";", ","),
        ("a;b\n1,5;2\n3,25;4\n", ";", ","),
        ("a,b\n1.5,2\n3.25,4\n", ",", "."),
        ('a,b\n"1,5",x\n"3,25",y\n', ",", ","),
        ("a;b\n1.234,5;x\n2.500,25;y\n", ";", ","),
        ('a,b\n"1,234",x\n"2,500",y\n', ",", None),
        ("a\tb\n1 000\t2\n3 000\t4\n", "\t", None),
        ("only\n1\n2\n", ",", None),
        ("name,text\nx,one; two; three\ny,four\n", ",", None),
    ],
)
def test_decimal_marks_and_delimiters_that_stand_in_cells(text, delimiter, decimal):
    dialect, _ = detect(text.encode(), "t")
    assert (dialect.delimiter, dialect.decimal) == (delimiter, decimal)


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("a,b,c\n1,2,x\n3,4,y\n", True),
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n6.1,2.9,virginica\n", False),
        ("vhigh,low,2,unacc\nlow,vhigh,2,acc\nvhigh,vhigh,4,unacc\n" * 5, False),
        ("0,1,2\n0.5,0.1,7\n0.4,0.2,8\n", True),
        ("country,2010,2011,2012\nA,3.5,4.1,9\nB,3.5,4.4,8\n", True),
        ("1,2,3,label\n4,5,6,x\n7,8,9,x\n4,5,6,y\n", True),
        ("M,0.45,15\nF,0.35,7\nI,0.44,9\nM,0.5,10\n", False),
        ("text,label\ngood day,x\nbad day,y\nno day,x\n", True),
        ("name\nAnn\nBob\n", True),
        ("63.0,1.0,?\n67.0,1.0,3.0\n41.0,0.0,?\n", False),
    ],
)
def test_a_header_differs_from_what_is_below(text, header):
    dialect, remarks = detect(text.encode(), "t")
    assert dialect.header is header
    assert any("no header" in remark for remark in remarks) is not header


def test_names_that_are_known_make_a_header():
    assert detect(b"5.1,x\n4.9,x\n", "t", columns=["5.1"])[0].header


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
    ],
)
def test_encodings(encoding, found):
    text = "größe,wert\n1,käse\n2,brötchen\n"
    dialect, _ = detect(text.encode(encoding), "t")
    assert dialect.encoding == found
    assert text.encode(encoding).decode(dialect.encoding) == text


def test_chinese_is_told_from_accents():
    dialect, remarks = detect("城市,价格\n北京,1\n上海,2\n".encode("gb18030"), "t")
    assert dialect.encoding == "gb18030"
    assert "GB 18030" in remarks[0]


def test_what_a_user_says_outvotes_the_lines():
    said = {"encoding": "latin-1", "delimiter": "|", "decimal": ",", "header": False}
    dialect, remarks = detect(b"a,b\n1.5,x\n", "t", **said)
    assert {name: getattr(dialect, name) for name in said} == said
    assert remarks == []


def test_a_wrong_or_unknown_encoding_is_refused():
    with pytest.raises(TableError, match=r"is not utf-8 text \(.* at byte 4\)"):
        detect(b"caf,\xe9\n1,2\n", "t", encoding="utf-8")
    with pytest.raises(TableError, match="knows no encoding 'klingon'"):
        detect(b"a,b\n", "t", encoding="klingon")


def test_titles_and_the_line_of_excel_are_left_out():
    dialect, remarks = detect(b"Report\n\nx,y,z\n1,2,3\n4,5,6\n7,8,9\n", "t")
    assert dialect.skipped == 1 and dialect.header
    assert "1 line above the table is left out" in remarks
    dialect, _ = detect(b"sep=;\nx;y\n1,5;2\n", "t")
    assert (dialect.delimiter, dialect.skipped) == (";", 1)
