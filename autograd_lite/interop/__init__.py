"""Ways to and from other libraries, each in a module of its own that is imported by itself.

`autograd_lite.interop.sklearn` has estimators for scikit-learn.
"""
