#!/usr/bin/env python3
"""Read the stored pages as a reader meets them and name what is broken. Nothing is run, rendered or fetched.

python .ci/pages.py              check nbs/, README.md and CONTRIBUTING.md; exit 1 if there is a problem
python .ci/pages.py --self-test  plant each fault in a small site of its own and see that it is found

Anchors are those of Pandoc, which makes the site, and of GitHub in .md files. Warnings are printed but don't fail.
"""

import ast, html, json, os, re, sys, tempfile
from configparser import ConfigParser
from difflib import get_close_matches
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

limit = 3_000_000  # bytes of one notebook with its outputs
line_limit = 120  # characters of one line of code, in notebooks and in .ci
path_words = 15_000  # of all pages of the path together, code not counted

# ---- text


def joined(x):
    return ''.join(x) if isinstance(x, list) else x or ''


def blank(m):
    return re.sub(r'[^\n]', ' ', m[0])


def no_blocks(md):
    "Markdown without code blocks and comments; the rest keeps its place"
    md = re.sub(r'(?ms)^[ \t]*(`{3,}|~{3,})[^\n`]*\n.*?^[ \t]*\1[`~]*[ \t]*$', blank, md)
    return re.sub(r'(?s)<!--.*?-->', blank, md)


def no_code(md):
    "Markdown without any code and formulas"
    md = re.sub(r'(?s)(?<!`)(`+)(?!`)((?:(?!\n\n).)+?)(?<!`)\1(?!`)', blank, no_blocks(md))
    return re.sub(r'(?s)\$\$.+?\$\$|(?<![\\$\w])\$(?=\S)[^$\n]+?(?<=\S)\$(?!\d)', blank, md)


def plain(words):
    "A heading's words without links, tags and emphasis"
    words = re.sub(r'!?\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])', r'\1', words)
    words = re.sub(r'(?<![\w.\\])(_{1,3})(?=\S)(.+?)(?<=\S)\1(?!\w)', r'\2', re.sub(r'</?[a-zA-Z][^>]*>', '', words))
    return html.unescape(re.sub(r'\\(\W)', r'\1', words))


def slug(title, github=False):
    "The anchor that Pandoc, or GitHub, gives a heading"
    parts = re.split(r'`+([^`]+)`+', re.sub(r'\s*\{[^}]*\}$', '', title))  # every second part is code
    parts[::2] = [plain(p) if github else re.sub(r'-{2,3}|\.{3}', '', plain(p)) for p in parts[::2]]  # -- is a dash
    words = ''.join(parts).lower()
    if github:
        return re.sub(r'[^\w\- ]', '', words).replace(' ', '-')
    return re.sub(r'^[\W\d_]+', '', '-'.join(re.sub(r'[^\w\s.-]', '', words).split())) or 'section'


def links(md):
    "Where the links and images of a Markdown text lead"
    md, found = no_code(md), []
    for pattern in (
        r'\]\(\s*<?([^\s<>()]*(?:\([^\s()]*\)[^\s<>()]*)*)>?(?:\s+"[^"]*"|\s+\'[^\']*\')?\s*\)',  # [text](url "title")
        r'(?m)^ {0,3}\[(?!\^)[^\]\n]+\]:\s*<?([^\s>]+)',
    ):  # [name]: url
        found += re.findall(pattern, md)
        md = re.sub(pattern, blank, md)
    md = re.sub(r'<[a-zA-Z][^>]*=[^>]*>', blank, md)  # tags: see Tags
    return found + [u.rstrip('.,;:!?*_') for u in re.findall(r'https?://[^\s)<>"\'\]]+', md)]


class Tags(HTMLParser):
    "The ids, links and images' alt texts in some HTML"

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.alts = set(), [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if a.get('id'):
            self.ids.add(a['id'])
        if tag == 'img':
            self.alts.append(a.get('alt') or '')
        url = a.get({'a': 'href', 'img': 'src'}.get(tag))
        if url is not None and not url.startswith('data:'):
            self.links.append(url)


def directives(source):
    "What the #| lines at a cell's top say; None where the value isn't valid YAML"
    found = {}
    for line in source.splitlines():
        if line.strip() and not re.match(r'\s*#\s*\|', line):
            break
        if m := re.match(r'\s*#\s*\| ?([\w-]+):?(?:\s+(.*))?$', line):
            key = m[1]
            found[key] = (m[2] or '').strip()
        elif found and line.strip():
            found[key] += ' ' + line.split('|', 1)[1].strip()  # a value that goes on
    return {k: yaml_text(v) for k, v in found.items()}


def yaml_text(value):
    try:
        if value[:1] == '"':
            return json.loads(value)
    except ValueError:
        return None
    if value[:1] == "'":
        return value[1:-1].replace("''", "'") if re.fullmatch(r"'([^']|'')*'", value) else None
    return None if re.search(r': | #', value) else re.sub(r'^[|>]-?\s+', '', value)


def near(name, names):
    return ''.join(f'; did you mean {m}?' for m in get_close_matches(name, sorted(names), 1))


# ---- cells, pages, the site


class Cell:
    "What a cell says (`md`, `tags`, `links`), shows (`pictures`) and stores (`stored`)"

    def __init__(self, page, i, raw):
        self.code, self.source, self.outputs = raw['cell_type'] == 'code', joined(raw['source']), raw.get('outputs', [])
        self.where = f"{page} cell {i} ({raw.get('id')})" if page.endswith('.ipynb') else page
        self.flags = directives(self.source) if self.code else {}
        self.shown = (
            not self.flags.keys() & {'hide', 'export', 'exporti', 'default_exp'}
            and self.flags.get('include') != 'false'
        )
        self.always = not self.flags.keys() & {'slow', 'cuda', 'notest'} and self.flags.get('eval') != 'false'
        try:
            self.tree = ast.parse(self.source).body if self.code else []
        except SyntaxError:
            self.tree = []  # magics and shell commands
        data = [{k: joined(v) for k, v in o.get('data', {}).items() if not isinstance(v, dict)} for o in self.outputs]
        self.md = [self.flags.get(k) or '' for k in ('fig-cap', 'tbl-cap')] if self.code else [self.source]
        self.md += [d['text/markdown'] for d in data if 'text/markdown' in d]
        self.tags = [Tags(no_code(t)) for t in self.md] + [Tags(d['text/html']) for d in data if 'text/html' in d]
        self.links = [u for t in self.md for u in links(t)] + [u for t in self.tags for u in t.links]
        self.stored = [joined(o.get('text')) for o in self.outputs]
        self.stored += [v for d in data for k, v in d.items() if k.startswith(('text/', 'image/svg'))]
        drawn = lambda k, v: k.startswith('image/') or k in ('text/html', 'text/markdown') and re.search('<svg|<img', v)
        self.pictures = sum(any(drawn(k, v) for k, v in d.items()) for d in data)

    def symbols(self, shown):
        "The names that nbdev heads a paragraph with: those of show_doc, and exported ones that show_doc doesn't name"
        if 'hide' in self.flags or self.flags.get('include') == 'false':
            return
        for node in self.tree:
            if name := show_doc(node):
                yield name
            if not self.flags.keys() & {'export', 'exports', 'exec_doc'} or not isinstance(
                node, (ast.FunctionDef, ast.ClassDef)
            ):
                continue
            owner = [
                ast.unparse(node.args.args[0].annotation) for d in node.decorator_list if ast.unparse(d) == 'patch'
            ]
            if node.name not in shown and not re.match('_(?!_)', node.name):
                yield '.'.join([*owner, node.name])

    def headings(self, shown, top):
        "Level, title and kind: text, symbol, callout (a box's title) or title (of the page); the first two are anchors"
        for name in self.symbols(shown):
            yield 3, name, 'symbol'
        for md in self.md:
            before = ''
            for line in filter(str.strip, no_blocks(md).splitlines()):
                if m := re.match(r'(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t]*$', line):
                    yield (
                        len(m[1]),
                        m[2] or '',
                        'callout'
                        if re.match(':::.*callout', before)
                        else 'title'
                        if top and len(m[1]) == 1
                        else 'text',
                    )
                before = line


def show_doc(node):
    return (
        ast.unparse(node.value.args[0])
        if isinstance(node, ast.Expr) and ast.unparse(node).startswith('show_doc(')
        else ''
    )


class Page:
    """A notebook, or a .md or .qmd file as a single cell, with its anchors and its headings.

    A heading is a cell, a level, a title, a kind, an anchor, and the anchor it would have alone.
    """

    def __init__(self, path, root):
        self.path, self.name, self.index = path, path.relative_to(root).as_posix(), path.stem == 'index'
        self.book, self.github = path.suffix == '.ipynb', path.suffix == '.md'
        text = re.sub(
            r'(?s)\A---\n.*?\n---\n', blank, path.read_text(encoding='utf-8')
        )  # a .qmd has its title in there
        raw = json.loads(text)['cells'] if self.book else [dict(cell_type='markdown', source=text)]
        self.cells = [Cell(self.name, i, c) for i, c in enumerate(raw)]
        self.headings, self.ids, used = [], set(), set()
        shown = {show_doc(node) for c in self.cells for node in c.tree}
        for c in self.cells:
            for level, title, kind in c.headings(shown, top=self.book and c is self.cells[0]):
                own = re.search(r'\{[^}]*#([^\s}]+)', title)
                base = ident = own[1] if own else slug(title, self.github)
                while ident in used and not own:
                    ident = f'{base}-{int(ident[len(base) + 1 :] or 0) + 1}'
                if kind != 'title':
                    used.add(ident)
                if kind in ('text', 'symbol'):
                    self.ids.add(ident)
                self.headings.append((c, level, title, kind, ident, base))
            self.ids.update(
                *(re.findall(r'\{[^{}\n]*#([\w:.-]+)[^{}\n]*\}', no_code(t)) for t in c.md), *(t.ids for t in c.tags)
            )
            if c.shown and c.flags.get('label'):
                self.ids.add(c.flags['label'])

    def words(self):
        return sum(len(no_blocks(c.source).split()) for c in self.cells if not c.code)

    def visible_lines(self):
        "How many lines of code a reader sees in cells that test and in others; exported cells count for neither"
        count = {True: 0, False: 0}
        for c in self.cells:
            if c.code and c.shown and not c.flags.keys() & {'exports', 'exec_doc'} and c.flags.get('echo') != 'false':
                tests = bool(re.search(r'\b(?:test_\w+|expect_fail)\(|^\s*assert\b', c.source, re.M))
                lines = [x for x in c.source.splitlines() if x.strip() and not re.match(r'\s*#\s*\|', x)]
                count[tests] += len(lines)
        return count[True], count[False]


class Site:
    "All pages, the sidebar's order, and the addresses that settings.ini makes ours"

    def __init__(self, root):
        cfg = ConfigParser()
        cfg.read(root / 'settings.ini')
        cfg = cfg['DEFAULT']
        self.root, self.nbs, self.branch, self.git = root, root / cfg['nbs_path'], cfg['branch'], cfg['git_url']
        repo = self.git.removeprefix('https://github.com/')
        self.colab = f'https://colab.research.google.com/github/{repo}/blob/{self.branch}/'
        self.home = re.compile(re.escape(cfg['doc_host'] + cfg['doc_baseurl']) + r'(?:/|$)')
        self.blob = re.compile(
            rf'https://(?:github\.com|colab\.research\.google\.com/github)/{repo}/(?:blob|tree|raw|edit)/([^/]+)/?(.*)'
        )
        books = sorted(
            p for p in self.nbs.rglob('*.ipynb') if not any(x[0] in '_.' for x in p.relative_to(self.nbs).parts)
        )
        self.pages = {
            p: Page(p, root) for p in [*books, *self.nbs.glob('*.qmd'), root / 'README.md', root / 'CONTRIBUTING.md']
        }
        url = lambda p: (
            (p.parent / re.sub(r'^\d+[a-zA-Z0-9]*_', '', p.name.lower()))
            .with_suffix('.html')
            .relative_to(self.nbs)
            .as_posix()
        )
        self.urls = [(url(p), p) for p in books]  # as in nbdev's _nbpath2html
        self.order, self.reference, section = [], set(), ''
        for line in (self.nbs / 'sidebar.yml').read_text(encoding='utf-8').splitlines():
            if m := re.match(r'\s*-\s*section:\s*"?(.*?)"?\s*$', line):
                section = m[1]
            self.order += [self.nbs / h for h in hrefs(line)]
            if section == 'Reference':
                self.reference.update(self.nbs / h for h in hrefs(line))

    def on_path(self, path):
        "The start page and the numbered ones: what a newcomer reads, in this order"
        return path.parent == self.nbs and bool(re.match(r'index\.ipynb$|\d\d_.*\.ipynb$', path.name))

    def fault(self, page, url):
        "What is wrong with a link on a page, or None"
        target, _, anchor = unquote(url).partition('#')
        target, path = target.partition('?')[0], page.path
        if m := self.home.match(target):
            path = dict(self.urls).get(target[m.end() :] or 'index.html', self.nbs / target[m.end() :])
        elif m := self.blob.match(target):
            if m[1] != self.branch:
                return f'the branch is {self.branch}'
            path = self.root / m[2]
            if path.suffix == '.ipynb':
                anchor = ''  # there, notebooks have none
        elif re.match(r'[a-zA-Z][\w+.-]*:|//', target):
            return 'it works on one machine only' if target.startswith('file:') else None
        elif target:
            path = Path(os.path.normpath(page.path.parent / target))
            if not page.github and self.nbs not in path.parents:
                return f'the site holds nbs/ only; link to {self.git}/blob/{self.branch}/...'
        elif not anchor:
            return 'it leads nowhere'
        if not path.exists():
            return 'no such file or page' + near(path.name, [p.name for p in self.pages])
        if anchor and path in self.pages and anchor not in self.pages[path].ids:
            return 'no such anchor' + near(anchor, self.pages[path].ids)


def hrefs(line):
    return re.findall(
        r'(?:href:\s*|^\s*-\s+|[\[,]\s*)["\']?([^\s"\',:#\]]+\.(?:ipynb|qmd|md|html))\b', line.partition(' #')[0]
    )


# ---- the checks; each yields where and what


def check_links(site, page):
    for c in page.cells:
        for url in c.links:
            if fault := site.fault(page, url):
                yield c.where, f'link to {url or "nothing"}: {fault}'
        for ref in re.findall(r'(?<![\w\\])@((?:fig|tbl|sec|eq|lst)-[\w-]*\w)', '\n'.join(map(no_code, c.md))):
            if ref not in page.ids:
                yield c.where, f'@{ref} names nothing on this page' + near(ref, page.ids)


def check_figures(site, page):
    seen = set()
    for c in page.cells:
        label, alt = c.flags.get('label') or '', c.flags.get('fig-alt') or ''
        if label in seen:
            yield c.where, f'another cell of this page has the label {label}; choose another'
        if label:
            seen.add(label)
        for key in ('label', 'fig-cap', 'fig-alt', 'tbl-cap', 'code-summary'):
            if c.flags.get(key, '') is None:
                yield c.where, f'{key} is not valid YAML; put it in double quotes, with \\" inside'
        if c.shown and c.pictures:
            if not label.startswith('fig-'):
                yield c.where, 'a picture without a label; add #| label: fig-...'
            if 'fig-cap' not in c.flags:
                yield c.where, 'a picture without a caption; add #| fig-cap: "..."'
            if len(alt.split()) < 4:
                yield c.where, f'a picture whose description is {alt!r}; say in #| fig-alt: "..." what is to be seen'
        elif c.shown and c.always and label.startswith('fig-'):
            yield c.where, f'no stored picture for {label}; execute the page'
        if label.startswith('tbl-') and 'tbl-cap' not in c.flags:
            yield c.where, 'a table with a label needs #| tbl-cap: "..."'
        alts = [a for t in c.md for a in re.findall(r'!\[([^\]]*)\]\(', no_code(t))] + [
            a for t in c.tags for a in t.alts
        ]
        if not all(map(str.strip, alts)):
            yield c.where, 'an image without alt text; write alt="..." or ![...](...)'


leaks = {
    'a machine path': r'(?<![\w.-])/(?:home|root|work|tmp|Users|mnt|opt|usr|var|private)/[\w.-]+'
    r'|\b[A-Z]:\\+Users|\b(?:site|dist)-packages\b',
    'a memory address': r'\bat 0x[0-9a-fA-F]{4,}',
    'a warning': r'\b\w*Warning:.*',
    'a progress bar': r'\d%\|.*\||\d(?:it/s|s/it)\b|<progress\b|\r(?!\n)',
}


def check_outputs(site, page):
    for c in page.cells:
        for o in c.outputs:
            if o['output_type'] == 'error':
                yield c.where, f"a stored error ({o.get('ename')}); mend it and execute the page"
            if o.get('name') == 'stderr':
                yield c.where, f"output on stderr ({joined(o['text']).strip()[:60]!r}); remove its cause"
            if any('widget' in k for k in o.get('data', {})):
                yield c.where, 'a stored widget; turn the progress bar off'
        for what, pattern in leaks.items():
            if m := re.search(pattern, '\n'.join(c.stored)):
                yield c.where, f'{what} in the output ({m[0].strip()[:60]!r}); print something else'
        last = c.tree[-1] if c.tree else None  # a value that is no call, or a call of print, must show something
        if not c.always or c.outputs or not isinstance(last, ast.Expr) or re.search(r';\s*(#.*)?$', c.source):
            continue
        if not isinstance(last.value, ast.Call) or ast.unparse(last.value.func) == 'print':
            yield c.where, 'no stored output; execute the page'
    if sum(c.code and c.shown and c.always for c in page.cells) > 3 and not any(c.outputs for c in page.cells):
        yield page.name, 'no cell has an output; execute the page'


def check_tables(site, page):
    for c in page.cells:
        for md in map(no_blocks if page.github else no_code, c.md):
            for m in re.finditer(r'(?m)(?:^ {0,3}\|.*\n?)+', md):
                rows = m[0].splitlines()
                sizes = sorted({len(re.findall(r'(?<!\\)\|', row.strip().removesuffix('|'))) for row in rows})
                table, before = f'the table {rows[0].strip()[:50]!r}', md[: m.start()].splitlines()[-1:]
                if not re.fullmatch(r'\s*\|(\s*:?-+:?\s*\|)*(\s*:?-+:?\s*)?', (rows + [''])[1]):
                    yield c.where, f'{table} needs a second row |---|---|'
                elif len(sizes) > 1:
                    yield c.where, f'{table} has rows of {sizes} cells; a bar inside a cell is \\|'
                if before and before[0].strip() and not before[0].startswith((':::', '<')):
                    yield c.where, f'leave an empty line before {table}'


def check_headings(site, page):
    level = 0
    for c, depth, title, kind, ident, base in page.headings:
        if not title:
            yield c.where, 'a heading without words'
        if kind == 'text' and depth == 1 and level:
            yield c.where, f'a second H1 ({title!r}); use ##'
        if kind in ('text', 'title'):
            if level and depth > level + 1:
                yield c.where, f'{title!r} jumps from level {level} to {depth}; leave no level out'
            level = depth
        if kind in ('text', 'symbol') and ident != base:
            yield c.where, f'warning: {title!r} stands here twice; this one is #{ident}'
    for c in page.cells:
        for line in re.findall(r'(?m)^(?!#|:::|\s*$).*\n(#{1,6}[ \t].*)', '\n\n'.join(map(no_blocks, c.md))):
            yield c.where, f'leave an empty line before {line!r}; else it is text'


def check_blocks(site, page):
    opened = []
    for c in page.cells:
        before, md = '', '\n\n'.join(map(no_blocks, c.md))
        if re.search(r'(?m)^[ \t]*(```|~~~)', md):
            yield c.where, 'a code block does not end; close it with ```'
        if len(re.findall(r'<details\b', md)) != md.count('</details>'):
            yield c.where, '<details> and </details> do not match'
        if re.search(r'</summary>[ \t]*\n(?=[^\n<])', md):
            yield c.where, 'leave an empty line after </summary>'
        for line in md.splitlines():
            if re.fullmatch(r':{3,}\s*', line):
                if not opened:
                    yield c.where, '::: closes nothing; remove it'
                opened = opened[:-1]
            elif line.startswith(':::'):
                opened.append(c.where)
                if not re.fullmatch(r':{3,}\s*(\{[^{}]+\}|[\w-]+)\s*:*\s*', line):
                    yield c.where, f'{line!r} opens no block; write :::{{.callout-note}}'
                if before.strip() and not before.startswith((':::', '#')):
                    yield c.where, f'leave an empty line before {line!r}; else it is text'
            before = line
    for where in opened:
        yield where, 'a block is not closed; end it with :::'


def check_start(site, page):
    if page.path.suffix == '.qmd':
        return
    title, *others = [l for l in page.cells[0].source.splitlines() if l.strip()] or ['']
    if not re.match(r'# \S', title):
        yield page.cells[0].where, 'the first cell must begin with # and the title'
    if page.github:
        return
    if sum(l.startswith('> ') for l in others) != 1:
        yield page.cells[0].where, 'one line of subtitle (> ...) belongs below the title; nbdev drops others'
    for l in others:
        if not re.match(r'> |- \S.*:.*\S', l):
            yield page.cells[0].where, f'{l[:40]!r} would vanish from the site; move it to a cell of its own'
    if page.index:
        return
    badge = f'[Open in Colab]({site.colab}{page.name})'
    if not any(c.source.strip().endswith(badge[14:]) for c in page.cells[1:]):
        yield page.name, f'no badge for this page; add a cell {badge}'
    for c in [c for c in page.cells if c.code][:1]:
        if not (
            'hide' in c.flags
            and c.flags.get('eval') == 'false'
            and f'git+{site.git}' in c.source
            and 'pip install' in c.source
        ):
            yield c.where, f'the first code cell must install git+{site.git} on Colab, with #| hide and #| eval: false'


def check_end(site, page):
    for c, _, title, *_ in page.headings:
        if slug(title) == 'exercises' and not any(
            '<details' in d.source for d in page.cells[page.cells.index(c) :] if not d.code
        ):
            yield c.where, 'exercises without folded hints; add <details><summary>Hints</summary>'
    follows = dict(zip(site.order, site.order[1:])).get(page.path)
    if page.index or page.path in site.reference or not follows:
        return
    named = [
        (c.where, u)
        for c in page.cells
        if not c.code
        for u in re.findall(r'(?m)^\W*Next\b[^:\n]*:[^\n]*?\]\(([^)\s#]+)', no_code(c.source))
    ]
    if named and Path(os.path.normpath(page.path.parent / named[-1][1])) != follows:
        yield named[-1][0], f'warning: next is {named[-1][1]} here, {follows.name} in the sidebar'
    if not named and follows not in site.reference:
        yield page.cells[-1].where, f'no next page; end with Next: [...]({follows.name}).'


def check_lines(site, page):
    "Code that fits a screen"
    for c in page.cells:
        lines = [x for x in c.source.splitlines() if c.code and not x.startswith('#|')]  # nbdev cuts captions to a line
        if {'exports', 'code-fold'} <= c.flags.keys():
            yield c.where, 'nbdev folds #| exports itself; a second code-fold stops Quarto'
        long = [len(x) for x in lines if len(x) > line_limit]
        if long:
            yield c.where, f'a line of {max(long)} characters; {line_limit} are the limit'


def check_path(site, page):
    "A page of the path says at its top whom it is for, and demonstrates more than it tests"
    if page.index or not site.on_path(page.path):
        return
    head = '\n'.join(c.source for c in page.cells[:5] if not c.code)
    if not all(f'**{word}:**' in head for word in ('You need', 'You will be able to', 'Minutes')):
        yield page.name, 'the line "**You need:** … · **You will be able to:** … · **Minutes:** …" is missing'
    tests, demos = page.visible_lines()
    if tests >= max(demos, 1):
        yield page.name, f'{tests} visible lines in cells with tests, {demos} that demonstrate; hide or fold tests'


def check_site(site):
    "The sidebar, the addresses and the sizes of all notebooks"
    for url, p in site.urls:
        n, size = site.order.count(p), p.stat().st_size
        if n != 1:
            yield 'nbs/sidebar.yml', f'{p.relative_to(site.nbs)} is there {n} times, not once'
        if size > limit:
            yield (
                f'nbs/{p.name}',
                f'{size / 1e6:.1f} MB are more than {limit / 1e6:.0f}; store fewer or smaller pictures',
            )
        if [u for u, _ in site.urls].count(url) > 1:
            yield f'nbs/{p.name}', f'another notebook becomes {url} too; rename one'
    for name in ('nbs/sidebar.yml', '_quarto.yml'):
        text = (site.root / name).read_text(encoding='utf-8')
        for h in [h for line in text.splitlines() for h in hrefs(line)] + re.findall(r'\bassets/[\w./-]+', text):
            if not (site.nbs / h).exists():
                yield name, f'{h} does not exist'
    for p in sorted(p for p in (site.root / '.ci').rglob('*') if p.is_file() and '__pycache__' not in p.parts):
        for n, line in enumerate(p.read_text(encoding='utf-8').splitlines(), 1):
            if len(line) > line_limit:
                yield f'.ci/{p.name} line {n}', f'{len(line)} characters; {line_limit} are the limit'
    words = sum(page.words() for page in site.pages.values() if site.on_path(page.path))
    if words > path_words:
        yield 'nbs', f'the path has {words} words, more than {path_words}; move what a newcomer does not need'


def run(root):
    "The lines to print, the last one a summary, and whether there is a problem"
    site = Site(root)
    checks = (
        check_links,
        check_figures,
        check_outputs,
        check_tables,
        check_headings,
        check_blocks,
        check_start,
        check_end,
        check_lines,
        check_path,
    )
    found = [
        f'{where}: {what}' for page in site.pages.values() for check in checks for where, what in check(site, page)
    ]
    found += [f'{where}: {what}' for where, what in check_site(site)]
    cells, bad = [c for p in site.pages.values() for c in p.cells], [f for f in found if ': warning: ' not in f]
    size = sum(p.stat().st_size for _, p in site.urls)
    return [
        *found,
        f'{len(site.urls)} notebooks of {size / 1e6:.1f} MB; {len(found) - len(bad)} warnings',
        (
            f'{len(site.pages)} pages, {sum(len(c.links) for c in cells)} links, '
            f'{sum(c.pictures for c in cells)} figures checked: {len(bad)} problems'
        ),
    ], bool(bad)


# ---- can these checks fail?

titles = [  # heading, Pandoc's anchor, GitHub's anchor (both from Pandoc 3.9)
    ("What `fit(x)` does: *a_b* -- it's fine...", 'what-fitx-does-a_b-its-fine', 'what-fitx-does-a_b----its-fine'),
    ('3 levels, [link](x.html#y) & 1.5 × `a|b`', 'levels-link-1.5-ab', '3-levels-link--15--ab'),
    ('`--data` and `__init__`', 'data-and-__init__', '--data-and-__init__'),
    ('_So_ (_x_) <b>x²</b>', 'so-x-x²', 'so-x-x²'),
    ('Net.fit', 'net.fit', 'netfit'),
    ('123', 'section', '123'),
    ('Own {#x}', 'own', 'own'),
]


def notebook(*cells):
    "A notebook of texts (Markdown) and lists (a cell's code, then its outputs)"
    full = [
        dict(cell_type='markdown', source=c)
        if isinstance(c, str)
        else dict(cell_type='code', source=c[0], outputs=c[1:])
        for c in cells
    ]
    return json.dumps(dict(cells=[dict(c, id=f'c{i}') for i, c in enumerate(full)]), ensure_ascii=False)


def start(title, name):
    return (
        f'# {title}\n\n> Why.',
        f'[Open in Colab](https://colab.research.google.com/github/me/it/blob/main/nbs/{name})',
        ['#| hide\n#| eval: false\n! pip install git+https://github.com/me/it'],
        '**You need:** time · **You will be able to:** see · **Minutes:** 10',
    )


def result(kind, **data):
    return dict(output_type=kind, data={k.replace('_', '/'): v for k, v in data.items()})


sound = {
    'settings.ini': '[DEFAULT]\nnbs_path = nbs\nbranch = main\ngit_url = https://github.com/me/it\n'
    'doc_host = https://me.github.io\ndoc_baseurl = /it\n',
    '_quarto.yml': 'left:\n  - text: Start\n    href: index.ipynb\n',
    'CONTRIBUTING.md': '# How\n',
    'README.md': '# It\n\n[One](https://me.github.io/it/one.html#a-plan), [how](CONTRIBUTING.md#how)\n\n'
    '<img src="README.md" alt="A dot">\n',
    'nbs/404.qmd': '---\ntitle: Gone\n---\n\n[Start](index.ipynb)\n',
    'nbs/sidebar.yml': '- index.ipynb\n- section: All\n  contents:\n    - 01_one.ipynb\n    - 02_two.ipynb\n',
    'nbs/index.ipynb': notebook(
        '# It\n\n> What.',
        'Read [one](https://me.github.io/it/one.html#net.run), https://github.com/me/it/blob/main/nbs/01_one.ipynb.',
    ),
    'nbs/01_one.ipynb': notebook(
        *start('One', '01_one.ipynb'),
        '## A plan\n\n[`run`](#net.run), [two](02_two.ipynb#fit), @fig-a; `[no](link)`, $a[i](j)$.\n\n'
        '```\n## no heading\n```',
        [
            '#| label: fig-a\n#| fig-cap: "A line."\n#| fig-alt: "A line that falls, then rises."\nplot();',
            result('display_data', image_png='x'),
        ],
        ['total', result('execute_result', text_plain='all of it')],
        ['print(2)', dict(output_type='stream', name='stdout', text='a pair')],
        [
            'table()',
            result(
                'execute_result',
                text_html='<a href="01_one.ipynb#own" id="own">',
                text_markdown='| c | d |\n|---|---|\n| 3 | 4 |',
            ),
        ],
        ['#| exports\n@patch\ndef run(self:Net): pass'],
        '| a | b |\n|---|:-:|\n| 1 | `x|y` \\| z |',
        ':::{.callout-note}\n## In short\nYes.\n:::',
        '## Exercises\n\n1. Why?\n\n<details><summary>Hints</summary>\n\nSo.\n\n</details>\n\n'
        'Next: [Two](02_two.ipynb).',
    ),
    'nbs/02_two.ipynb': notebook(
        *start('Two', '02_two.ipynb'), ['#| export\nclass fit: pass'], 'The [start](index.ipynb).'
    ),
}

one, alt, box = 'nbs/01_one.ipynb', 'A line that falls, then rises.', ':::{.callout-note}'
faults = [  # file, what is there, what takes its place, words of the message
    (one, '(02_two.ipynb#fit)', '(02_too.ipynb)', '02_too.ipynb: no such file'),
    (one, '#fit)', '#fits)', 'no such anchor; did you mean fit?'),
    (one, '#net.run', '#run', 'no such anchor'),
    (one, '"01_one.ipynb#own"', '"01_one.ipynb#mine"', '01_one.ipynb#mine: no such anchor'),
    (one, '(02_two.ipynb#fit)', '(../README.md)', 'the site holds nbs/ only'),
    (one, '(02_two.ipynb#fit)', '()', 'it leads nowhere'),
    (one, '(02_two.ipynb#fit)', '(file:///x.png)', 'on one machine only'),
    (one, '@fig-a', '@fig-a\n\n[r]: gone.png\n\n', 'gone.png: no such file'),
    (one, '## A plan', '## Plan', 'one.html#a-plan: no such anchor'),
    ('README.md', '#how', '#hows', 'no such anchor'),
    ('nbs/404.qmd', '(index', '(home', 'home.ipynb: no such file'),
    ('nbs/index.ipynb', 'one.html', 'won.html', 'won.html#net.run: no such file'),
    ('nbs/index.ipynb', 'main/nbs/01', 'main/nbs/07', 'nbs/07_one.ipynb: no such file'),
    ('nbs/index.ipynb', 'blob/main', 'blob/old', 'the branch is main'),
    (one, '@fig-a', '@fig-b', '@fig-b names nothing'),
    (one, '#| label: fig-a\n', '', 'a picture without a label'),
    (one, '#| fig-cap: "A line."\n', '', 'a picture without a caption'),
    (one, alt, 'A line', "description is 'A line'"),
    (one, f'#| fig-alt: "{alt}"\n', '', "description is ''"),
    (one, 'falls, then', 'falls "then', 'fig-alt is not valid YAML'),
    (one, 'image/png', 'x', 'no stored picture for fig-a'),
    (one, 'all of it', '<svg>', None),
    (one, '<a href', '<svg> <a href', 'a picture without a label'),
    (one, '#| exports', '#| label: fig-a\n#| exports', 'another cell of this page'),
    (one, '#| exports', '#| label: tbl-a\n#| exports', 'needs #| tbl-cap'),
    ('README.md', 'alt="A dot"', 'data-alt="A dot"', 'an image without alt'),
    (one, 'Why?', '![](01_one.ipynb)', 'an image without alt'),
    (one, 'execute_result', 'error', 'a stored error'),
    (one, 'stdout', 'stderr', "output on stderr ('a pair')"),
    (one, 'image/png', 'application/widget', 'a stored widget'),
    (one, 'all of it', 'in /home/me/x.csv', "a machine path in the output ('/home/me"),
    (one, 'all of it', r'C:\Users\me', 'a machine path'),
    (one, 'all of it', '<A at 0x7f12ab>', 'a memory address'),
    (one, 'a pair', 'UserWarning: no', 'a warning in the output'),
    (one, 'a pair', '100%|##| 8/8', 'a progress bar'),
    (one, 'outputs', 'gone', '(c6): no stored output'),
    (one, 'outputs', 'gone', 'no cell has an output'),
    (one, '| 1 | ', '| 1 | 2 | ', 'rows of [2, 3] cells'),
    (one, '| 3 | ', '| ', 'rows of [1, 2] cells'),
    (one, '|---|:-:|\n', '', "'| a | b |' needs a second row"),
    (one, '| a | b |', 'So:\n| a | b |', 'empty line before the table'),
    (one, '# One', 'One', 'must begin with #'),
    (one, '> Why.', '', 'one line of subtitle'),
    (one, '> Why.', '> Why.\n\nSo.', "'So.' would vanish"),
    (one, '## Exercises', '# Exercises', 'a second H1'),
    (one, '## A plan', '### A plan', 'jumps from level 1 to 3'),
    (one, '## Exercises', '##', 'a heading without words'),
    (one, '## Exercises', '## A plan', "warning: 'A plan' stands here twice; this one is #a-plan-1"),
    (one, '1. Why?', 'So\n## Why', "empty line before '## Why'"),
    (one, 'Yes.\n:::', 'Yes.', 'a block is not closed'),
    (one, 'Yes.', ':::', '::: closes nothing'),
    (one, box, box[:-1], 'opens no block'),
    (one, box, f'So\n{box}', "empty line before ':::{"),
    (one, 'heading\n```', 'heading', 'a code block does not end'),
    (one, '</details>', '', '<details> and </details> do not'),
    (one, '</summary>\n\n', '</summary>\n', 'empty line after </summary>'),
    (one, '<details><summary>Hints</summary>\n\nSo.\n\n</details>', '', 'exercises without folded hints'),
    (one, 'nbs/01_one.ipynb)', 'nbs/02_two.ipynb)', 'no badge for this page'),
    (one, '#| hide\n', '', 'the first code cell must install'),
    (one, 'Next: [Two]', 'See [Two]', 'no next page'),
    (one, 'Next: [Two](02_two.ipynb)', 'Next: [It](index.ipynb)', 'warning: next is index.ipynb here, 02_two.ipynb'),
    (one, '**Minutes:** 10', '10', '**Minutes:** …" is missing'),
    (one, 'print(2)', 'print(2); ' + 'x'*120, 'a line of 130 characters'),
    (one, 'print(2)', 'assert 1\nassert 2\nassert 3\nassert 4', '4 visible lines in cells with tests, 3 that'),
    (one, '#| exports', '#| exports\n#| code-fold: true', 'a second code-fold stops Quarto'),
    (one, '1. Why?', '1. Why? ' + 'so '*15_000, 'the path has 150'),
    ('nbs/sidebar.yml', '    - 02_two.ipynb\n', '', '02_two.ipynb is there 0 times'),
    (
        'nbs/sidebar.yml',
        '    - 02_two.ipynb\n',
        '    - 02_two.ipynb\n    - 02_two.ipynb\n',
        '02_two.ipynb is there 2 times',
    ),
    ('nbs/sidebar.yml', '02_two', '03_two', '03_two.ipynb does not exist'),
    ('_quarto.yml', 'index.ipynb', 'home.ipynb', 'home.ipynb does not exist'),
    (one, 'all of it', 'x' * limit, 'store fewer or smaller pictures'),
]


def self_test():
    "The sound site has no fault; each fault, planted in it, is named"
    missed = [f'anchor of {t!r}' for t, pandoc, github in titles if (slug(t), slug(t, True)) != (pandoc, github)]
    with tempfile.TemporaryDirectory() as d:
        for name, old, new, words in [('README.md', 'It', 'It', None), *faults]:
            if name.endswith('.ipynb'):
                old, new = (json.dumps(x, ensure_ascii=False)[1:-1] for x in (old, new))
            for path, text in (sound | {name: sound[name].replace(old, new)}).items():
                (Path(d) / path).parent.mkdir(exist_ok=True)
                (Path(d) / path).write_text(text, encoding='utf-8')
            lines, bad = run(Path(d))
            found = (
                len(lines) == 2
                if words is None
                else any(words in l for l in lines) and bad != words.startswith('warning')
            )
            if not found or old not in sound[name]:
                missed.append(f'{words!r} after {old[:40]!r} became {new[:40]!r}: {lines}')
    print('\n'.join(missed + [f'{len(faults)} faults planted, {len(missed)} missed']))
    return bool(missed)


if __name__ == '__main__':
    if sys.argv[1:] == ['--self-test']:
        sys.exit(self_test())
    if sys.argv[1:]:
        sys.exit(__doc__)
    lines, bad = run(Path(__file__).resolve().parent.parent)
    print('\n'.join(lines))
    sys.exit(bad)
