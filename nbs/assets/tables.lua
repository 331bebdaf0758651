-- Run by Pandoc on each table: a column of numbers is set flush right, so that digits stand under digits, and the
-- table gets a box of its own in which it can scroll on a narrow screen.
local function is_number(cell)
  local text = pandoc.utils.stringify(cell.contents):gsub('[%s,_]', ''):gsub('−', '-')
  if text == '' or text == 'NaN' or text == 'nan' or text == '—' then return nil end
  return text:match('^[+-]?%d*%.?%d+[eE]?[+-]?%d*%%?$') ~= nil
end

function Table(tbl)
  local numeric = {}
  for _, body in ipairs(tbl.bodies) do
    for _, row in ipairs(body.body) do
      for i, cell in ipairs(row.cells) do
        if cell.col_span > 1 or cell.row_span > 1 then return pandoc.Div({tbl}, {class = 'table-box'}) end
        local is = is_number(cell)
        if is == false then numeric[i] = false
        elseif is and numeric[i] == nil then numeric[i] = true end
      end
    end
  end
  for i, spec in ipairs(tbl.colspecs) do
    if numeric[i] then tbl.colspecs[i] = {'AlignRight', spec[2]} end
  end
  return pandoc.Div({tbl}, {class = 'table-box'})
end
