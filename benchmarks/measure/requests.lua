-- Sends the lines of a file as requests, in an order of its own for each thread, and writes what
-- came of it as JSON. A line: method, path and body, separated by tabs.

local threads = 0
local messages = {}

function setup(thread)
   threads = threads + 1
   thread:set("number", threads)
end

function init(_)
   local headers = { ["Accept"] = "application/json" }
   local token = os.getenv("BENCH_TOKEN")
   if token then headers["Authorization"] = "Bearer " .. token end
   local with_body = { ["Content-Type"] = "application/json" }
   for name, value in pairs(headers) do with_body[name] = value end
   for line in io.lines(os.getenv("BENCH_REQUESTS")) do
      local method, path, body = line:match("^(%u+)\t([^\t]+)\t?(.*)$")
      local own = body ~= "" and with_body or headers
      messages[#messages + 1] = wrk.format(method, path, own, body ~= "" and body or nil)
   end
   math.randomseed(20240115 + number)
end

function request()
   return messages[math.random(#messages)]
end

function done(summary, latency, _)
   local file = io.open(os.getenv("BENCH_RESULT"), "w")
   local errors = summary.errors
   file:write(string.format(
      '{"requests": %d, "seconds": %.6f, "bytes": %d, "connect": %d, "read": %d, "write": %d, ' ..
      '"status": %d, "timeout": %d, "p50_ms": %.3f, "p95_ms": %.3f, "p99_ms": %.3f, "max_ms": %.3f}\n',
      summary.requests, summary.duration / 1e6, summary.bytes,
      errors.connect, errors.read, errors.write, errors.status, errors.timeout,
      latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3,
      latency.max / 1e3))
   file:close()
end
