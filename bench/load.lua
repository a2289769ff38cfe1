-- For wrk: GET, or each line of the file BODIES sent once as a form. HEADERS: "Name: value" lines.
-- Ends with one line of figures; times are in microseconds.
local bodies, at = {}, 0

function init(args)
  for name, value in (os.getenv("HEADERS") or ""):gmatch("([^:\n]+): ([^\n]*)") do
    wrk.headers[name] = value
  end
  local path = os.getenv("BODIES")
  if path and path ~= "" then
    for line in io.lines(path) do bodies[#bodies + 1] = line end
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  end
end

if (os.getenv("BODIES") or "") ~= "" then
  function request()
    at = at % #bodies + 1
    return wrk.format(nil, nil, nil, bodies[at])
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("FIGURES %d %d %d %f %f\n", summary.requests, summary.duration,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
