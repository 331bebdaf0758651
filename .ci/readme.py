#!/usr/bin/env python3
"""Write README.md from nbs/index.ipynb, its figures beside the other assets: python .ci/readme.py (needs Quarto)"""
import re
import shutil
import subprocess
from pathlib import Path

root = Path(__file__).resolve().parent.parent
figures = root / 'nbs/assets/readme'

subprocess.check_call(['nbdev_readme'], cwd=root)
readme, made = root / 'README.md', root / 'index_files'
shutil.rmtree(figures, ignore_errors=True)
figures.mkdir()
for picture in made.rglob('fig-*'):
    shutil.move(picture, figures / picture.name.replace('-output-1', ''))
shutil.rmtree(made)
text = readme.read_text(encoding='utf-8')
text = re.sub(r'index_files/[\w/-]+?/(fig-[\w-]+?)-output-1', r'nbs/assets/readme/\1', text)
readme.write_text(text, encoding='utf-8')
print('written:', readme.name, *sorted(p.relative_to(root).as_posix() for p in figures.iterdir()))
