"""Some parcels are taken, some are open → the best choice among the open ones, by HiGHS.

Each prize and each open entry has a column besides the parcels: an entry helps a prize no more than
its parcel is packed, and no more than the prize is won. So the solver sees no half prize for half
of what it needs, which makes its first bound nearly the last one.
"""

from typing import Any

import numpy as np
from msgspec import Struct

from merchantwatch.errors import UsageError
from merchantwatch.tasks.packing.model import Model

LARGEST = 1e6
"""The largest worth as the solver sees it: its tolerances are meant for numbers like this."""

_MOST_NODES, _FEW_NODES = 20_000, 8
"""How far the solver searches: a count and no clock, so that a plan is the same each time."""

_SURE, _ASIDE = -1, -2
"""In place of a prize: one that is to be won in any case, and one that is not looked at."""


class Solved(Struct, frozen=True, eq=False):
    """A mask of the parcels to pack, what that saves, and what no choice like it can exceed."""

    packed: Any
    saved: int
    bound: float


class _Part(Struct, frozen=True, eq=False):
    """What is open: parcels, prizes that they can win, and the needs of these with their entries.

    ``prize`` is of needs, _SURE where a need must be met; ``parcel``, ``need`` and ``count`` are of
    entries. All but ``parcels`` and ``prizes`` are places among what is open.
    """

    parcels: Any
    prizes: Any
    at_least: Any
    prize: Any
    parcel: Any
    need: Any
    count: Any
    room: int


def silent() -> Any:
    """Return a solver that prints nothing and works on one thread.

    Raises UsageError where it cannot be loaded.
    """
    try:
        from highspy import _Highs  # type: ignore[attr-defined]
    except ImportError as error:
        raise UsageError(
            f"the solver of plans cannot be loaded ({error}); run: "
            "pip install --force-reinstall 'highspy>=1.12,<2'",
            f"无法加载求解器（{error}）；请运行：pip install --force-reinstall 'highspy>=1.12,<2'",
        ) from None
    solver = _Highs()  # Highs itself prints a line before its options can be set.
    solver.setOptionValue("output_flag", False)
    # More threads would find another of several best plans from run to run.
    solver.setOptionValue("threads", 1)
    return solver


def solve(
    model: Model, taken: Any, is_open: Any, won: Any | None = None, within: float = 0.5
) -> Solved | None:
    """Return the best choice with all that is ``taken``, to ``within``; None if there is none.

    ``won`` says which wide prizes are to be won, the other wide ones are left out; by default they
    are open like all others.
    """
    part = _part(model, taken, is_open, won)
    if part.room < 0:
        return None
    packed, beyond = taken.copy(), 0.0
    if len(part.parcels):
        found = _best(model, part, within)
        if found is None:
            return None
        chosen, beyond = found
        packed[part.parcels[chosen]] = True
    saved = model.saved_by(packed)
    return Solved(packed, saved, saved + beyond)


def _part(model: Model, taken: Any, is_open: Any, won: Any | None) -> _Part:
    """Return the part of a model that is open; a prize out of reach is not."""
    left = model.at_least - model.counted(taken)
    lost = _of_any(model, left > model.counted(is_open))
    settled = np.zeros(len(lost), dtype=bool) if won is None else model.wide
    prizes = np.flatnonzero(~settled & ~lost & _of_any(model, left > 0))
    place = np.full(len(lost), _ASIDE)
    place[prizes] = np.arange(len(prizes))
    if won is not None:
        place[model.wide & won] = _SURE
    needs = (left > 0) & (place[model.prize] > _ASIDE)
    entries = np.flatnonzero(needs[model.need] & is_open[model.parcel])
    parcels, needed = np.flatnonzero(is_open), np.flatnonzero(needs)
    return _Part(
        parcels=parcels,
        prizes=prizes,
        at_least=left[needed],
        prize=place[model.prize[needed]],
        parcel=np.searchsorted(parcels, model.parcel[entries]),
        need=np.searchsorted(needed, model.need[entries]),
        count=model.count[entries],
        room=model.room - int(taken.sum()),
    )


def _of_any(model: Model, needs: Any) -> Any:
    """Return a mask of the prizes of which some need is in a mask."""
    return np.bincount(model.prize, needs, len(model.prizes)) > 0


def _best(model: Model, part: _Part, within: float) -> tuple[Any, float] | None:
    """Return which open parcels to pack, and how much more another choice may save."""
    solver = silent()
    from highspy import HighsModelStatus

    worths = np.concatenate([model.worths[part.parcels], model.prizes[part.prizes]])
    # Only large worths are scaled down: whole cents stay exact.
    scale = max(float(worths.max(initial=0)) / LARGEST, 1.0)
    solver.setOptionValue("mip_feasibility_tolerance", 1e-9)
    # By default HiGHS stops 0.01 % below the best, whatever `within` says.
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", within / scale)
    solver.setOptionValue("mip_max_nodes", _MOST_NODES if within < 1 else _FEW_NODES)
    solver.passModel(_linear(part, worths / scale))
    solver.run()
    info = solver.getInfo()
    if not info.primal_solution_status:
        return None
    # A whole number comes back as 0.9999999 or 1e-9.
    chosen = np.array(solver.getSolution().col_value)[: len(part.parcels)] > 1 / 2
    if solver.getModelStatus() == HighsModelStatus.kOptimal and within < 1:
        return chosen, 0.0
    return chosen, max(info.mip_dual_bound - info.objective_function_value, 0.0) * scale


def _linear(part: _Part, worths: Any) -> Any:
    """Return the model as HiGHS takes it: columns of parcels, of prizes, and of their entries."""
    from highspy import HighsLp, HighsVarType, MatrixFormat, ObjSense

    # A need that must be met is a plain row: no prize can be cut in half there.
    helping = np.flatnonzero(part.prize[part.need] >= 0)
    columns, helps = len(worths), len(helping)
    rows = 1 + 2 * helps + len(part.at_least)
    linear = HighsLp()
    linear.sense_, linear.num_row_, linear.num_col_ = ObjSense.kMaximize, rows, columns + helps
    linear.col_cost_ = np.concatenate([worths, np.zeros(helps)])
    linear.col_lower_, linear.col_upper_ = np.zeros(columns + helps), np.ones(columns + helps)
    least = np.where(part.prize < 0, part.at_least, 0)
    linear.row_lower_ = np.concatenate([np.full(1 + 2 * helps, -np.inf), least])
    most = np.concatenate([np.zeros(2 * helps + 1), np.full(len(least), np.inf)])
    most[0] = part.room
    linear.row_upper_ = most
    whole, any_share = [HighsVarType.kInteger] * columns, [HighsVarType.kContinuous] * helps
    linear.integrality_ = whole + any_share
    row, column, value = _cells(part, helping)
    order = np.argsort(row, kind="stable")
    matrix = linear.a_matrix_
    matrix.format_ = MatrixFormat.kRowwise
    matrix.start_ = np.searchsorted(row[order], np.arange(rows + 1)).astype(np.int32)
    matrix.index_, matrix.value_ = column[order].astype(np.int32), value[order]
    return linear


def _cells(part: _Part, helping: Any) -> tuple[Any, Any, Any]:
    """Return rows, columns and values: the room; no entry beyond its parcel or its prize; needs."""
    parcels, helps = len(part.parcels), len(helping)
    prize = parcels + part.prize
    entry = np.array(part.parcel)
    entry[helping] = parcels + len(part.prizes) + np.arange(helps)
    by_parcel, by_prize = 1 + np.arange(helps), 1 + helps + np.arange(helps)
    of_prize, needs = np.flatnonzero(part.prize >= 0), 1 + 2 * helps
    one = np.ones(helps)
    cells = [
        (np.zeros(parcels), np.arange(parcels), np.ones(parcels)),
        (by_parcel, entry[helping], one),
        (by_parcel, part.parcel[helping], -one),
        (by_prize, entry[helping], one),
        (by_prize, prize[part.need[helping]], -one),
        (needs + part.need, entry, part.count),
        (needs + of_prize, prize[of_prize], -part.at_least[of_prize]),
    ]
    row, column, value = (np.concatenate(some) for some in zip(*cells, strict=True))
    return row, column, value.astype(float)
