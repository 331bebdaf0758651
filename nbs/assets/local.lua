-- Run by Quarto after rendering. For any page with an HTML table Quarto adds two scripts that the
-- browser would fetch from another host, for widgets that no page here has: take them out.
for path in (os.getenv('QUARTO_PROJECT_OUTPUT_FILES') or ''):gmatch('[^\n]+') do
  if path:match('%.html$') then
    local file = assert(io.open(path, 'rb'))
    local page = file:read('a')
    file:close()
    page = page:gsub('<script src="https://cdnjs%.cloudflare%.com/[^>]*></script>%s*', '')
    page = page:gsub('<script type="application/javascript">define%(.jquery.-</script>%s*', '')
    file = assert(io.open(path, 'wb'))
    file:write(page)
    file:close()
  end
end
