# SPDX-License-Identifier: LGPL-2.1-or-later
require 'net/http'

raise unless Net::HTTP.get(URI('http://server.example/')) == 'hello'
raise unless fork { sleep 0 } && Process.wait
puts 'works'
