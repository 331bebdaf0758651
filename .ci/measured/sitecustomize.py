"""Part of .ci/coverage: a page runs the cells that it exports itself, and here they count as lines of its module.

Each new Python process reads this file first, as long as its folder is on PYTHONPATH.
"""
import ast
import re
from pathlib import Path

package = Path(__file__).resolve().parents[2]/'multimodal_fusion'


def bare(text):
    "A cell as the page and the module both have it: without directives, and with imports written out."
    text = re.sub(r'^from \.(\w+) import', r'from multimodal_fusion.\1 import', text, flags=re.M)
    return re.sub(r'\A(\s*#\s*\|[^\n]*\n|\s*\n)*', '', text).rstrip()


def exported():
    "Cell -> the module, and the number of its first line there."
    found = {}
    for path in package.glob('*.py'):
        cell, start = [], 0
        for number, line in enumerate([*path.read_text(encoding='utf-8').splitlines(), '# %% end'], 1):
            if line.startswith('# %% '):
                if start:
                    found[bare('\n'.join(cell))] = path, start
                cell, start = [], number + 1
            else:
                cell.append(line)
    return found


def patch(cls, known):
    "Give the cells that are exported the name and the line numbers of their module."
    name_of, parse = cls.cache, cls.ast_parse

    def cache(self, transformed_code, number=0, raw_code=None):
        at = known.get(bare(transformed_code))
        return str(at[0]) if at else name_of(self, transformed_code, number, raw_code)

    def ast_parse(self, source, filename='<unknown>', symbol='exec'):
        tree, at = parse(self, source, filename, symbol), known.get(bare(source))
        if at:
            above = len(source.rstrip().splitlines()) - len(bare(source).splitlines())
            ast.increment_lineno(tree, at[1] - 1 - above)
        return tree

    cls.cache, cls.ast_parse = cache, ast_parse


try:
    import coverage
    from IPython.core.compilerop import CachingCompiler
except ImportError:
    pass  # pip, on its way to install them
else:
    coverage.process_startup()  # does nothing unless COVERAGE_PROCESS_START names its settings
    patch(CachingCompiler, exported())
