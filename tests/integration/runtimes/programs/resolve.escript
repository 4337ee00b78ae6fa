#!/usr/bin/env escript
%% SPDX-License-Identifier: LGPL-2.1-or-later
%% inet_res asks by UDP by itself; inet:getaddr has a program of libc's do it
main(_) ->
    case inet_res:resolve("server.example", in, a) of
        {ok, Message} ->
            [Answer] = inet_dns:msg(Message, anlist),
            {127, 0, 0, 1} = inet_dns:rr(Answer, data),
            io:format("works~n");
        {error, Reason} ->
            io:format("~p~n", [Reason]),
            halt(1)
    end.
