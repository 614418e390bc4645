"""A training step as a CUDA graph: recorded once, then replayed.

A step of these small layouts is some hundred kernels of a few microseconds: launched one by one,
the GPU waits for Python. See "Whole-network capture" in PyTorch's notes on CUDA graphs.
"""

import copy
import sys
import warnings

import torch
from torch import Tensor

from attention.training.trainer import Trainer

WARM_UP = 3  # steps before capture, in which libraries set themselves up


class GpuTraining:
    """A trainer on a stream of its own, so that several train beside each other in one process.

    (Processes of their own would take turns on the GPU; streams share it.)

    Args:
        capture: False launches every kernel anew; so it goes on, too, if capture fails.
    """

    def __init__(self, trainer: Trainer, text: Tensor, *, capture: bool = True) -> None:
        self.trainer, self._text = trainer, text
        self._stream = torch.cuda.Stream()
        self._graph: torch.cuda.CUDAGraph | None = None
        self._rows = text[0].clone()
        self._loss = torch.zeros((), device=text.device)
        torch.cuda.synchronize()
        if capture and not trainer.is_done:
            self._capture()

    def advance(self) -> None:
        """Launch one step, and do not wait for it."""
        trainer = self.trainer
        with torch.cuda.stream(self._stream):
            if self._graph is None:
                self._loss = trainer.train_step(self._text)
                return
            trainer.rate.fill_(trainer.recipe.rate(trainer.step))
            self._rows.copy_(trainer.rows_of(self._text))
            self._graph.replay()
            trainer.step += 1

    @property
    def is_captured(self) -> bool:
        return self._graph is not None

    def wait(self) -> float:
        """Until every launched step is done; returns the last one's loss."""
        self._stream.synchronize()
        return float(self._loss.item())

    def _capture(self) -> None:
        trainer = self.trainer
        before = copy.deepcopy(trainer.state())
        try:
            with torch.cuda.stream(self._stream), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that steps outside a graph are slower: they are
                for _ in range(WARM_UP):
                    trainer.update(self._rows)
            torch.cuda.synchronize()
            go_back(trainer, before)
            graph = torch.cuda.CUDAGraph()
            # The same stream as in warm-up and replay: cuBLAS keeps its workspace by stream, and
            # graphs that shared one would overwrite each other's.
            with torch.cuda.graph(graph, stream=self._stream):
                self._loss = trainer.update(self._rows)
        except RuntimeError as error:
            said = str(error).splitlines()[0]
            print(
                f"{trainer.task.name}: the step could not be captured as a CUDA graph ({said}); "
                "it trains step by step.",
                file=sys.stderr,
                flush=True,
            )
            trainer.optimiser.zero_grad()
            go_back(trainer, before)
            torch.cuda.synchronize()  # what was put back, before this stream goes on with it
            return
        self._graph = graph


def go_back(trainer: Trainer, before: dict) -> None:
    """Undo steps: the trainer is as its :meth:`Trainer.state` ``before`` says.

    The optimiser's tensors stay where they are; those of a training that has not begun become 0.
    """
    if before["optimiser"]["state"]:
        trainer.restore(before)
        return
    trainer.decoder.load_state_dict(before["decoder"])
    for state in trainer.optimiser.state.values():
        for value in state.values():
            value.zero_()
    trainer.step, trainer.seconds = before["step"], before["seconds"]
