"""Two processes train as one."""

import json
import os
import socket
import subprocess
import sys

import pytest
import torch

from attnlab.training.distributed import processes, share

SCRIPT = """
import json, sys
import torch
from attnlab.training.distributed import processes
from attnlab.models.seq2seq import Seq2Seq
from attnlab.tasks.pairs import translation_loss
from attnlab.tasks.rearrange import Reverse
from attnlab.training.fitting import fit, seed_everything

torch.set_default_dtype(torch.float64)
with processes() as rank:
    seed_everything(0)
    task = Reverse(1, 9)
    model = Seq2Seq(task.vocab_size, task.vocab_size, d_model=8, attend="general")
    if rank == 1:  # a process that starts elsewhere is brought into line
        torch.nn.init.zeros_(model.read_out.bias)
    losses = fit(model, task.batches(10), translation_loss, steps=8, lr=1e-2)
    weights = sum(p.sum().item() for p in model.parameters())
    with open(f"{sys.argv[1]}.{rank}", "w") as file:
        json.dump([losses, weights], file)
"""


def test_two_processes_train_as_one(tmp_path):
    script = tmp_path / "train.py"
    script.write_text(SCRIPT)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    torchrun = ["-m", "torch.distributed.run", "--nproc-per-node=2", "--master-addr=127.0.0.1"]
    for prefix, name in (([], "one"), ([*torchrun, f"--master-port={port}"], "two")):
        command = [sys.executable, *prefix, str(script), str(tmp_path / name)]
        run = subprocess.run(
            command, check=False, env=env, capture_output=True, text=True, timeout=120
        )
        assert run.returncode == 0, run.stderr
    one, first, second = (
        json.loads((tmp_path / name).read_text()) for name in ("one.0", "two.0", "two.1")
    )
    assert first[0] == pytest.approx(one[0], rel=1e-12)
    assert first[1] == pytest.approx(one[1], rel=1e-10)
    assert first == second


def test_alone_is_rank_zero_and_keeps_its_batch():
    batch = (torch.ones(3, 2), torch.ones(3))
    with processes() as rank:
        assert rank == 0
        assert share(batch) is batch


def test_shares_of_two_processes(monkeypatch):
    monkeypatch.setattr("torch.distributed.is_initialized", lambda: True)
    monkeypatch.setattr("torch.distributed.get_world_size", lambda: 2)
    monkeypatch.setattr("torch.distributed.get_rank", lambda: 1)
    assert share((torch.arange(4), torch.arange(4)))[0].tolist() == [1, 3]
    with pytest.raises(ValueError, match="B must be a multiple of the 2 processes, got 3"):
        share(torch.arange(3))
    with pytest.raises(TypeError, match="a batch must be of tensors, got str"):
        share("abc")
