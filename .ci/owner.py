#!/usr/bin/env python3
"""The repository's owner is named once, as `user` in settings.ini; every link follows.

python .ci/owner.py          make all links to this repository name that owner
python .ci/owner.py NEW      the same, after changing the owner to NEW
python .ci/owner.py --check  change nothing; fail where a link names another owner
"""

import re, subprocess, sys
from configparser import ConfigParser
from pathlib import Path

root = Path(__file__).resolve().parent.parent
ini, name = root / 'settings.ini', '[A-Za-z0-9-]+'


def text_files():
    "Pages, modules and settings that git tracks or would track"
    out = subprocess.check_output(['git', 'ls-files', '-co', '--exclude-standard'], cwd=root, text=True)
    paths = (root / f for f in sorted(set(out.splitlines())))
    return [
        p for p in paths if p.suffix in ('.ipynb', '.md', '.py', '.yml', '.yaml') and p.is_file() and not p.is_symlink()
    ]


arg = sys.argv[1] if len(sys.argv) > 1 else ''
check = arg == '--check'
if arg and not check:
    if not re.fullmatch(name, arg):
        sys.exit(__doc__)
    ini.write_text(re.sub('(?m)^user *=.*', f'user = {arg}', ini.read_text()))

cfg = ConfigParser()
cfg.read(ini)
owner, repo, version = (cfg['DEFAULT'][k] for k in ('user', 'repo', 'version'))
# OWNER in github.com/OWNER/repo (Colab, raw files and git addresses too) and in //OWNER.github.io/repo
link = re.compile(
    rf'(?<=github\.com[/:]){name}(?=/{repo}\b)|(?<=google\.com/github/){name}(?=/{repo}\b)'
    rf'|(?<=githubusercontent\.com/){name}(?=/{repo}\b)|(?<=//){name}(?=\.github\.io/{repo}\b)'
)
bad = []
if re.search(rf'github\.com/{name}|//{name}\.github\.io', ini.read_text()):
    bad.append('settings.ini: write %(user)s in addresses')
if f'{repo} {version}\n' not in (root / '_quarto.yml').read_text():
    bad.append(f'_quarto.yml: the footer does not say {version}')
for p in text_files():
    old = p.read_text(encoding='utf-8')
    if set(link.findall(old)) <= {owner}:
        continue
    if check:
        bad.append(f'{p.relative_to(root)}: a link does not name {owner}; run python .ci/owner.py')
    else:
        p.write_text(link.sub(owner, old), encoding='utf-8')
        print('changed', p.relative_to(root))
if bad:
    sys.exit('\n'.join(bad))
if not check:
    print('now run nbdev_export: the exported index holds the address of the site')
