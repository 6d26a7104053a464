"""Tables as people bring them, made here: each has the troubles of a well-known kind of file, with fixed seeds.

Nobody's file is copied: names and habits are like those of public tables, all cells are drawn.
"""

from __future__ import annotations

import datetime
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["TABLES", "written"]

Columns = dict[str, Any]
TABLES: dict[str, Callable[[np.random.Generator], bytes]] = {}


def table(make: Callable[[np.random.Generator], bytes]) -> Callable[[np.random.Generator], bytes]:
    """Enter a maker under its name."""
    TABLES[make.__name__] = make
    return make


def written(name: str) -> bytes:
    """Return the bytes of a table, the same at every call."""
    return TABLES[name](np.random.default_rng(zlib.crc32(name.encode())))


def csv(
    columns: Columns, sep: str = ",", header: bool = True, end: str = "", encoding: str = "utf-8", decimal: str = "."
) -> bytes:
    def cell(value: Any) -> str:
        if value is None or (isinstance(value, float) and np.isnan(value)):
            return ""
        if isinstance(value, float):
            return f"{value:.6g}".replace(".", decimal)
        text = str(value)
        return '"' + text.replace('"', '""') + '"' if any(c in text for c in f'{sep}"\n') else text

    lines = [sep.join(map(cell, columns)) + end] if header else []
    for row in zip(
        *(values.tolist() if hasattr(values, "tolist") else values for values in columns.values()), strict=True
    ):
        lines.append(sep.join(map(cell, row)) + end)
    return ("\n".join(lines) + "\n").encode(encoding)


def some(generator: np.random.Generator, values: list[Any], rows: int, p: Any = None) -> np.ndarray:
    return np.array(values, dtype=object)[generator.choice(len(values), rows, p=p)]


def gaps(generator: np.random.Generator, values: Any, share: float, mark: Any = "") -> list[Any]:
    lost = generator.random(len(values)) < share
    return [mark if gone else value for gone, value in zip(lost, values, strict=True)]


def coin(generator: np.random.Generator, score: np.ndarray) -> np.ndarray:
    return (generator.random(len(score)) < 1 / (1 + np.exp(-score))).astype(int)


@table
def titanic(g: np.random.Generator) -> bytes:
    n = 891
    sex, klass, age = (
        some(g, ["male", "female"], n, [0.65, 0.35]),
        g.choice([1, 2, 3], n, p=[0.24, 0.21, 0.55]),
        g.gamma(6, 5, n),
    )
    alive = coin(g, 2.6 * (sex == "female") - 0.9 * klass - 0.02 * age + 1.2)
    names = [
        f"{a}son, Mr. {b}" for a, b in zip(g.integers(0, 10**6, n), some(g, ["Owen", "Ann", "Karl"], n), strict=True)
    ]
    return csv(
        {
            "PassengerId": range(1, n + 1),
            "Survived": alive,
            "Pclass": klass,
            "Name": names,
            "Sex": sex,
            "Age": gaps(g, age.round(1), 0.2),
            "Ticket": g.integers(10**4, 10**6, n),
            "Fare": g.lognormal(3, 1, n).round(4),
            "Cabin": gaps(g, [f"C{i}" for i in g.integers(1, 150, n)], 0.77),
            "Embarked": gaps(g, some(g, ["S", "C", "Q"], n), 0.003),
        }
    )


def flowers(g: np.random.Generator, n: int = 150) -> Columns:
    kind = np.arange(n) % 3
    x = g.normal([[5.0, 3.4, 1.5, 0.2], [5.9, 2.8, 4.3, 1.3], [6.6, 3.0, 5.5, 2.0]], 0.3, (n // 3, 3, 4)).reshape(n, 4)
    names = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    return {
        **{name: x[:, i].round(1) for i, name in enumerate(names)},
        "species": np.array(["setosa", "versicolor", "virginica"], object)[kind],
    }


@table
def iris_with_id(g: np.random.Generator) -> bytes:
    columns = flowers(g)
    return csv({"Id": range(1, 151), **columns})


@table
def iris_without_header(g: np.random.Generator) -> bytes:
    return csv(flowers(g), header=False) + b"\n"


@table
def wine_quality_semicolons(g: np.random.Generator) -> bytes:
    n = 1599
    x = g.normal(size=(n, 6))
    quality = np.clip(np.round(5.6 + 0.6 * x[:, 0] - 0.4 * x[:, 1] + 0.5 * g.normal(size=n)), 3, 8).astype(int)
    names = ["fixed acidity", "volatile acidity", "citric acid", "density", "pH", "alcohol"]
    text = csv({**{f'"{name}"': (x[:, i] + 5).round(3) for i, name in enumerate(names)}, "quality": quality}, ";")
    return text.replace(b'"""', b'"')


@table
def adult_with_question_marks(g: np.random.Generator) -> bytes:
    n = 6000
    age, hours, education = g.integers(17, 90, n), g.integers(1, 99, n), g.integers(1, 17, n)
    married, work = (
        some(g, ["Married-civ-spouse", "Never-married", "Divorced"], n),
        some(g, ["Private", "State-gov", "?"], n, [0.8, 0.14, 0.06]),
    )
    rich = coin(g, 0.35 * education + 0.03 * hours + 0.03 * age - 9 + 1.8 * (married == "Married-civ-spouse"))
    columns = {
        "age": age,
        "workclass": work,
        "fnlwgt": g.integers(10**4, 10**6, n),
        "education.num": education,
        "marital.status": married,
        "sex": some(g, ["Male", "Female"], n),
        "capital.gain": (g.random(n) < 0.08) * g.integers(100, 9999, n),
        "hours.per.week": hours,
        "native.country": some(g, [f"Country-{i}" for i in range(41)], n),
        "income": np.where(rich, "<=50K", ">50K") if False else np.where(rich == 1, ">50K", "<=50K"),
    }
    return csv(columns).replace(b",", b", ")


@table
def housing_with_gaps(g: np.random.Generator) -> bytes:
    n = 4000
    rooms, income = g.gamma(4, 600, n).round(), g.gamma(3, 1.3, n)
    ocean = some(g, ["NEAR BAY", "<1H OCEAN", "INLAND", "ISLAND"], n, [0.2, 0.4, 0.39, 0.01])
    price = 40000 * income + 20 * rooms - 60000 * (ocean == "INLAND") + 90000 + 20000 * g.normal(size=n)
    return csv(
        {
            "longitude": -g.uniform(114, 124, n),
            "latitude": g.uniform(32, 42, n),
            "total_rooms": rooms,
            "total_bedrooms": gaps(g, (rooms / 5).round(), 0.03),
            "median_income": income,
            "median_house_value": price.round(),
            "ocean_proximity": ocean,
        }
    )


@table
def mushrooms_all_text(g: np.random.Generator) -> bytes:
    n = 3000
    odor, cap, ring = some(g, list("alcfmnps"), n), some(g, list("bcxfks"), n), some(g, list("cflnpsz"), n)
    poison = np.where(np.isin(odor, list("cfmps")) ^ ((odor == "n") & (ring == "f")), "p", "e")
    return csv(
        {
            "class": poison,
            "cap-shape": cap,
            "odor": odor,
            "ring-type": ring,
            "veil-type": ["p"] * n,
            "stalk-root": some(g, list("bce?r"), n),
        }
    )


@table
def attrition_with_constants(g: np.random.Generator) -> bytes:
    n = 1470
    age, over, pay = (
        g.integers(18, 60, n),
        some(g, ["Yes", "No"], n, [0.3, 0.7]),
        g.lognormal(8.6, 0.5, n).round().astype(int),
    )
    leaves = coin(g, -1.4 - 0.04 * (age - 36) + 1.5 * (over == "Yes") - 0.0001 * (pay - 6000) - 0.5)
    return csv(
        {
            "Age": age,
            "Attrition": np.where(leaves, "Yes", "No"),
            "BusinessTravel": some(g, ["Travel_Rarely", "Non-Travel"], n),
            "EmployeeCount": [1] * n,
            "EmployeeNumber": np.sort(g.choice(3000, n, replace=False)),
            "MonthlyIncome": pay,
            "Over18": ["Y"] * n,
            "OverTime": over,
            "StandardHours": [80] * n,
        }
    )


@table
def churn_with_blanks(g: np.random.Generator) -> bytes:
    n = 3000
    tenure, monthly = g.integers(0, 73, n), g.uniform(18, 120, n).round(2)
    contract = some(g, ["Month-to-month", "One year", "Two year"], n, [0.55, 0.2, 0.25])
    churn = coin(g, -0.6 - 0.03 * tenure + 0.02 * (monthly - 60) + 0.9 * (contract == "Month-to-month"))
    total = [" " if t == 0 else f"{t * m:.2f}" for t, m in zip(tenure, monthly, strict=True)]
    return csv(
        {
            "customerID": [f"{i}-{'ABCDEFGH'[i % 8]}XQZ" for i in g.permutation(9999)[:n]],
            "SeniorCitizen": g.integers(0, 2, n),
            "Partner": some(g, ["Yes", "No"], n),
            "tenure": tenure,
            "Contract": contract,
            "MonthlyCharges": monthly,
            "TotalCharges": total,
            "Churn": np.where(churn, "Yes", "No"),
        }
    )


@table
def heart_with_question_marks(g: np.random.Generator) -> bytes:
    n = 303
    age, chol, oldpeak = g.integers(29, 78, n), g.integers(126, 400, n), g.exponential(1, n).round(1)
    num = np.clip(np.round(0.06 * (age - 54) + oldpeak - 0.4 + 0.7 * g.normal(size=n)), 0, 4).astype(int)
    columns = {
        "age": age.astype(float),
        "sex": g.integers(0, 2, n).astype(float),
        "chol": chol,
        "oldpeak": oldpeak,
        "ca": gaps(g, g.integers(0, 4, n).astype(float), 0.02, "?"),
        "thal": gaps(g, g.choice([3.0, 6.0, 7.0], n), 0.02, "?"),
        "num": num,
    }
    return csv(columns, header=False)


@table
def cars_without_header(g: np.random.Generator) -> bytes:
    n = 1728
    buying, maintenance, doors = (
        some(g, ["vhigh", "high", "med", "low"], n),
        some(g, ["vhigh", "high", "med", "low"], n),
        some(g, ["2", "3", "4", "5more"], n),
    )
    persons, boot, safety = (
        some(g, ["2", "4", "more"], n),
        some(g, ["small", "med", "big"], n),
        some(g, ["low", "med", "high"], n),
    )
    good = (safety != "low") & (persons != "2")
    klass = np.where(
        good & (buying == "low") & (safety == "high"), "vgood", np.where(good & (buying != "vhigh"), "acc", "unacc")
    )
    return csv(
        {str(i): c for i, c in enumerate([buying, maintenance, doors, persons, boot, safety, klass])}, header=False
    )


@table
def abalone_without_header(g: np.random.Generator) -> bytes:
    n = 2000
    length = g.beta(6, 4, n) * 0.8
    weight = 5 * length**3 * g.lognormal(0, 0.1, n)
    rings = np.round(4 + 10 * length + 3 * g.gamma(1, 0.6, n)).astype(int)
    return csv(
        {
            "s": some(g, ["M", "F", "I"], n),
            "l": length.round(3),
            "d": (0.8 * length).round(3),
            "w": weight.round(4),
            "r": rings,
        },
        header=False,
    )


@table
def letters_target_first(g: np.random.Generator) -> bytes:
    n, centres = 5000, g.uniform(0, 15, (26, 12))
    k = g.integers(0, 26, n)
    x = np.clip(np.round(centres[k] + 1.8 * g.normal(size=(n, 12))), 0, 15).astype(int)
    return csv({"letter": np.array([chr(65 + i) for i in k], object), **{f"f{i}": x[:, i] for i in range(12)}})


@table
def spam_wide(g: np.random.Generator) -> bytes:
    n = 2000
    x = g.exponential(0.3, (n, 57)) * (g.random((n, 57)) < 0.3)
    return csv(
        {
            **{str(i): x[:, i].round(2) for i in range(57)},
            "57": coin(g, 3 * x[:, :8].sum(1) - 2 * x[:, 8:16].sum(1) - 0.5),
        },
        header=False,
    )


@table
def insurance(g: np.random.Generator) -> bytes:
    n = 1338
    age, bmi, smoker = g.integers(18, 65, n), g.normal(30, 6, n).round(2), some(g, ["yes", "no"], n, [0.2, 0.8])
    cost = 260 * age + 24000 * (smoker == "yes") * (1 + (bmi > 30)) / 1.5 + 1500 * g.gamma(1, 1.5, n)
    return csv(
        {
            "age": age,
            "sex": some(g, ["female", "male"], n),
            "bmi": bmi,
            "children": g.integers(0, 6, n),
            "smoker": smoker,
            "region": some(g, ["southwest", "southeast", "northwest", "northeast"], n),
            "charges": cost.round(4),
        }
    )


@table
def bikes_with_dates(g: np.random.Generator) -> bytes:
    n = 1500
    days = [datetime.datetime(2011, 1, 1) + datetime.timedelta(hours=7 * i) for i in range(n)]
    month, hour = np.array([d.month for d in days]), np.array([d.hour for d in days])
    count = (
        200
        + 120 * np.sin((month - 4) / 12 * 2 * np.pi)
        + 90 * np.sin((hour - 8) / 24 * 2 * np.pi)
        + 30 * g.normal(size=n)
    )
    return csv(
        {
            "instant": range(1, n + 1),
            "datetime": [d.strftime("%Y-%m-%d %H:%M:%S") for d in days],
            "season": (month % 12 // 3 + 1),
            "temp": (15 - 10 * np.cos(month / 6 * np.pi) + 3 * g.normal(size=n)).round(2),
            "count": np.maximum(count, 1).round().astype(int),
        }
    )


@table
def tips(g: np.random.Generator) -> bytes:
    n = 244
    bill, size = g.gamma(4, 5, n).round(2) + 3, g.integers(1, 7, n)
    return csv(
        {
            "total_bill": bill,
            "sex": some(g, ["Male", "Female"], n),
            "smoker": some(g, ["Yes", "No"], n),
            "day": some(g, ["Thur", "Fri", "Sat", "Sun"], n),
            "size": size,
            "tip": (0.12 * bill + 0.3 * size + 0.4 * g.normal(size=n)).clip(1).round(2),
        }
    )


@table
def penguins_with_na(g: np.random.Generator) -> bytes:
    n = 344
    k = g.integers(0, 3, n)
    bill = g.normal(np.array([38.8, 48.8, 47.5])[k], 2.5).round(1)
    depth = g.normal(np.array([18.3, 18.4, 15.0])[k], 1).round(1)
    return csv(
        {
            "species": np.array(["Adelie", "Chinstrap", "Gentoo"], object)[k],
            "island": some(g, ["Biscoe", "Dream", "Torgersen"], n),
            "bill_length_mm": gaps(g, bill, 0.01, "NA"),
            "bill_depth_mm": gaps(g, depth, 0.01, "NA"),
            "body_mass_g": gaps(g, g.integers(2700, 6300, n), 0.01, "NA"),
            "sex": gaps(g, some(g, ["male", "female"], n), 0.03, "NA"),
        }
    )


@table
def diamonds_with_index(g: np.random.Generator) -> bytes:
    n = 8000
    carat, cut = g.lognormal(-0.4, 0.5, n).round(2), some(g, ["Fair", "Good", "Ideal"], n)
    price = (4000 * carat**1.6 * (1 + 0.2 * (cut == "Ideal")) * g.lognormal(0, 0.1, n)).astype(int)
    return csv(
        {
            "": range(1, n + 1),
            "carat": carat,
            "cut": cut,
            "color": some(g, list("DEFGHIJ"), n),
            "price": price,
            "x": (6.5 * carat ** (1 / 3)).round(2),
        }
    )


@table
def mpg_blanks_and_names(g: np.random.Generator) -> bytes:
    n = 398
    weight, cylinders = g.integers(1600, 5200, n), g.choice([4, 6, 8], n)
    mpg = (46 - 0.0065 * weight - 0.6 * cylinders + 2 * g.normal(size=n)).round(1)
    rows = zip(
        mpg,
        cylinders,
        gaps(g, g.integers(46, 230, n), 0.02, "?"),
        weight,
        g.integers(70, 83, n),
        g.integers(1, 4, n),
        strict=True,
    )
    return "".join(f"{m:<7}{c}   {h!s:<8}{w:<9}{y}  {o}\n" for m, c, h, w, y, o in rows).encode()


@table
def credit_with_numbered_names(g: np.random.Generator) -> bytes:
    n = 4000
    limit, late = g.lognormal(11.7, 0.8, n).round(-4).astype(int), g.integers(-2, 5, n)
    columns = {
        "ID": range(1, n + 1),
        "LIMIT_BAL": limit,
        "SEX": g.integers(1, 3, n),
        "PAY_0": late,
        "BILL_AMT1": g.normal(5e4, 7e4, n).round().astype(int),
        "default.payment.next.month": coin(g, -1.5 + 0.7 * late - limit / 1e6),
    }
    return csv(columns)


@table
def loans(g: np.random.Generator) -> bytes:
    n = 614
    history = g.choice([1.0, 0.0], n, p=[0.85, 0.15])
    approved = coin(g, 4.5 * history - 2.7)
    return csv(
        {
            "Loan_ID": [f"LP{i:06d}" for i in range(1002, 1002 + n)],
            "Gender": gaps(g, some(g, ["Male", "Female"], n), 0.02),
            "Married": gaps(g, some(g, ["Yes", "No"], n), 0.01),
            "Dependents": gaps(g, some(g, ["0", "1", "2", "3+"], n), 0.02),
            "ApplicantIncome": g.lognormal(8.4, 0.6, n).astype(int),
            "LoanAmount": gaps(g, g.integers(20, 400, n).astype(float), 0.04),
            "Credit_History": gaps(g, history, 0.08),
            "Loan_Status": np.where(approved, "Y", "N"),
        }
    )
