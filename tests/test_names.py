"""The public names: what editors are told of `attnlab` is what it has."""

import ast
from importlib import import_module
from pathlib import Path

import attnlab


def test_stub_tells_where_every_name_is():
    stub = ast.parse(Path(attnlab.__file__).with_suffix(".pyi").read_text("utf-8"))
    told = {
        node.names[0].name: node.module for node in stub.body if isinstance(node, ast.ImportFrom)
    }
    assert set(told) == {*attnlab.__all__, *attnlab._LAZY}
    for name, module in told.items():
        assert getattr(import_module(module), name) is getattr(attnlab, name)
