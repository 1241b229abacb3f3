"""Average the weights that a training passes through."""

from contextlib import contextmanager

import torch


class WeightAverage:
    r"""Keep an exponential moving average of a network's weights.

    After step t the average moves towards the weights, $a \leftarrow d_t a + (1 - d_t) w$, with
    $d_t = \min(d, (1 + t) / (10 + t))$: at first it follows closely, so that the random start is
    soon forgotten. The running statistics of batch normalisation are averaged alike; whole
    numbers are copied.

    Parameters
    ----------
    model : torch.nn.Module
        Whose weights the average starts from.
    decay : float
        d, between 0 and 1. About the last 1 / (1 - d) steps count.

    References
    ----------
    Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging", SIAM Journal on
    Control and Optimization 30 (1992), 838-855, doi:10.1137/0330046.
    """

    def __init__(self, model, decay):
        self.decay = decay
        self.steps = 0
        self.tensors = {name: t.detach().clone() for name, t in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model):
        """Move the average towards the network's weights."""
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        floating, now = [], []
        for name, tensor in model.state_dict().items():
            if tensor.is_floating_point():
                floating.append(self.tensors[name])
                now.append(tensor)
            else:
                self.tensors[name].copy_(tensor)
        torch._foreach_lerp_(floating, now, 1 - decay)

    @contextmanager
    def applied(self, model):
        """Put the average into the network for the while of a `with` block."""
        kept = {name: t.detach().clone() for name, t in model.state_dict().items()}
        model.load_state_dict(self.tensors)
        try:
            yield
        finally:
            model.load_state_dict(kept)

    def state(self):
        """Return what a checkpoint has to keep (dict)."""
        return {"steps": self.steps, "tensors": self.tensors}

    def restore(self, state):
        """Go on from what `state` returned."""
        self.steps = state["steps"]
        for name, tensor in self.tensors.items():
            tensor.copy_(state["tensors"][name])
