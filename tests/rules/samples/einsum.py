"""Samples for `rules/einsum.py`: subscripts, then the shape of each operand as digits."""

import numpy as np

from tests.rules.samples.numbers import real

PROGRAMS = """
    i,i 3 3|i,i->i 3 3|i,j->ij 2 3|i,j 2 3|i-> 0|i,i,i->i 2 2 2|i,ij,j-> 2 23 3|aB,Bc 23 32|ij,kl-> 22 23
    ij,jk 23 32|ij,jk->ik 23 34|ij,kj->ki 23 43|ij,ij->i 23 23|ij,ij 23 23|ij,j->i 23 3|ij->ji 23|ij-> 23|ba 23
    bij,bjk->bik 223 232|bi,ij,bj->b 42 23 43|ij,jk,kl->il 23 32 22|abc,cd,bde->ae 223 32 222|xyz,xyz->zy 223 223
    ii 33|ii->i 33|iij->ji 223|iii->i 222|iijj 2233|ii,i->i 33 3|ij,jj->i 23 33
    ...ij,...jk->...ik 223 32|...ij,...jk 2123 432|...i->... 23|...,... 23 3|i...,i...->... 23 23|...ii->...i 233
    ... 2|i... 23|ij,jk->ik 21 32|ij,ij->ij 13 23|i,i-> 1 3|bij,bjk->bik 123 432|ij,jk->ik 20 03|...j,j 0123 3
"""

SAMPLES = {
    np.einsum: [
        ((subscripts, *[real(*map(int, shape)) for shape in shapes]), {})
        for subscripts, *shapes in (
            program.split() for program in PROGRAMS.replace("\n", "|").split("|") if program.strip()
        )
    ]
    + [
        ((",ij->ij", real(), real(2, 3)), {}),
        (("ij, -> i", real(2, 3), real()), {}),
        (("->", real()), {}),
        (("ij,jk,kl", real(2, 3), real(3, 2), real(2, 2)), {"optimize": True}),
        ((real(2, 3), (0, 1), real(3, 2), (1, 2), (0, 2)), {}),
        ((real(2, 3), (1, 0)), {}),
        ((real(2, 2, 3), (..., 0, 1), real(3, 2), (..., 1, 2), (..., 0, 2)), {}),
    ],
}
