// SPDX-License-Identifier: LGPL-2.1-or-later
import assert from 'node:assert';
import dns from 'node:dns/promises';
import { Worker } from 'node:worker_threads';

assert.equal(await (await fetch('http://server.example/')).text(), 'hello');
assert.deepEqual(await dns.resolve4('server.example'), ['127.0.0.1']);
await new Promise((done) => new Worker('0', { eval: true }).on('exit', done));
console.log('works');
