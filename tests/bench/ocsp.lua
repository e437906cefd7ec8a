-- ocsp.lua - for wrk: random over the lines of asked.txt, by GET or POST.
-- environment: ASKED (file), METHOD, PREFIX (path), STATIC (one path for all)
local made = {}

function init(args)
	math.randomseed(os.time())
	local prefix, post = os.getenv("PREFIX") or "", os.getenv("METHOD") == "POST"
	local static = os.getenv("STATIC")
	local head = { ["Content-Type"] = "application/ocsp-request" }
	if static then
		made[1] = wrk.format("GET", static)
		return
	end
	for line in io.lines(os.getenv("ASKED")) do
		local path, hex = line:match("^(%S+) (%S+)")
		if post then
			local body = hex:gsub("..", function(h)
				return string.char(tonumber(h, 16))
			end)
			made[#made + 1] = wrk.format("POST", prefix, head, body)
		else
			made[#made + 1] = wrk.format("GET", prefix .. "/" .. path)
		end
	end
end

function request()
	return made[math.random(#made)]
end
