"""Nets as ONNX graphs in int8: what is shipped and run."""

import io
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zhanggui.kernel.textmodels.neural.extra import needed

torch: Any = needed("torch")


def graph_of(net: Any, example: Mapping[str, Any], outputs: Sequence[str], *, int8: bool = True) -> bytes:
    """The net as a graph whose inputs are named as in `example` (tensors [rows, n]; both sizes may differ at run
    time), with weights in 8 bits when `int8`.

    Raises:
        NotConfigured: the library `onnx` of the extra is missing.
    """
    needed("onnx")
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # The exporter by tracing is marked as the old one; the new one needs a compiler's libraries and a minute.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net.eval(),
            tuple(example.values()),
            buffer,
            dynamo=False,
            opset_version=17,
            input_names=list(example),
            output_names=list(outputs),
            dynamic_axes={name: {0: "rows", 1: f"{name}_length"} for name in example},
        )
    return _int8(buffer.getvalue()) if int8 else buffer.getvalue()


def _int8(graph: bytes) -> bytes:
    onnx, quantization = needed("onnx"), needed("onnxruntime.quantization")
    model: Any = onnx.load_model_from_string(graph)
    # What the library's own preparation notes; without it, it warns that nothing was prepared.
    model.metadata_props.add(key="onnx.quant.pre_process", value="onnxruntime.quant")
    with tempfile.TemporaryDirectory() as folder:
        after = Path(folder) / "int8.onnx"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            quantization.quantize_dynamic(
                model, after, weight_type=quantization.QuantType.QInt8, per_channel=True,
                op_types_to_quantize=["MatMul", "Gemm", "Gather"],
            )  # fmt: skip
        return after.read_bytes()
