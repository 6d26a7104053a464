"""One module per library, one function per feature, written as somebody who knows that library would."""
