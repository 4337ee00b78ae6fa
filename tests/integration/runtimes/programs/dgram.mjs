// SPDX-License-Identifier: LGPL-2.1-or-later
import dgram from 'node:dgram';

const socket = dgram.createSocket('udp4');
socket.send('x', 9, '127.0.0.1', (error) => {
    if (error) throw error;
    console.log('works');
    socket.close();
});
