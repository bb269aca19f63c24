"""V-STaR: V_STaR_test.json of its authors: what, when and where."""

from vprog.evaluation.loaders.suite_loader import SuiteLoader
from vprog.evaluation.loaders.v_star_rows import whole_case

LOADER = SuiteLoader(
    "V-STaR, 2025: JSON, open answers with span and boxes",
    whole_case,
)
