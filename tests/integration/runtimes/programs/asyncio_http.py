# SPDX-License-Identifier: LGPL-2.1-or-later
import asyncio


async def main():
    reader, writer = await asyncio.open_connection("server.example", 80)
    writer.write(b"GET / HTTP/1.0\r\n\r\n")
    assert (await reader.read()).endswith(b"hello")
    child = await asyncio.create_subprocess_exec("/bin/echo", "child", stdout=-1)
    assert (await child.communicate())[0] == b"child\n"
    print("works")


asyncio.run(main())
