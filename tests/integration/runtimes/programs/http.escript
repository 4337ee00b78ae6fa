#!/usr/bin/env escript
%% SPDX-License-Identifier: LGPL-2.1-or-later
main(_) ->
    {ok, {127, 0, 0, 1}} = inet:getaddr("server.example", inet),
    {ok, Socket} = gen_tcp:connect("server.example", 80, [binary, {active, false}]),
    ok = gen_tcp:send(Socket, "GET / HTTP/1.0\r\nConnection: close\r\n\r\n"),
    {match, _} = re:run(receive_all(Socket, <<>>), "hello$"),
    [ok = Result || Result <- in_parallel(fun() -> ok end, 4)],
    io:format("works~n").

receive_all(Socket, Before) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, Part} -> receive_all(Socket, <<Before/binary, Part/binary>>);
        {error, closed} -> Before
    end.

in_parallel(Task, Count) ->
    Self = self(),
    [spawn_link(fun() -> Self ! {done, Task()} end) || _ <- lists:seq(1, Count)],
    [receive {done, Result} -> Result end || _ <- lists:seq(1, Count)].
