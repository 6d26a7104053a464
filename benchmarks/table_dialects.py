"""Tables that are written in another way than most: delimiters, decimal commas, encodings, quotes, titles, gaps.

As those of `table_makers`, among which they are entered.
"""

from __future__ import annotations

import datetime

import numpy as np

from benchmarks.table_makers import coin, csv, flowers, gaps, some, table


@table
def students_semicolons_decimal_comma(g: np.random.Generator) -> bytes:
    n = 649
    study, absent = g.integers(1, 5, n), g.integers(0, 30, n)
    grade = np.clip(2.6 - 0.3 * study + 0.06 * absent + 0.3 * g.normal(size=n), 1, 4).round(1)
    return csv(
        {
            "school": some(g, ["GP", "MS"], n),
            "weg, km": g.gamma(2, 2, n).round(1) + 0.1,
            "study": study,
            "absences": absent,
            "Note": grade,
        },
        ";",
        decimal=",",
    )


@table
def stocks(g: np.random.Generator) -> bytes:
    n = 1200
    close = 100 * np.exp(np.cumsum(0.01 * g.normal(size=n)))
    days = [datetime.date(2015, 1, 1) + datetime.timedelta(days=int(i * 1.45)) for i in range(n)]
    volume = [f"{int(v):,}" for v in g.lognormal(14, 0.5, n)]
    return csv(
        {
            "Date": [d.strftime("%m/%d/%Y") for d in days],
            "Open": close * g.normal(1, 0.003, n),
            "High": close * 1.01,
            "Low": close * 0.99,
            "Volume": volume,
            "Close": close,
        }
    )


@table
def money_and_percent(g: np.random.Generator) -> bytes:
    n = 700
    price, discount = g.lognormal(2, 0.8, n).round(2), g.uniform(0, 40, n).round(2)
    sales = 900 - 8 * price + 12 * discount + 40 * g.normal(size=n)
    return csv(
        {
            "Item": [f"item no. {i}" for i in range(n)],
            "Price": [f"${p:,.2f}" for p in price],
            "Discount": [f"{d}%" for d in discount],
            "Since": [f"{d % 28 + 1}.{d % 12 + 1}.{2001 + d % 20}" for d in g.integers(0, 10**4, n)],
            "Sales": [f"$ {s:,.0f}" if s >= 0 else f"-$ {-s:,.0f}" for s in sales],
        }
    )


@table
def windows_1252(g: np.random.Generator) -> bytes:
    n = 400
    town, size = some(g, ["Köln", "Düsseldorf", "Münster", "Orléans"], n), g.uniform(20, 140, n).round(1)
    rent = 12.5 * size + 150 * (town == "Köln") + 40 * g.normal(size=n)
    return csv({"Größe": size, "Stadt": town, "Miete": rent.round(2)}, ";", encoding="cp1252", decimal=",")


@table
def utf_16_tabs(g: np.random.Generator) -> bytes:
    columns = flowers(g)
    return csv({**columns, "größe": g.normal(size=150).round(2)}, "\t", encoding="utf-16")


@table
def gb_18030(g: np.random.Generator) -> bytes:
    n = 300
    town, area = some(g, ["北京", "上海", "广州"], n), g.uniform(30, 150, n).round(1)
    return csv(
        {"城市": town, "面积": area, "价格": (3 * area + 100 * (town == "北京") + 10 * g.normal(size=n)).round(1)},
        encoding="gb18030",
    )


@table
def mark_and_trailing_commas(g: np.random.Generator) -> bytes:
    return b"\xef\xbb\xbf" + csv(flowers(g), end=",")


@table
def quotes_with_newlines_and_twins(g: np.random.Generator) -> bytes:
    n = 300
    stars, words = g.integers(1, 6, n), g.integers(1, 90, n)
    review = [f'It was "{"good" if s > 3 else "bad"}",\nI said {i} times; really' for i, s in enumerate(stars)]
    text = csv(
        {
            "review": review,
            "length": words,
            "helpful": (words / 9 + stars + g.normal(size=n)).round(2),
            "empty": [""] * n,
            "stars": np.where(stars > 3, "good", "bad"),
        }
    )
    return text.replace(b"helpful", b"length", 1)


@table
def target_with_gaps_and_rare_classes(g: np.random.Generator) -> bytes:
    n = 500
    x = g.normal(size=n)
    kind = np.where(x > 0.3, "007", np.where(x < -0.5, "7", "1E3")).astype(object)
    kind[0] = "once"
    return csv({"x": x, "z": g.normal(size=n), "code": some(g, ["00501", "10001"], n), "label": gaps(g, kind, 0.05)})


@table
def zero_one_as_floats(g: np.random.Generator) -> bytes:
    n = 600
    x = g.normal(size=(n, 3))
    return csv(
        {
            "Unnamed: 0": g.permutation(n),
            "a": x[:, 0],
            "b": x[:, 1],
            "c": some(g, ["True", "False"], n),
            "y": [f"{v}.0" for v in coin(g, 2 * x[:, 0] - x[:, 1])],
        }
    )


@table
def wide_and_short(g: np.random.Generator) -> bytes:
    x = g.normal(size=(80, 300))
    return csv({**{f"gene_{i}": x[:, i] for i in range(300)}, "tumor": np.where(x[:, :5].sum(1) > 0, "ALL", "AML")})


@table
def sep_line_and_titles(g: np.random.Generator) -> bytes:
    n = 200
    x = g.uniform(0, 50, n)
    return b"Report of the station\n\n" + csv(
        {"Temp, C": x.round(2), "Hours": g.integers(0, 24, n), "Power": (30 - 0.4 * x + g.normal(size=n)).round(3)}
    )


@table
def tiny(g: np.random.Generator) -> bytes:
    x = np.arange(12.0)
    return csv({"x": x, "y": 3 * x + 0.5})
