"""People's tables: a file is read, every column gets a kind, and the kinds make numbers of the cells.

============== =====================================================================================
room           what happens there
============== =====================================================================================
``dialect``    lines vote on the encoding, the delimiter, the decimal mark and whether there is a header
``reading``    a file becomes a `Table`: columns of text, or of numbers where all cells are plain ones
``numerals``   how people write numbers: ``1,234``, ``1,3``, ``$6.88``, ``6.88%``
``columns``    the kinds of columns, one class each: recognised, encoded, and described in words
``encoder``    all columns of a table together: what a model file keeps, and a row of numbers per row
``labels``     which column is to be predicted, and what its cells mean
============== =====================================================================================
"""
