"""What a module says of itself: that it is all there. Annotations, `@module` has seen to."""

from __future__ import annotations

from vprog.boundary import convert
from vprog.errors import ModuleInputError
from vprog.registry.signature import Signature, annotation_text


def declaration_faults(signature: Signature) -> list[tuple[str, str]]:
    """What is wrong with the docstring and the defaults, each with what to do."""
    faults: list[tuple[str, str]] = []
    if "Returns:" not in signature.doc:
        faults.append(
            (
                "the docstring of __call__ has no Returns section.",
                "Say what comes back, in which order and unit, and when it is empty.",
            )
        )
    for parameter in signature.parameters:
        if not parameter.doc:
            faults.append(
                (
                    f'the docstring does not describe the parameter "{parameter.name}".',
                    "Add it to the Args section: meaning, unit, range.",
                )
            )
        if parameter.is_required:
            continue
        try:
            convert.to_host(parameter.default, parameter.annotation, (), where="it")
        except ModuleInputError as error:
            faults.append(
                (
                    f'the default of "{parameter.name}" is not of its type '
                    f"{annotation_text(parameter.annotation)}: {error.message}",
                    "Correct the default or the annotation.",
                )
            )
    return faults
