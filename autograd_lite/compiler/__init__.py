"""compile: a function, traced and turned into one flat program of NumPy calls."""

from autograd_lite.compiler.runtime.compiled import Compiled, CompileWarning, RetraceWarning, compile, source
from autograd_lite.compiler.tracing.traced import TraceError

__all__ = ["CompileWarning", "Compiled", "RetraceWarning", "TraceError", "compile", "source"]
