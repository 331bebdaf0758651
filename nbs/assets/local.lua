-- Run by Quarto after rendering.
for path in (os.getenv('QUARTO_PROJECT_OUTPUT_FILES') or ''):gmatch('[^\n]+') do
  if path:match('%.html$') then
    local file = assert(io.open(path, 'rb'))
    local page = file:read('a')
    file:close()
    -- For any page with an HTML table Quarto adds two scripts that the browser would fetch from another host,
    -- for widgets that no page here has: take them out.
    page = page:gsub('<script src="https://cdnjs%.cloudflare%.com/[^>]*></script>%s*', '')
    page = page:gsub('<script type="application/javascript">define%(.jquery.-</script>%s*', '')
    -- The signatures that nbdev shows begin and end with an empty line: take it out.
    page = page:gsub('(<code class="sourceCode[^>]*>)<span id="[^"]*"><a [^>]*></a></span>\n', '%1')
    page = page:gsub('\n<span id="[^"]*"><a [^>]*></a></span></code>', '</code>')
    -- nbdev makes a link of every name it knows: also of one inside a link, and of private ones, which have no heading.
    page = page:gsub('%[(<code>[^<]*</code>)%]%(https?://[^%s)<]*%)', '%1')
    page = page:gsub('<a href="[^"]*#_[%w_]*">(<code>_[%w_]*</code>)</a>', '%1')
    -- The head of a callout that opens is pressed, so it is a button, for the keyboard too; its words are its name.
    page = page:gsub('(<div class="callout%-header [^>]*data%-bs%-toggle="collapse"[^>]*) aria%-label="[^"]*"', '%1 role="button" tabindex="0"')
    -- The first stop of the keyboard: past the menus.
    page = page:gsub('<body[^>]*>', '%0<a class="skip visually-hidden-focusable" href="#quarto-document-content">Skip to the text</a>', 1)
    file = assert(io.open(path, 'wb'))
    file:write(page)
    file:close()
  end
end
