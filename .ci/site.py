#!/usr/bin/env python3
"""Check a rendered site, as somebody who reads it would meet it: python .ci/site.py _docs

1. Files: every link and anchor inside the site leads somewhere, nothing is loaded from another host, every
   image has an alt text, no page with its pictures weighs more than 3 MB.
2. Browser (Chromium on the PATH): every page in the light and the dark theme, 1400 and 390 pixels wide. axe finds
   no serious or critical fault of accessibility, no page is wider than the window, nothing is asked of another host.

--files does only the first part; names of pages (early.html ...) limit the second part to them.
"""

import argparse, functools, http.server, os, re, shutil, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from configparser import ConfigParser
from html.parser import HTMLParser
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

limit, widths, schemes = 3_000_000, (1400, 390), ('light', 'dark')  # bytes, pixels, themes
needs = 'needs: pip install playwright axe-playwright-python, and Chromium (or Chrome) on the PATH'
loads = dict(
    script='src',
    img='src',
    source='src',
    video='src',
    audio='src',
    iframe='src',
    embed='src',
    object='data',
    image='href',
    use='href',
    input='src',
)
verbatim = 'script', 'style', 'pre', 'code'
# the roles of a <link> that make the browser fetch something
fetched = {
    'stylesheet',
    'icon',
    'preload',
    'modulepreload',
    'prefetch',
    'manifest',
    'preconnect',
    'dns-prefetch',
    'apple-touch-icon',
    'disabled-stylesheet',
}
in_css = re.compile(r'''url\(\s*["']?((?:https?:)?//[^"')\s]+)|@import\s+["']((?:https?:)?//[^"']+)''')


class Page(HTMLParser):
    "The anchors, links and loads of one page"

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.loads, self.pictures, self.cards, self.no_alt, self.raw = (
            set(),
            [],
            [],
            [],
            [],
            [],
            [],
        )
        self.verbatim = []
        self.feed(path.read_text(encoding='utf-8'))

    def handle_starttag(self, tag, attrs):
        a = {k: v or '' for k, v in attrs}
        self.ids |= {a[k] for k in ('id', 'name') if a.get(k)}
        if tag == 'a' and 'href' in a:
            self.links.append(a['href'])
        if tag == 'link' and set(a.get('rel', '').split()) & fetched:
            self.loads.append(a.get('href', ''))
        key = 'xlink:href' if 'xlink:href' in a else loads.get(tag)
        found = [a[key]] if key in a else []
        found += [s.split()[0] for s in a.get('srcset', '').split(', ') if s.strip()]
        self.loads += found
        if tag in ('img', 'image', 'source'):
            self.pictures += found
        if tag == 'meta' and a.get('property', a.get('name')) in ('og:image', 'twitter:image'):
            self.cards.append(a.get('content', ''))
        if tag == 'img' and 'alt' not in a:
            self.no_alt.append(a.get('src', '')[:80])
        self.loads += [''.join(m) for m in in_css.findall(a.get('style', ''))]
        if tag in verbatim:
            self.verbatim.append(tag)

    def handle_endtag(self, tag):
        if tag in self.verbatim:
            del self.verbatim[self.verbatim.index(tag) :]

    def handle_data(self, data):
        if not self.verbatim:
            self.raw += re.findall(r'\]\([^)\s]{4,60}', data)
        if self.verbatim[-1:] == ['style']:
            self.loads += [''.join(m) for m in in_css.findall(data)]


def check_files(docs, base, address):
    "Faults that show without a browser, as (page, what)"
    pages, bad, rows = {p.relative_to(docs).as_posix(): Page(p) for p in sorted(docs.rglob('*.html'))}, [], []
    if 'index.html' not in pages:
        sys.exit(f'{docs} holds no index.html')

    def local(name, url):
        "The file and the anchor in `docs` that `url` on page `name` means; None where it leads elsewhere"
        if url.startswith(address):
            url = base + url[len(address) :]
        to = urlsplit(urljoin(f'//site{base}/{name}', url, allow_fragments=True))
        if to.scheme not in ('', 'http', 'https') or to.netloc != 'site':
            return None
        if not (to.path + '/').startswith(base + '/'):
            return to.path, ''
        path = unquote(to.path[len(base) :]).lstrip('/')
        return path + 'index.html' if path.endswith('/') or not path else path, unquote(to.fragment)

    for name, page in pages.items():
        for url in page.links:
            to = local(name, url)
            if to is None or url in ('', '#'):
                continue
            path, anchor = to
            if not (docs / path).is_file():
                bad.append((name, f'dead link: {url}'))
            elif anchor and path in pages and anchor not in pages[path].ids:
                bad.append((name, f'dead anchor: {url}'))
        weight, seen = (docs / name).stat().st_size, set()
        for url in page.loads:
            if url.startswith(('data:', 'blob:')) or not url:
                continue
            to = local(name, url)
            if to is None:
                bad.append((name, f'loaded from another host: {url}'))
            elif not (docs / to[0]).is_file():
                bad.append((name, f'missing file: {url}'))
            elif url in page.pictures and to[0] not in seen:
                seen.add(to[0])
                weight += (docs / to[0]).stat().st_size
        for url in page.cards:
            to = local(name, url)
            if not url.startswith(address + '/') or not (docs / to[0]).is_file():
                bad.append((name, f'no such picture for links: {url}'))
        bad += [(name, f'image without alt: {src}') for src in page.no_alt]
        bad += [(name, f'Markdown shown as it is written: {raw}') for raw in page.raw]
        if weight > limit:
            bad.append((name, f'{weight / 1e6:.1f} MB with its pictures'))
        rows.append((weight, len(seen), name))
    for f in sorted(docs.rglob('*.css')):
        bad += [
            (f.relative_to(docs).as_posix(), f'loaded from another host: {"".join(m)}')
            for m in in_css.findall(f.read_text(encoding='utf-8'))
        ]
    print('   kB  pictures  page (HTML and its pictures)')
    for weight, n, name in sorted(rows, reverse=True):
        print(f'{weight / 1e3:5.0f}  {n:8}  {name}')
    shared = sum(f.stat().st_size for f in (docs / 'site_libs').rglob('*') if f.is_file())
    print(f'{shared / 1e3:5.0f}            scripts, styles and icons that all pages share')
    return list(pages), bad


class Server(http.server.SimpleHTTPRequestHandler):
    "The folder below the path that the site will have; what is missing gives 404.html, as on GitHub Pages"

    def __init__(self, *args, base='', **kwargs):
        self.base = base
        super().__init__(*args, **kwargs)

    def translate_path(self, path):
        inside = (path + '/').startswith(self.base + '/')
        return super().translate_path(path[len(self.base) :] if inside else '/outside/' + path)

    def send_error(self, code, *args, **kwargs):
        page = Path(self.directory) / '404.html'
        if code != 404 or not page.is_file():
            return super().send_error(code, *args, **kwargs)
        body = page.read_bytes()
        self.send_response(404)
        for k, v in (('Content-Type', 'text/html'), ('Content-Length', str(len(body)))):
            self.send_header(k, v)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def detail(node):
    "Where axe found a fault, and for a contrast how large it is"
    where = ' '.join(map(str, node['target']))
    m = re.search(
        r'contrast of ([\d.]+) \(foreground color: (#\w+), background color: (#\w+)', node.get('failureSummary') or ''
    )
    return f'{where}: {m[1]}, {m[2]} on {m[3]}' if m else where


def look(root, exe, urls, scheme, width):
    "Meet every page in one theme and one width: the faults as (page, what), the milder rules as {rule: pages}"
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    start, at, bad, mild = time.monotonic(), f'{scheme}, {width} px', [], {}
    options = {'resultTypes': ['violations'], 'elementRef': False, 'preload': False}
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=exe, args=['--no-sandbox'] if os.geteuid() == 0 else [])
        context = browser.new_context(
            color_scheme=scheme, reduced_motion='reduce', viewport=dict(width=width, height=900)
        )
        # nothing leaves this machine: a page that asks is refused, and told on
        context.route(
            lambda url: url.startswith('http') and not url.startswith(root),
            lambda route: (bad.append((name, f'{at}: asked of another host: {route.request.url}')), route.abort()),
        )
        tab = context.new_page()
        tab.on('pageerror', lambda e: bad.append((name, f'{at}: a script failed: {str(e)[:200]}')))
        tab.on(
            'response',
            lambda r: (
                bad.append((name, f'{at}: {r.status} for {r.url[len(root) :]}'))
                if r.status >= 400 and r.request.resource_type != 'document'
                else None
            ),
        )
        for name, url in urls.items():
            tab.goto(url, wait_until='load')
            tab.wait_for_timeout(150)  # Quarto's scripts set up menus after loading
            if tab.evaluate('document.body.classList.contains("quarto-dark")') != (scheme == 'dark'):
                bad.append((name, f'{at}: the page does not show this theme'))
            over = tab.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
            if over > 0:
                bad.append((name, f'{at}: {over} px wider than the window'))
            for v in Axe().run(tab, options=options).response['violations']:
                if v['impact'] not in ('serious', 'critical'):
                    mild.setdefault(f"{v['id']} ({v['impact']})", set()).add(name)
                else:
                    bad += [(name, f"{at}: {v['id']} ({v['impact']}) {detail(n)}") for n in v['nodes']]
        browser.close()
    print(f'{len(urls)} pages in {at}: {time.monotonic() - start:.0f} s', flush=True)
    return bad, mild


def check_browser(docs, base, names):
    "Faults that a browser finds, as (page, what)"
    exe = next(
        filter(None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'))), None
    )
    if exe is None or not (find_spec('playwright') and find_spec('axe_playwright_python')):
        sys.exit(needs)
    server = http.server.ThreadingHTTPServer(
        ('127.0.0.1', 0), functools.partial(Server, directory=str(docs), base=base)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    root = f'http://127.0.0.1:{server.server_port}'
    # the page for wrong addresses is met at a wrong address
    urls = {n: f'{root}{base}/{n if n != "404.html" else "no/such/page.html"}' for n in names}
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        found = list(pool.map(lambda at: look(root, exe, urls, *at), product(schemes, widths)))
    server.shutdown()
    mild = {}
    for _, m in found:
        for rule, where in m.items():
            mild.setdefault(rule, set()).update(where)
    for rule, where in sorted(mild.items()):
        print(f'not counted: {rule} on {len(where)} pages, {min(where)} among them')
    return sorted(b for bad, _ in found for b in bad)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('docs', type=Path)
    parser.add_argument('pages', nargs='*')
    parser.add_argument('--files', action='store_true')
    args = parser.parse_args()
    ini = ConfigParser()
    ini.read(Path(__file__).resolve().parent.parent / 'settings.ini')
    base, host = (ini['DEFAULT'][k].rstrip('/') for k in ('doc_baseurl', 'doc_host'))
    docs = args.docs.resolve()
    names, bad = check_files(docs, base, host + base)
    if unknown := set(args.pages) - set(names):
        sys.exit(f'no such page: {" ".join(sorted(unknown))}')
    if not args.files:
        bad += check_browser(docs, base, args.pages or names)
    for name, what in bad:
        print(f'{name}: {what}')
    print(f'{len(names)} pages, {len(bad)} faults')
    sys.exit(bool(bad))
