"""What the probes noted of a program's variables, as the trace keeps it."""

from __future__ import annotations

from vprog.boundary import convert
from vprog.program.lowering.lower import Probe, read_probes
from vprog.trace.event import StepValue

_NOTES = list[tuple[str, int, list[tuple[str, int, str]], list[tuple[str, int, str]]]]


def step_values(notes: object) -> list[StepValue]:
    """The notes that were read from a sandbox, in the order of the lines' first values.

    Args:
        notes: raw, as the sandbox gave them.

    Raises:
        ModuleInputError, TraceError: they are not of the shape that the probes make.
    """
    read = read_probes(convert.to_host(notes, _NOTES, (), where="probes"))
    return [_step_value(line) for line in read]


def _step_value(probe: Probe) -> StepValue:
    text = probe.text if probe.count == 1 else f"{probe.count} times: {probe.text}"
    return StepValue(
        cell=probe.cell,
        line=probe.line,
        name=probe.name,
        type=probe.type,
        length=probe.length,
        text=text,
        count=probe.count,
    )
