"""A table holds the same whether pandas reads it or the standard library."""

import sys

import numpy as np
import pytest

from autograd_lite.data.tables import parsers
from autograd_lite.data.tables.encoder import TableEncoder
from autograd_lite.data.tables.reading import TableError, read_table, read_tables

FILES = {
    "plain": "a,b\n1,x\n2.5,y\n",
    "spaces": " a , b \n 1 , x \n 2.5 , y \n",
    "blank lines": "\na,b\n\n1,x\n\n2,y\n",
    "windows lines": "a,b\r\n1,x\r\n2,y\r\n",
    "no last newline": "a,b\n1,x\n2,y",
    "quotes": '"a","b"\n"1","x, ""y""\nz"\n"2","w"\n',
    "missing": "a,b,c\n1,NA,\nnan,?,3\n,x,4\n",
    "missing in the last column": "a,b\n1,\n2,3\n",
    "odd cases of missing": "a,b\n1,x\nnA,y\nN/a,z\n",
    "infinite and huge": "a,b,c\n1,inf,1e300\n2,3,4\n",
    "digits of Python": "a,b\n1_000,２\n2,3\n",
    "long integers": "a,b\n9007199254740993,123456789012345678901234567890\n1,2\n",
    "booleans": "a,b\nTrue,false\nFalse,true\n",
    "trailing commas": "a,b,\n1,x,\n2,y,\n",
    "trailing commas in rows only": "a,b\n1,x,\n2,y,\n",
    "row names of R": "a,b\nr1,1,x\nr2,2,y\n",
    "twins": "a,a,a\n1,2,3\n4,5,6\n",
    "no header": "1,2,x\n3,4,x\n5,6,y\n7,8,y\n",
    "late text": "a,b\n" + "1,2\n" * 300 + "x,3\n",
    "codes": "a,b\n007,1\n7,2\n",
    "one column": "a\n1\n2\n",
    "one column with a gap": 'a\n1\n""\n2\n',
    "semicolons": "a;b\n1,5;x\n2,25;y\n",
    "wide spaces": "1.5   2   x\n 2.5  3   y\n3.5   4   z\n",
    "a few ragged rows": "a,b\n" + "1,2\n" * 300 + "1\n" + "1,2,3\n",
    "floats": "a,b\n0.1,1e-320\n123456.789012345678,2.2250738585072011e-308\n",
    "encoding": "größe;b\n1;ä\n2;ö\n",
}


def without_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("rows", [None, 2])
def test_the_same_both_ways(monkeypatch, tmp_path, name, rows):
    pytest.importorskip("pandas")
    path = tmp_path / "t.csv"
    path.write_bytes(FILES[name].encode("cp1252" if name == "encoding" else "utf-8"))
    found = [held(path, rows)]
    without_pandas(monkeypatch)
    found.append(held(path, rows))
    assert found[0] == found[1]


def held(path, rows):
    """All that a program can see of a file, as text and as numbers."""
    seen = []
    for table in read_tables(path, rows):
        encoder = TableEncoder.fit(table)
        seen += [table.columns, table.unnamed, encoder.columns, encoder.encode(table).tobytes()]
    remarks, columns = table.remarks, table.columns
    for table in read_tables(path, rows, text=columns):
        seen += [table.text(column) for column in columns]
    return [*seen, remarks]


def test_random_tables_are_the_same_both_ways(monkeypatch, tmp_path):
    pytest.importorskip("pandas")
    generator, path = np.random.default_rng(0), tmp_path / "t.csv"
    words = ["", "1", "2.5", "-3e4", "NA", "x", "007", '"q,r"', "1,5", " 7 ", "$3", "inf", "2001-02-03"]
    pairs = []
    for _ in range(60):
        width, height = generator.integers(1, 5), generator.integers(1, 12)
        lines = [",".join(f"c{i}" for i in range(width))]
        lines += [",".join(generator.choice(words, width)) for _ in range(height)]
        path.write_text("\n".join(lines) + "\n")
        results = []
        for hide in (False, True):
            with monkeypatch.context() as patch:
                if hide:
                    without_pandas(patch)
                try:
                    results.append(held(path, None))
                except TableError as error:
                    results.append(str(error))
        pairs.append(results)
    assert all(one == other for one, other in pairs)
    assert sum(isinstance(one, list) for one, _ in pairs) > 10


@pytest.mark.parametrize(
    "content", ["a,b\n1\n2,3\n", "a,b\n1,2,3\n4,5\n", 'a,b\n1,"2\n', "a,b\n1,\xe9\n".encode("latin-1")]
)
def test_mistakes_get_the_same_line_both_ways(monkeypatch, tmp_path, content):
    path, said = tmp_path / "t.csv", []
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    for hide in (False, True):
        if hide:
            without_pandas(monkeypatch)
        try:
            said.append(read_table(path, encoding="utf-8").text("b"))
        except TableError as error:
            said.append(str(error))
    assert said[0] == said[1]


def test_rows_in_blocks_are_all_rows(monkeypatch, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "".join(f"{i},{'x' if i == 77 else i}\n" for i in range(100)))
    for hide in (False, True):
        if hide:
            without_pandas(monkeypatch)
        tables = list(read_tables(path, 30))
        assert [len(table) for table in tables] == [30, 30, 30, 10]
        assert [cell for table in tables for cell in table.text("a")] == [str(i) for i in range(100)]
        assert tables[2].text("b")[17] == "x"


def test_where_says_the_line(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('a,b\n1,"x\ny"\n2,z\n')
    assert read_table(path).where("b", 1).endswith("t.csv, line 4, column 'b'")


def test_few_ragged_rows_are_said(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(FILES["a few ragged rows"])
    assert read_table(path).remarks[-1] == "2 rows left out (line 302: 1 fields where the header has 2)"
    assert parsers.MOST_RAGGED == 0.01
