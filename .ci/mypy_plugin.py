"""What mypy can't know by itself: methods that fastcore's `patch` adds, and the buffers and parts of a torch module."""
import re
from pathlib import Path

from mypy.plugin import Plugin
from mypy.plugins.common import add_attribute_to_class
from mypy.types import AnyType, TypeOfAny, UnionType

package = Path(__file__).resolve().parent.parent/'multimodal_fusion'
patched = re.compile(r'^@patch.*\ndef (\w+)\(self: ?(\w+)', re.MULTILINE)


class Project(Plugin):
    "Methods added by `patch` exist, with any signature; `module.name` may be a tensor or a module."
    def __init__(self, options):
        super().__init__(options)
        self.added = {}
        for path in package.glob('*.py'):
            for name, cls in patched.findall(path.read_text(encoding='utf-8')):
                self.added.setdefault(f'multimodal_fusion.{path.stem}.{cls}', []).append(name)

    def get_customize_class_mro_hook(self, fullname):
        "Add the methods where the class is defined."
        def add(ctx):
            for name in self.added[fullname]:
                if name not in ctx.cls.info.names:
                    add_attribute_to_class(ctx.api, ctx.cls, name, AnyType(TypeOfAny.explicit))
        return add if fullname in self.added else None

    def get_attribute_hook(self, fullname):
        "torch declares what `Module.__getattr__` gives as tensor or module; nobody can call or index that."
        def loosen(ctx):
            kind = ctx.default_attr_type
            return AnyType(TypeOfAny.explicit) if isinstance(kind, UnionType) else kind
        return loosen if fullname.startswith('torch.nn.modules.module.Module.') else None


def plugin(version): return Project
