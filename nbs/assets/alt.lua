-- Run by Pandoc on each picture of README.md: what describes it becomes the text that GitHub gives to readers who can't see it.
function Image(img)
  local alt = img.attributes['fig-alt']
  if alt and not FORMAT:match('html') then
    img.caption = {pandoc.Str(alt)}
    img.attributes['fig-alt'] = nil
    return img
  end
end
