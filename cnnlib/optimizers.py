"""Move the weights: AdamW, or orthogonal steps for convolutions (Muon)."""

import torch

from cnnlib.training_config import learning_rate

MOMENTUM, OTHERS_MOMENTUM = 0.6, 0.85
# A network's `learnt_early` parameters are learnt in this share of the training, then kept.
EARLY = 3 / 8
# Of x -> a x + b x³ + c x⁵, which drives singular values from 0 to 1 towards 1, roughly but fast.
COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def build(model, config):
    """Return the optimizer of a network, with a `peak` rate in each group of parameters.

    AdamW takes weight decay off the weights alone, not off biases and normalisation. "muon" is
    `Muon` for convolutions, and stochastic gradient descent for the others.

    Parameters
    ----------
    model : torch.nn.Module
        What does not require a gradient is left alone.
    config : cnnlib.training_config.TrainingConfig

    Returns
    -------
    torch.optim.Optimizer
    """
    learnt = {name: p for name, p in model.named_parameters() if p.requires_grad}
    if config.optimizer == "adamw":
        matrices = [p for p in learnt.values() if p.ndim > 1]
        vectors = [p for p in learnt.values() if p.ndim <= 1]
        groups = [
            {"params": matrices, "weight_decay": config.weight_decay, "peak": config.peak_rate},
            {"params": vectors, "weight_decay": 0.0, "peak": config.peak_rate},
        ]
        return torch.optim.AdamW(groups, lr=config.peak_rate, fused=True)
    early = [learnt.pop(name) for name in getattr(model, "learnt_early", ()) if name in learnt]
    rates = {"kernels": config.peak_rate, "vectors": config.bias_rate, "matrices": config.head_rate}
    sorts = {"kernels": [], "vectors": [], "matrices": []}
    for p in learnt.values():
        sorts["kernels" if p.ndim == 4 else "matrices" if p.ndim == 2 else "vectors"].append(p)
    groups = [{"params": sorts[sort], "peak": rates[sort]} for sort in sorts if sorts[sort]]
    groups += [{"params": early, "peak": config.bias_rate, "early": True}] if early else []
    return Muon(groups, config.weight_decay)


def set_rates(optimizer, step, steps, config):
    """Give each group of parameters its learning rate of a step (from 0), or end its learning."""
    for group in optimizer.param_groups:
        last = round(EARLY * steps) if group.get("early") else steps
        rate = learning_rate(step, last, config, group["peak"]) if step < last else 0.0
        if isinstance(group["lr"], torch.Tensor):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate
        if step >= last:
            # Without them, the way back through the network ends earlier.
            for parameter in group["params"]:
                parameter.requires_grad_(False)
                parameter.grad = None


def make_recordable(optimizer, device=None):
    """Have the rates lie on a device, where a recorded step finds them; or make them numbers.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        `set_rates` then leaves it so.
    device : torch.device, optional
        Without it, the rates are numbers.
    """
    for group in optimizer.param_groups:
        group["lr"] = 0.0 if device is None else torch.zeros((), device=device)
        group["capturable"] = device is not None  # else PyTorch's own refuse to be recorded


class Muon(torch.optim.Optimizer):
    r"""Take orthogonal steps for convolutions, plain ones with momentum for all else.

    A convolution's weight is a matrix W of shape (C_out, C_in k²). Its gradient with Nesterov
    momentum is $G = U \Sigma V^T$; the step is $W \leftarrow W - \eta\, U V^T$, nearly: all
    directions are learnt at the same rate, also those in which the gradient is small. Before it,
    W is brought to the norm $\sqrt{C_{out}}$, so that a rate means the same from first to last.
    PyTorch's `torch.optim.Muon` has the same step for matrices, but neither kernels nor that norm.

    Parameters
    ----------
    groups : list of dict
        With `params` and `peak`, the highest rate. Parameters of four axes get orthogonal steps.
    weight_decay : float
        So much of the others, in parts of their `peak`, is added to their gradients. It passes
        through the momentum, which multiplies its effect by 1 / (1 - 0.85) in the long run.

    References
    ----------
    Jordan et al., "Muon: An optimizer for hidden layers in neural networks" (2024),
    https://kellerjordan.github.io/posts/muon; the constants are those of the author's
    airbench94_muon.py, https://github.com/KellerJordan/cifar10-airbench.
    """

    def __init__(self, groups, weight_decay):
        super().__init__(groups, {"lr": 0.0, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        """Take a step along the gradients, at the groups' rates `lr`."""
        for group in self.param_groups:
            learnt = [p for p in group["params"] if p.grad is not None]
            if learnt and learnt[0].ndim == 4:
                self._orthogonal_step(learnt, group["lr"])
            elif learnt:
                self._plain_step(learnt, group["lr"], group["weight_decay"] / group["peak"])

    # A step goes through all parameters of a group together (`torch._foreach_…`): a GPU is done
    # with one of them sooner than Python has asked for the next.

    def _orthogonal_step(self, weights, rate):
        ahead = self._nesterov(weights, [w.grad for w in weights], MOMENTUM)
        norms = torch._foreach_norm(weights)
        torch._foreach_mul_(
            weights, [len(w) ** 0.5 / n for w, n in zip(weights, norms, strict=True)]
        )
        steps = _orthogonalise_all([a.flatten(1) for a in ahead])
        steps = [step.view_as(a).to(a.dtype) for step, a in zip(steps, ahead, strict=True)]
        torch._foreach_mul_(steps, rate)
        torch._foreach_sub_(weights, steps)

    def _plain_step(self, parameters, rate, decay):
        gradients = torch._foreach_add([p.grad for p in parameters], parameters, alpha=decay)
        ahead = self._nesterov(parameters, gradients, OTHERS_MOMENTUM)
        torch._foreach_mul_(ahead, rate)
        torch._foreach_sub_(parameters, ahead)

    def _nesterov(self, parameters, gradients, share):
        for parameter in parameters:
            if not self.state[parameter]:
                self.state[parameter]["momentum"] = torch.zeros_like(parameter)
        momenta = [self.state[parameter]["momentum"] for parameter in parameters]
        torch._foreach_mul_(momenta, share)
        torch._foreach_add_(momenta, gradients)
        return torch._foreach_add(gradients, momenta, alpha=share)


def orthogonalise(matrix, steps=3):
    r"""Bring all singular values of a matrix near 1, and leave its singular vectors.

    A polynomial of odd powers acts on the singular values alone,
    $X (X^T X)^n = U \Sigma^{2 n + 1} V^T$, so that multiplications do what a decomposition
    would do more exactly and much more slowly. (Newton-Schulz iteration)

    Parameters
    ----------
    matrix : tensor of float, shape (m, n) or (N, m, n)
        One matrix, or several.
    steps : int

    Returns
    -------
    tensor of bfloat16, of the same shape
        Three steps bring singular values from about 0.03 of the matrix's norm to between 0.3 and
        1.3; smaller ones stay smaller.
    """
    a, b, c = COEFFICIENTS
    m, n = matrix.shape[-2:]
    x = matrix.bfloat16().reshape(-1, m, n)
    x = x.mT if m > n else x  # the smaller product of the two
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        square = x @ x.mT
        factor = torch.baddbmm(square, square, square, beta=b, alpha=c)
        x = torch.baddbmm(x, factor, x, beta=a)
    return (x.mT if m > n else x).reshape(matrix.shape)


def _orthogonalise_all(matrices):
    """Do so for matrices in a list, those of one shape at a time."""
    places = {}
    for place, matrix in enumerate(matrices):
        places.setdefault(matrix.shape, []).append(place)
    found = {}
    for alike in places.values():
        found |= zip(alike, orthogonalise(torch.stack([matrices[i] for i in alike])), strict=True)
    return [found[place] for place in range(len(matrices))]
