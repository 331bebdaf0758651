#!/usr/bin/env python3
"""Run pages as if there were a GPU, on a machine without one, and name the cells that would stop there.

python .ci/gpu.py nbs/06_early.ipynb ...   (without arguments: all pages; some minutes)

Tensors on this GPU compute on the CPU and only claim to be elsewhere; mixing them with others, or giving them to NumPy,
is the error that it would be. So it finds a forgotten device, and nothing else: no kernel of a GPU runs, and no time or
memory means anything.
It uses insides of torch that may change (written for 2.14), so it is no part of .ci/run.
"""

import contextlib, json, os, sys, traceback, warnings
from pathlib import Path
from unittest import mock

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes
from torch.utils._pytree import tree_leaves, tree_map

cpu, cuda, aten = torch.device('cpu'), torch.device('cuda:0'), torch.ops.aten
RealGenerator = torch.Generator
is_cuda = lambda device: device is not None and torch.device(device).type == 'cuda'
is_device = lambda x: isinstance(x, (str, torch.device))
bare = lambda x: x.inner if isinstance(x, Elsewhere) else x


class Generator(torch.Generator):
    "A generator that says where it is, and draws on the CPU."

    def __new__(cls, device='cpu'):
        g = super().__new__(cls, cpu)
        g.elsewhere = is_cuda(device)
        return g


def check_generator(generator, away, func):
    "Raise what torch does for a generator of the CPU and a tensor on the GPU, or the other way round."
    if isinstance(generator, RealGenerator) and getattr(generator, 'elsewhere', False) != away:
        here, there = ('cuda', 'cpu') if away else ('cpu', 'cuda')
        raise RuntimeError(f"Expected a '{here}' device type for generator but found '{there}' ({func})")


class Elsewhere(torch.Tensor):
    "A tensor that says it is on a GPU; `inner` holds its numbers."

    @staticmethod
    def __new__(cls, inner, requires_grad=False):
        t = torch.Tensor._make_wrapper_subclass(
            cls,
            inner.shape,
            strides=inner.stride(),
            storage_offset=inner.storage_offset(),
            dtype=inner.dtype,
            device=cpu,
            requires_grad=requires_grad,
        )
        t.inner = inner.detach()
        return t

    device, is_cuda = property(lambda self: cuda), property(lambda self: True)

    def get_device(self):
        return 0

    def cuda(self, *a):
        return self

    def cpu(self):
        return self.to('cpu')

    def tolist(self):
        return self.inner.tolist()

    def new_tensor(self, data, dtype=None):
        return Elsewhere(torch.tensor(data, dtype=dtype or self.dtype))

    def numpy(self, *a, **k):
        raise TypeError(
            "can't convert cuda:0 device type tensor to numpy. "
            "Use Tensor.cpu() to copy the tensor to host memory first."
        )

    def __array__(self, *a, **k):
        return self.numpy()

    def __format__(self, spec):
        return format(self.item(), spec) if self.dim() == 0 else repr(self)

    def __repr__(self):
        return f'{self.inner!r} on cuda:0'

    def to(self, *a, **k):
        device = k.get('device') or next(
            (x if is_device(x) else x.device for x in a if is_device(x) or isinstance(x, torch.Tensor)), None
        )
        if device is not None and not is_cuda(device):
            return torch.Tensor.to(self.inner, *a, **k)
        return super().to(
            *[cpu if is_device(x) else x for x in a], **{n: cpu if n == 'device' else v for n, v in k.items()}
        )

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        return run(func, args, kwargs or {})


def run(func, args, kwargs):
    "One operation of torch: check where its tensors are, compute on the CPU, and mark where the result would be."
    tensors = [t for t in tree_leaves((args, kwargs)) if isinstance(t, torch.Tensor)]
    here, there = ([t for t in tensors if isinstance(t, Elsewhere) == e] for e in (False, True))
    if func in (aten.index.Tensor, aten.index_put_.default, aten.index_put.default, aten._index_put_impl_.default):
        if there and not isinstance(args[0], Elsewhere):
            raise RuntimeError(f'indices on cuda:0 for a tensor on cpu ({func})')
    elif func not in (aten._to_copy.default, aten.copy_.default) and there and any(t.dim() for t in here):
        raise RuntimeError(f'Expected all tensors to be on the same device, but found cuda:0 and cpu ({func})')
    away = (
        isinstance(args[0], Elsewhere) if func is aten.copy_.default else bool(there) or is_cuda(kwargs.get('device'))
    )
    if kwargs.get('device') is not None and away:
        kwargs = kwargs | dict(device=cpu)
    out = func(*tree_map(bare, args), **tree_map(bare, kwargs))
    known = {id(bare(t)): t for t in there}  # what works in place gives its argument back
    return (
        tree_map(
            lambda t: known.get(id(t)) if id(t) in known else Elsewhere(t) if isinstance(t, torch.Tensor) else t, out
        )
        if away and func is not aten._local_scalar_dense.default
        else out
    )


class Operations(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        return run(func, args, kwargs or {})


class Calls(TorchFunctionMode):
    "Calls that would reach for a real GPU before they become an operation."

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs, name, first = dict(kwargs or {}), getattr(func, '__name__', ''), args[0] if args else None
        away = is_cuda(kwargs.get('device')) or isinstance(first, Elsewhere)
        check_generator(kwargs.get('generator'), away, name)
        if is_cuda(kwargs.get('device')):
            out = func(*args, **kwargs | dict(device=cpu))
            return out if isinstance(out, Elsewhere) else Elsewhere(out)
        if isinstance(first, torch.Tensor) and not isinstance(first, Elsewhere):
            if name == 'cuda':
                return Elsewhere(first.clone())
            if name == 'to' and any(is_device(x) and is_cuda(x) or isinstance(x, Elsewhere) for x in args[1:]):
                return Elsewhere(
                    func(first, *[cpu if is_device(x) else bare(x) for x in args[1:]], **kwargs).clone(),
                    requires_grad=first.requires_grad,
                )
        return func(*args, **kwargs)


def module_to(self, *a, **k):
    "`nn.Module.to`, which would write into tensors instead of replacing them."
    device, form = k.get('device') or next((x for x in a if is_device(x)), None), k.get('memory_format')
    for m in self.modules():
        for name, p in m._parameters.items():
            if p is None:
                continue
            t = p.detach() if device is None else p.detach().to(device)
            if form is not None and t.dim() == 4:
                t = t.to(memory_format=form)
            if t is not p:
                m._parameters[name] = torch.nn.Parameter(t, requires_grad=p.requires_grad)
        for name, b in m._buffers.items():
            if b is not None and device is not None:
                m._buffers[name] = b.to(device)
    return self


def save(obj, *a, real=torch.save, **k):
    plain = lambda x: (
        type(x)((n, plain(v)) for n, v in x.items())
        if isinstance(x, dict)
        else type(x)(map(plain, x))
        if type(x) in (list, tuple)
        else bare(x)
    )
    with _disable_current_modes():
        return real(plain(obj), *a, **k)


@contextlib.contextmanager
def pretend():
    "As if there were a GPU."
    says = dict(
        _lazy_init=None,
        is_initialized=True,
        is_available=True,
        device_count=1,
        current_device=0,
        get_device_name='a GPU that is not there',
        get_device_capability=(9, 0),
        memory_allocated=0,
        max_memory_allocated=2**20,
        reset_peak_memory_stats=None,
        synchronize=None,
        get_rng_state_all=[],
        set_rng_state_all=None,
        manual_seed_all=None,
        is_bf16_supported=True,
    )
    with contextlib.ExitStack() as stack:
        for name, value in says.items():
            stack.enter_context(mock.patch.object(torch.cuda, name, lambda *a, value=value, **k: value))
        for where, name, new in (
            (torch, 'save', save),
            (torch, 'Generator', Generator),
            (torch.nn.Module, 'to', module_to),
            (torch.nn.Module, 'cuda', lambda self, *a: module_to(self, cuda)),
            (torch.nn.Module, 'cpu', lambda self: module_to(self, cpu)),
            (torch.optim.Optimizer, '_accelerator_graph_capture_health_check', lambda self: None),
            (torch.nn.functional, 'one_hot', lambda t, n: (t[..., None] == torch.arange(n, device=t.device)).long()),
        ):
            stack.enter_context(mock.patch.object(where, name, new))
        stack.enter_context(Operations())
        stack.enter_context(Calls())
        yield


def page(path):
    "Run the cells of one page; how many stopped."
    space, failed = {'__name__': '__page__', 'display': lambda *a: None}, 0
    for c in json.loads(path.read_text())['cells']:
        code = ''.join(c['source'])
        if (
            c['cell_type'] != 'code'
            or '#| slow' in code
            or 'eval: false' in code
            or code.lstrip().startswith(('!', '%'))
        ):
            continue
        try:
            with pretend():
                exec(compile(code, f"{path.name} {c['id']}", 'exec'), space)
        except Exception as e:
            failed += 1
            print(f"{path.name} {c['id']}: {type(e).__name__}: {(str(e).splitlines() or [''])[0][:200]}", flush=True)
            if failed == 1:
                traceback.print_exc(limit=-6)  # those after it may only follow from it
    return failed


if __name__ == '__main__':
    if torch.cuda.is_available():
        sys.exit('there is a GPU: run nbdev_test')
    warnings.filterwarnings('ignore')
    import matplotlib

    matplotlib.use('Agg')
    nbs = Path(__file__).resolve().parents[1] / 'nbs'
    paths = [Path(a).resolve() for a in sys.argv[1:]] or sorted(nbs.rglob('*.ipynb'))
    os.chdir(nbs)
    failed = {p.name: page(p) for p in paths}
    print(*(f"{'FAIL' if n else 'ok  '} {name}" for name, n in failed.items()), sep='\n')
    sys.exit(any(failed.values()))
